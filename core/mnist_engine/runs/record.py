"""Writing a run down while it happens, so that it can go on whatever ends it."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import msgspec

from mnist_engine.errors import CannotRecord, reason_of
from mnist_engine.nn import save_weights
from mnist_engine.recipes import recipe_text
from mnist_engine.runs.checkpoints import Details, Saved
from mnist_engine.runs.directory import RunDirectory
from mnist_engine.runs.kept import KeptCheckpoints
from mnist_engine.runs.pictures import save_grid
from mnist_engine.runs.writing import LogWriter
from mnist_engine.training.events import (
    CheckpointDue,
    CheckpointSaved,
    EpochDone,
    Event,
    Finished,
    Intervened,
    Resumed,
    SamplesDrawn,
    SavingFailed,
    StepDone,
)
from mnist_engine.training.trainer import Trainer

OnDiskFull = Literal["stop", "continue", "pause"]

LARGEST_SHARE = 0.1
"""Of the time that the checkpoints of epochs may take. Where epochs last milliseconds some of them
have none; at the end there always is one."""

GRIDS_WAITING = 64
"""So many pictures wait for a disk that takes none; of more the oldest are given up."""


@dataclass(frozen=True)
class Keeping:
    """How a run is kept: a checkpoint every so many ``seconds``, besides those of epochs.

    ``on_disk_full`` is what to do where the disk does not take something: end training, go on
    without, or pause until somebody has made room.
    """

    seconds: float = 60.0
    on_disk_full: OnDiskFull = "stop"


def record(
    trainer: Trainer,
    run: RunDirectory,
    keeping: Keeping = Keeping(),
    known: Iterable[Event] = (),
) -> Iterator[Event]:
    """Pass the trainer's events on, having written each down; save where the trainer says so.

    ``known`` are events that the log has already, from the step on at which the trainer begins:
    they are passed on, but not written again. CheckpointDue comes out as CheckpointSaved, or as
    nothing where no checkpoint is worth its time. An intervention is noted after the checkpoint
    that holds it. Sample grids are kept at the end of an epoch alone; the others are for the
    screen.

    The weights are saved before the last event is passed on, so whoever has seen Finished knows
    that nothing is lost. They are saved as well when the iteration is given up before the end
    (Finished, "stopped", is then in the log alone) and when training breaks with an exception, as
    it left them.

    Where the disk does not take something ``keeping`` says what happens: CannotRecord is raised, or
    SavingFailed is passed on, and the trainer paused.
    """
    with _Recorder(trainer, run, keeping, list(known)) as recorder:
        for event in trainer:
            yield from recorder.keep(event)


class _Recorder:
    """The open log of a run, and its checkpoints; leaving it early saves the weights."""

    def __init__(
        self, trainer: Trainer, run: RunDirectory, keeping: Keeping, known: list[Event]
    ) -> None:
        self._trainer = trainer
        self._run = run
        self._keeping = keeping
        self._known = known
        self._recipe = recipe_text(trainer.recipe)
        self._last = Event(step=0)
        self._interventions: list[Intervened] = []  # that no checkpoint holds yet
        self._grids: dict[Path, SamplesDrawn] = {}  # that the disk has not taken yet
        self._measures: dict[str, float] = {}
        self._checkpoints = KeptCheckpoints(run)
        self._saved_at = time.monotonic()
        self._seconds_to_save = 0.0
        self._asked = False
        self._networks_saved = False
        self._log: LogWriter

    def __enter__(self) -> _Recorder:
        try:
            self._run.make_folders()  # who copies runs may have left empty ones out
            self._log = LogWriter(self._run.events, self._known)
        except OSError as error:
            raise self._cannot(self._run.events, error) from error
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None:
            try:
                self._log.close()
            except OSError as error:
                if self._keeping.on_disk_full == "stop":
                    raise self._cannot(self._run.events, error) from error
                # SavingFailed came before the last event, and told it
            return
        # Whatever broke the run is to be heard, not what its rescue meets.
        with suppress(CannotRecord, OSError):
            if not self._networks_saved and kind is not SystemExit:  # at once, someone insisted
                list(self._save_networks())
            if kind is GeneratorExit and not isinstance(self._last, Finished):
                self._log.write(_broken_off(self._last, self._trainer.epoch))
        with suppress(OSError):
            self._log.close()

    def keep(self, event: Event) -> Iterator[Event]:
        """Write ``event`` down; yields it, and what else there is to be told."""
        match event:
            case CheckpointDue():
                yield from self._checkpoint(event)
                return
            case Intervened(what="pause" | "learning rate" | "stop"):
                self._interventions.append(event)
                yield event
                return
            case SamplesDrawn(epoch_end=False):
                yield event
                return
            case SamplesDrawn():
                yield from self._keep_grid(event)
                return
            case EpochDone(measures=measures):
                self._measures = measures
            case Resumed():
                last = max((known.step for known in self._known), default=event.step)
                event = msgspec.structs.replace(event, logged=last)
                yield from self._missing_interventions(event.step)
                if self._log.is_new:  # the old one was lost, and whoever reads asks what this is
                    started = self._trainer.started(step=0)
                    yield from self._write(started)
                    yield started
            case Finished():
                yield from self._save_networks()
        yield from self._write(event)
        yield event
        if isinstance(event, StepDone):
            self._measures = {}  # the weights that were measured are no more
            self._ask_for_checkpoint()

    def _missing_interventions(self, step: int) -> Iterator[Intervened]:
        """Those in the checkpoint at ``step`` whose lines the end of the process prevented."""
        logged = {known.number for known in self._known if isinstance(known, Intervened)}
        for done in self._trainer.interventions.done:
            if done.step == step and done.number not in logged:
                self._interventions.append(done)
                yield done

    def _write(self, event: Event) -> Iterator[SavingFailed]:
        """Append ``event`` to the log, after interventions that no checkpoint was due for."""
        self._last = event
        refused: OSError | None = None
        for line in (*self._interventions, event):
            try:
                self._log.write(line)
            except OSError as error:  # the line follows with the next
                refused = error
        self._interventions.clear()
        if refused is not None:
            yield self._failed(self._run.events, refused)

    # -- checkpoints -----------------------------------------------------------------------------

    def _ask_for_checkpoint(self) -> None:
        """See to it that the trainer stops for one, if the last is too old."""
        if not self._asked and time.monotonic() - self._saved_at > self._keeping.seconds:
            self._asked = True
            self._trainer.control.checkpoint(source="clock")

    def _checkpoint(self, due: CheckpointDue) -> Iterator[Event]:
        """Save where the trainer stands now."""
        begin = time.monotonic()
        share = self._seconds_to_save / max(begin - self._saved_at, 1e-9)
        last = due.step == self._trainer.total_steps
        if due.reason == "epoch" and share > LARGEST_SHARE and not last:
            return
        try:
            self._log.sync()
            checkpoint = self._checkpoints.save(self._saved())
        except OSError as error:
            yield self._failed(self._run.checkpoints, error)
            return
        finally:
            self._asked = False
            self._saved_at = time.monotonic()
            self._seconds_to_save = self._saved_at - begin
        file = f"{self._run.checkpoints.name}/{checkpoint.path.name}"
        saved = CheckpointSaved(step=due.step, seconds=due.seconds, file=file)
        yield from self._write(saved)
        yield saved
        self._checkpoints.prune()
        yield from self._save_grids()

    def _saved(self) -> Saved:
        """What a checkpoint holds now."""
        arrays, progress = self._trainer.state()
        details = Details(
            progress=progress,
            recipe=self._recipe,
            data=self._trainer.data_digest,
            measures=self._measures,
        )
        return Saved(arrays, details)

    # -- pictures and weights --------------------------------------------------------------------

    def _keep_grid(self, event: SamplesDrawn) -> Iterator[Event]:
        """Save the grid as PNG and log it without its pixels; yields the event with its file."""
        complete = event.step == event.epoch * self._trainer.batches.per_epoch
        name = f"epoch-{event.epoch:04d}.png" if complete else f"step-{event.step:06d}.png"
        event = msgspec.structs.replace(event, file=f"{self._run.samples.name}/{name}")
        self._grids[self._run.samples / name] = event
        yield from self._save_grids()
        yield from self._write(msgspec.structs.replace(event, images=b""))
        yield event

    def _save_grids(self) -> Iterator[SavingFailed]:
        """Save the grids that wait; what the disk refuses waits on."""
        for path in list(self._grids)[:-GRIDS_WAITING]:
            del self._grids[path]
        for path, samples in list(self._grids.items()):
            try:
                save_grid(samples, path)
            except OSError as error:
                yield self._failed(path, error)
                return
            del self._grids[path]

    def _save_networks(self) -> Iterator[Event]:
        """Save the weights of all networks as they are now, and log it."""
        self._networks_saved = True
        folder = self._run.weights
        try:
            for name, network in self._trainer.saved_networks().items():
                save_weights(network, folder / f"{name}.safetensors")
        except OSError as error:
            yield self._failed(folder, error)
        else:
            saved = CheckpointSaved(
                step=self._last.step, seconds=self._last.seconds, file=folder.name
            )
            yield from self._write(saved)
            yield saved
        yield from self._save_grids()

    def _failed(self, path: Path, error: OSError) -> SavingFailed:
        """What to say of it; CannotRecord where that is the end."""
        if self._keeping.on_disk_full == "stop":
            raise self._cannot(path, error) from error
        if self._keeping.on_disk_full == "pause" and not self._trainer.control.pause_wanted:
            self._trainer.control.pause(source="disk")
        return SavingFailed(
            step=self._last.step,
            seconds=self._trainer.seconds,
            file=str(path),
            reason=reason_of(error),
        )

    def _cannot(self, path: Path, error: OSError) -> CannotRecord:
        return CannotRecord(
            f"{path}: cannot be written ({reason_of(error)}); training has ended; once it can be, "
            f"`mnist-tui resume {self._run.path}` goes on"
        )


def _broken_off(last: Event, epoch: int) -> Finished:
    return Finished(step=last.step, seconds=last.seconds, epoch=epoch, ending="stopped")
