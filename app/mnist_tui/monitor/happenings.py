"""What happened in a run, in words: a line a happening."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from mnist_engine.training.events import (
    Alarm,
    CheckpointSaved,
    Cleared,
    Diverged,
    EpochDone,
    Event,
    Finished,
    Intervened,
    Resumed,
    SavingFailed,
)
from mnist_tui.figures import deed
from mnist_tui.monitor.curves import HELD_OUT

Tone = Literal["plain", "quiet", "hand", "trouble", "printed"]
"""Of what goes on by itself, of what nobody need read, of what people did, of what went wrong, and
of what something in the process printed."""


@dataclass(frozen=True)
class Happening:
    """Something at a ``step``, in words."""

    step: int
    text: str
    tone: Tone = "plain"


def latest_happenings(events: Sequence[Event]) -> Iterator[Happening]:
    """What the newest of ``events`` tell, newest first.

    A checkpoint of an epoch's end is told with the epoch.
    """
    saved: int | None = None
    for place in range(len(events) - 1, -1, -1):
        event = events[place]
        if isinstance(event, CheckpointSaved) and not event.is_weights:
            former = events[place - 1] if place else None
            if isinstance(former, EpochDone) and former.step == event.step:
                saved = event.step
                continue
        told = happening(event)
        if told is None:
            continue
        if isinstance(event, EpochDone) and saved == event.step:
            told = replace(told, text=f"{told.text}; saved")
        yield told


def happening(event: Event) -> Happening | None:
    """``event`` in words; None where it is of a kind that needs none."""
    step = event.step
    match event:
        case EpochDone(epoch=epoch, measures=measures):
            return Happening(step, _with(f"epoch {epoch}", _parts(measures)))
        case Alarm(level=level, name=name, text=text):
            return Happening(step, f"{level}: {name}: {text}", "trouble")
        case Cleared(name=name):
            return Happening(step, f"over: {name}")
        case Intervened():
            return Happening(step, f"{deed(event)} (by {event.source})", "hand")
        case CheckpointSaved():
            what = "weights" if event.is_weights else "checkpoint"
            return Happening(step, f"{what} saved", "quiet")
        case SavingFailed(file=file, reason=reason):
            return Happening(step, f"{file} is not saved: {reason}", "trouble")
        case Diverged():
            return Happening(step, f"diverged: {event.text}", "trouble")
        case Resumed(faults=faults):
            found = "".join(f"; passed over: {fault}" for fault in faults)
            return Happening(step, f"training goes on from here{found}", "hand")
        case Finished():
            return Happening(step, _end(event))
    return None


def _end(finished: Finished) -> str:
    verb = "finished" if finished.ending == "completed" else finished.ending
    accuracy = finished.test_accuracy
    parts = [] if accuracy is None else [f"test accuracy {accuracy:.2%}"]
    return _with(verb, parts + _distance(finished.measures))


def _parts(measures: Mapping[str, float]) -> list[str]:
    """What is told of an epoch's measures; losses are curves."""
    parts = []
    if "validation accuracy" in measures:
        parts.append(f"accuracy {measures['validation accuracy']:.2%}")
    for of_real, of_generated, what, form in HELD_OUT:
        real, generated = measures.get(of_real), measures.get(of_generated)
        if real is not None and generated is not None:
            right = f"{what} on " if what else ""
            parts.append(f"D {right}{real:{form}} real, {generated:{form}} generated")
    return parts + _distance(measures)


def _distance(measures: Mapping[str, float]) -> list[str]:
    return [f"FID {measures['FID']:.2f}"] if "FID" in measures else []


def _with(what: str, parts: list[str]) -> str:
    return f"{what}: {', '.join(parts)}" if parts else what
