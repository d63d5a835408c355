"""Writing a run down while it happens."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import msgspec
import safetensors.numpy
from numpy.typing import NDArray

from mnist_engine.nn import Module
from mnist_engine.runs.directory import RunDirectory
from mnist_engine.runs.pictures import save_grid
from mnist_engine.training.events import (
    CheckpointSaved,
    Event,
    Finished,
    SamplesDrawn,
    Started,
    StepDone,
)
from mnist_engine.training.trainer import Trainer

FLUSH_SECONDS = 1.0
"""A reader of the log is at most this far behind."""


def record(trainer: Trainer, run: RunDirectory) -> Iterator[Event]:
    """Pass the trainer's events on, having written each down.

    The weights are saved before the last event is passed on, so whoever has seen Finished knows that
    nothing is lost. Sample grids are kept at the end of an epoch alone; the others are for the screen.
    OSError where the disk does not take it.
    """
    encoder = msgspec.json.Encoder()
    steps_per_epoch = 0
    flushed = time.monotonic()
    with run.events.open("ab") as log:
        for event in trainer:
            if isinstance(event, Started):
                steps_per_epoch = event.steps_per_epoch
            written = event
            if isinstance(event, SamplesDrawn):
                if not event.epoch_end:
                    yield event
                    continue
                event, written = _keep_grid(event, run, steps_per_epoch)
            if isinstance(event, Finished):
                saved = save_weights(trainer.saved_networks(), run, event)
                log.write(encoder.encode(saved) + b"\n")
                yield saved
            log.write(encoder.encode(written) + b"\n")
            now = time.monotonic()
            if not isinstance(event, StepDone) or now - flushed > FLUSH_SECONDS:
                log.flush()
                flushed = now
            yield event


def save_weights(networks: dict[str, Module], run: RunDirectory, at: Event) -> CheckpointSaved:
    """Write one safetensors file a network, whole or not at all; the event that says so."""
    for name, network in networks.items():
        save_state(run.weights / f"{name}.safetensors", network.state_dict(), at.step)
    return CheckpointSaved(step=at.step, seconds=at.seconds, file=run.weights.name)


def save_state(path: Path, state: dict[str, NDArray], step: int) -> None:  # type: ignore[type-arg]
    """Write arrays by name to a safetensors file; an older file stays until the new one is complete."""
    unfinished = path.with_suffix(".unfinished")
    safetensors.numpy.save_file(state, unfinished, {"format": "pt", "step": str(step)})
    unfinished.replace(path)


def _keep_grid(
    event: SamplesDrawn, run: RunDirectory, steps_per_epoch: int
) -> tuple[SamplesDrawn, SamplesDrawn]:
    """Save the grid as PNG: the event with its file, and the same without the pixels, for the log."""
    complete = event.step == event.epoch * steps_per_epoch
    name = f"epoch-{event.epoch:04d}.png" if complete else f"step-{event.step:06d}.png"
    save_grid(event, run.samples / name)
    event = msgspec.structs.replace(event, file=f"{run.samples.name}/{name}")
    return event, msgspec.structs.replace(event, images=b"")
