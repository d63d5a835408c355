"""Writing a run down while it happens."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

import msgspec

from mnist_engine.errors import CannotRecord
from mnist_engine.nn import Module, save_weights
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

    The weights are saved before the last event is passed on, so whoever has seen Finished knows
    that nothing is lost. They are saved as well when the iteration is given up before the end
    (Finished, "stopped", is then in the log alone) and when training breaks with an exception, as
    it left them. Sample grids are kept at the end of an epoch alone; the others are for the screen.

    Raises CannotRecord where the disk does not take it.
    """
    with _Recorder(trainer, run) as recorder:
        for event in trainer:
            if isinstance(event, SamplesDrawn) and not event.epoch_end:
                yield event
            elif isinstance(event, SamplesDrawn):
                yield recorder.keep_grid(event)
            elif isinstance(event, Finished):
                yield recorder.save_networks()
                recorder.write(event)
                yield event
            else:
                recorder.write(event)
                yield event


class _Recorder:
    """The open log of a run; leaving it early saves the weights."""

    def __init__(self, trainer: Trainer, run: RunDirectory) -> None:
        self._trainer = trainer
        self._run = run
        self._encoder = msgspec.json.Encoder()
        self._steps_per_epoch = 0
        self._last = Event(step=0)
        self._saved = False
        self._flushed = time.monotonic()
        self._log: BinaryIO

    def __enter__(self) -> _Recorder:
        with _naming(self._run.events):
            self._log = self._run.events.open("ab")
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None:
            with _naming(self._run.events):
                self._log.close()
            return
        # Whatever broke the run is to be heard, not what its rescue meets.
        with suppress(CannotRecord):
            if not self._saved and kind is not SystemExit:  # SystemExit: at once, someone insisted
                self.save_networks()
            if kind is GeneratorExit and not isinstance(self._last, Finished):
                self.write(_broken_off(self._last, self._trainer.epoch))
        with suppress(OSError):
            self._log.close()

    def write(self, event: Event) -> None:
        """Append ``event`` to the log; steps reach the disk together, all others at once."""
        if isinstance(event, Started):
            self._steps_per_epoch = event.steps_per_epoch
        self._last = event
        with _naming(self._run.events):
            self._log.write(self._encoder.encode(event) + b"\n")
            now = time.monotonic()
            if not isinstance(event, StepDone) or now - self._flushed > FLUSH_SECONDS:
                self._log.flush()
                self._flushed = now

    def keep_grid(self, event: SamplesDrawn) -> SamplesDrawn:
        """Save the grid as PNG and log it without its pixels; the event with its file."""
        complete = event.step == event.epoch * self._steps_per_epoch
        name = f"epoch-{event.epoch:04d}.png" if complete else f"step-{event.step:06d}.png"
        path = self._run.samples / name
        with _naming(path):
            save_grid(event, path)
        event = msgspec.structs.replace(event, file=f"{self._run.samples.name}/{name}")
        self.write(msgspec.structs.replace(event, images=b""))
        return event

    def save_networks(self) -> CheckpointSaved:
        """Save the weights of all networks as they are now, and log it."""
        self._saved = True
        saved = save_networks(self._trainer.saved_networks(), self._run, self._last)
        self.write(saved)
        return saved


def save_networks(networks: dict[str, Module], run: RunDirectory, at: Event) -> CheckpointSaved:
    """Write one safetensors file a network, whole or not at all; the event that says so.

    Raises CannotRecord.
    """
    for name, network in networks.items():
        path = run.weights / f"{name}.safetensors"
        with _naming(path):
            save_weights(network, path)
    return CheckpointSaved(step=at.step, seconds=at.seconds, file=run.weights.name)


def _broken_off(last: Event, epoch: int) -> Finished:
    return Finished(step=last.step, seconds=last.seconds, epoch=epoch, ending="stopped")


@contextmanager
def _naming(path: Path) -> Iterator[None]:
    """Turn an error of the system into one that says what could not be written."""
    try:
        yield
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise CannotRecord(f"{path}: cannot be written ({reason}); training has ended") from error
