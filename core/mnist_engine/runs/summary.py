"""A run in a line: what it is, how far it came, how well it did, and whether anybody trains it.

Lists hold hundreds of runs with logs of hundreds of megabytes, so of a long log only its beginning
and its end are read. The best epoch may lie in between: it has its checkpoint, which tells the
measures in its header. (Where epochs last milliseconds not every one has: then it is the best of
those that do.)
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from typing import Literal

import msgspec

from mnist_engine.errors import BadInput, reason_of
from mnist_engine.runs.best import FOREMOST, best_of
from mnist_engine.runs.checkpoints import checkpoints_of, read_details
from mnist_engine.runs.directory import Parent, RunDirectory
from mnist_engine.runs.lock import is_locked
from mnist_engine.runs.log import Log
from mnist_engine.runs.state import RunState
from mnist_engine.training.events import (
    EpochDone,
    Event,
    Finished,
    Started,
    Task,
    decode_event,
)

State = Literal[
    "starting", "running", "paused", "finished", "stopped", "diverged", "crashed", "damaged"
]
"""Where a run stands. "crashed": nobody trains it, and its log does not end as a run's does."""

ENDINGS: dict[str, State] = {"completed": "finished", "stopped": "stopped", "diverged": "diverged"}

SHORT_LOG = 8 << 20
"""Bytes; of a log up to here all epochs are read, which takes some hundredths of a second."""

EPOCH = b'{"event":"epoch"'


class Best(msgspec.Struct, frozen=True):
    """The best ``value`` that a measure had at the end of an epoch or of the run."""

    measure: str
    value: float


class Summary(msgspec.Struct, frozen=True, kw_only=True):
    """What a list says of a run.

    ``seconds`` is training time. Of a run that is "damaged" the rest says what can be known, and
    ``fault`` what is wrong.
    """

    name: str
    path: str
    state: State
    task: Task | None = None
    recipe: str = ""
    step: int = 0
    total_steps: int = 0
    seconds: float = 0.0
    best: Best | None = None
    began: str = ""
    parent: Parent | None = None
    fault: str = ""


def summarise(run: RunDirectory) -> Summary:
    """The summary of ``run``; whatever its files are like, this does not fail."""
    # What it is called here, where a link leads to it; "." and ".." are no names.
    named = run.path if run.path.name not in ("", "..") else run.path.resolve()
    summary = Summary(name=named.name, path=str(run.path), state="damaged")
    try:
        info = run.read_info()
        summary = msgspec.structs.replace(
            summary, recipe=info.recipe, began=info.began, parent=info.parent
        )
        return _with_log(summary, run)
    except BadInput as error:
        return msgspec.structs.replace(summary, fault=str(error))
    except OSError as error:
        fault = f"{error.filename}: cannot be read ({reason_of(error)})"
        return msgspec.structs.replace(summary, fault=fault)


def _with_log(summary: Summary, run: RunDirectory) -> Summary:
    trained = is_locked(run)  # asked first: a run that ends meanwhile has its last line by then
    if not run.events.exists():
        return msgspec.structs.replace(summary, state="starting" if trained else "crashed")
    log = Log(run.events)
    started, events = log.first(), log.end()
    if not isinstance(started, Started):
        if events:
            raise BadInput(f"{run.events}: is damaged (its first line does not say what was run)")
        started = None
    state = RunState()
    for event in [started, *events] if started else []:
        state.apply(event)
    now = state.snapshot()
    last = events[-1] if events else None
    if isinstance(last, Finished):
        word = ENDINGS[last.ending]
    elif trained:
        word = "paused" if now.phase == "paused" else "running" if started else "starting"
    else:
        word = "crashed"
    return msgspec.structs.replace(
        summary,
        state=word,
        task=started.task if started else None,
        step=now.step,
        total_steps=started.total_steps if started else 0,
        seconds=now.seconds,
        best=_best([*_measures_of(events), *_earlier_measures(run)]),
    )


def _best(measures: list[Mapping[str, float]]) -> Best | None:
    """The best value of the foremost measure that is measured at all."""
    for name in FOREMOST:
        values = [each[name] for each in measures if name in each]
        if values:
            return Best(name, best_of(name, values))
    return None


def _measures_of(events: Iterable[Event]) -> Iterator[Mapping[str, float]]:
    for event in events:
        if isinstance(event, EpochDone | Finished):
            yield event.measures


def _earlier_measures(run: RunDirectory) -> Iterator[Mapping[str, float]]:
    """Of a short log all epochs', of a long one those of the epochs that are kept."""
    if run.events.stat().st_size <= SHORT_LOG:
        with run.events.open("rb") as log:
            epochs = (decode_event(line) for line in log if line.startswith(EPOCH))
            yield from _measures_of(event for event in epochs if event is not None)
        return
    for checkpoint in checkpoints_of(run):
        with suppress(BadInput):  # whoever goes on from it hears what is wrong
            yield read_details(checkpoint.path).measures
