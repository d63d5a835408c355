"""When a run is saved, and what happens where the disk does not take it."""

from __future__ import annotations

import errno
import math
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from mnist_engine.errors import CannotRecord
from mnist_engine.runs import kept
from mnist_engine.runs import record as recording
from mnist_engine.runs.checkpoints import checkpoints_of, newest_whole, read_details
from mnist_engine.runs.directory import RunDirectory, create_run
from mnist_engine.runs.record import Keeping, record
from mnist_engine.runs.state import RunState
from mnist_engine.training import TrainControl, Trainer, make_trainer
from mnist_engine.training.events import (
    CheckpointSaved,
    EpochDone,
    Event,
    Finished,
    Intervened,
    SavingFailed,
    StepDone,
    decode_event,
)

AS_USUAL = Keeping()


@pytest.fixture
def run(tmp_path: Path, make_recipe: Any) -> RunDirectory:
    return create_run(make_recipe("classify"), tmp_path / "run")


@pytest.fixture
def trainer(make_recipe: Any, make_dataset: Any) -> Trainer:
    """Two epochs of four steps."""
    return make_trainer(make_recipe("classify"), make_dataset(), TrainControl())


@pytest.fixture
def every_epoch_is_saved(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recording, "LARGEST_SHARE", math.inf)


def log_of(run: RunDirectory) -> list[Event]:
    events = [decode_event(line) for line in run.events.read_bytes().splitlines()]
    return [event for event in events if event is not None]


def saved_in(events: list[Event]) -> list[tuple[int, str]]:
    """Steps and files of the checkpoints, without the weights at the end."""
    return [
        (event.step, event.file.removeprefix("checkpoints/").removesuffix(".safetensors"))
        for event in events
        if isinstance(event, CheckpointSaved) and event.file != "weights"
    ]


def train(
    trainer: Trainer,
    run: RunDirectory,
    after: dict[int, Callable[[TrainControl], None]] | None = None,
    keeping: Keeping = AS_USUAL,
) -> list[Event]:
    """All that is passed on; ``after`` tells what is asked after which step."""
    events = []
    for event in record(trainer, run, keeping):
        events.append(event)
        if isinstance(event, StepDone) and after and event.step in after:
            after[event.step](trainer.control)
    return events


def pause_and_go_on(control: TrainControl) -> None:
    control.pause()
    control.resume()


# --- when ---------------------------------------------------------------------------------------


@pytest.mark.usefixtures("every_epoch_is_saved")
@pytest.mark.parametrize(
    ("ask", "steps"),
    [
        (None, [4, 8]),
        (pause_and_go_on, [4, 6, 8]),
        (lambda control: control.scale_learning_rate(0.5), [4, 6, 8]),
        (lambda control: control.checkpoint(), [4, 6, 8]),
        (lambda control: control.stop(), [4, 6]),
    ],
)
def test_a_run_is_saved_after_epochs_and_whatever_is_asked(
    ask: Callable[[TrainControl], None] | None,
    steps: list[int],
    trainer: Trainer,
    run: RunDirectory,
) -> None:
    events = train(trainer, run, {6: ask} if ask else None)
    assert saved_in(events) == saved_in(log_of(run))
    assert [step for step, _ in saved_in(events)] == steps
    assert [one.step for one in checkpoints_of(run)] == steps


def test_the_clock_asks_for_a_checkpoint_when_the_last_is_too_old(
    trainer: Trainer, run: RunDirectory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A step takes 10 seconds here, and nothing else takes any."""
    now = [1000.0]
    monkeypatch.setattr(recording.time, "monotonic", lambda: now[0])
    monkeypatch.setattr(recording, "LARGEST_SHARE", -1.0)  # epochs of themselves save nothing
    step = trainer.step

    def slow(*arguments: Any) -> Any:
        now[0] += 10
        return step(*arguments)

    trainer.step = slow  # type: ignore[method-assign]
    events = train(trainer, run, keeping=Keeping(seconds=25))
    assert [at for at, _ in saved_in(events)] == [3, 6, 8], "and the end in any case"


def test_epochs_that_last_no_longer_than_their_saving_are_saved_at_times(
    make_recipe: Any, make_dataset: Any, run: RunDirectory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Saving takes a second here and an epoch four: a tenth of the time is enough for the rest."""
    now = [1000.0]
    monkeypatch.setattr(recording.time, "monotonic", lambda: now[0])
    save = kept.save_checkpoint

    def slow_save(*arguments: Any) -> Any:
        now[0] += 1
        return save(*arguments)

    monkeypatch.setattr(kept, "save_checkpoint", slow_save)
    recipe = make_recipe("classify", epochs=9)
    trainer = make_trainer(recipe, make_dataset(), TrainControl())
    events = []
    for event in record(trainer, run):
        events.append(event)
        now[0] += isinstance(event, StepDone)
    assert [at // 4 for at, _ in saved_in(events)] == [1, 4, 7, 9]


def test_a_checkpoint_comes_before_the_line_of_its_intervention(
    trainer: Trainer, run: RunDirectory
) -> None:
    """Whoever reads of an intervention can go on from behind it."""
    for event in record(trainer, run):
        if isinstance(event, StepDone) and event.step == 2:
            trainer.control.scale_learning_rate(0.5)
        if isinstance(event, Intervened):
            assert not any(isinstance(line, Intervened) for line in log_of(run))
        if isinstance(event, CheckpointSaved):
            saved, _ = newest_whole(run)
            assert saved is not None
            assert len(saved.details.progress.interventions) == 1
            intervened, noted = log_of(run)[-2:]
            assert isinstance(intervened, Intervened)
            assert noted == event
            break


def test_only_the_end_of_an_epoch_has_its_measures(
    trainer: Trainer, run: RunDirectory, every_epoch_is_saved: None
) -> None:
    """The best checkpoint is one whose weights were measured."""
    events = train(trainer, run, {6: lambda control: control.checkpoint()})
    measured = [event.measures for event in events if isinstance(event, EpochDone)]
    saved = [read_details(one.path).measures for one in checkpoints_of(run)]
    assert saved == [measured[0], {}, measured[1]]


# --- a disk that takes nothing ------------------------------------------------------------------


class Disk:
    """Takes checkpoints unless it is ``full``."""

    def __init__(self) -> None:
        self.full = False
        self._save = kept.save_checkpoint

    def save(self, *arguments: Any) -> Any:
        if self.full:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return self._save(*arguments)


@pytest.fixture
def disk(monkeypatch: pytest.MonkeyPatch, every_epoch_is_saved: None) -> Disk:
    disk = Disk()
    monkeypatch.setattr(kept, "save_checkpoint", disk.save)
    return disk


def test_a_full_disk_ends_the_run_and_the_last_checkpoint_stays_good(
    disk: Disk, trainer: Trainer, run: RunDirectory
) -> None:
    def fill(control: TrainControl) -> None:
        disk.full = True

    with pytest.raises(CannotRecord) as fault:
        train(trainer, run, {5: fill}, Keeping(on_disk_full="stop"))
    assert str(fault.value) == (
        f"{run.checkpoints}: cannot be written (No space left on device); training has ended; "
        f"once it can be, `mnist-tui resume {run.path}` goes on"
    )
    saved, faults = newest_whole(run)
    assert saved is not None
    assert (saved.details.progress.steps, faults) == (4, ())


def test_on_a_full_disk_training_can_go_on_without(
    disk: Disk, trainer: Trainer, run: RunDirectory
) -> None:
    disk.full = True
    events = train(trainer, run, keeping=Keeping(on_disk_full="continue"))
    failed = [event for event in events if isinstance(event, SavingFailed)]
    assert [(each.step, each.file, each.reason) for each in failed] == [
        (4, str(run.checkpoints), "No space left on device"),
        (8, str(run.checkpoints), "No space left on device"),
    ]
    assert isinstance(events[-1], Finished)
    assert events[-1].ending == "completed"
    assert checkpoints_of(run) == []


def test_on_a_full_disk_training_pauses_until_somebody_lets_it_go_on(
    disk: Disk, trainer: Trainer, run: RunDirectory
) -> None:
    disk.full = True
    events: Iterator[Event] = record(trainer, run, Keeping(on_disk_full="pause"))
    failed = next(event for event in events if isinstance(event, SavingFailed))
    paused = next(event for event in events if isinstance(event, Intervened))
    assert (failed.step, paused.step, paused.what, paused.source) == (4, 4, "pause", "disk")
    assert isinstance(next(events), SavingFailed), "the pause would have been saved as well"
    disk.full = False
    trainer.control.resume()
    rest = list(events)
    assert [event.what for event in rest if isinstance(event, Intervened)] == ["resume"]
    assert [at for at, _ in saved_in(rest)] == [8]
    assert [event.step for event in rest if isinstance(event, StepDone)] == [5, 6, 7, 8]


def test_no_line_is_lost_or_doubled_where_the_log_was_refused_for_a_while(
    trainer: Trainer, run: RunDirectory, monkeypatch: pytest.MonkeyPatch
) -> None:
    write, full = os.write, [False]

    def refuse(file: int, content: Any) -> int:
        if full[0]:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return write(file, content)

    monkeypatch.setattr("mnist_engine.runs.writing.os.write", refuse)

    def fill(control: TrainControl) -> None:
        full[0] = True
        control.scale_learning_rate(0.5)

    def empty(control: TrainControl) -> None:
        full[0] = False

    keeping = Keeping(on_disk_full="continue")
    events = train(trainer, run, {2: fill, 6: empty}, keeping)
    assert any(isinstance(event, SavingFailed) for event in events)
    log = log_of(run)
    assert [event.step for event in log if isinstance(event, StepDone)] == list(range(1, 9))
    assert [event.number for event in log if isinstance(event, Intervened)] == [1]
    assert [event.epoch for event in log if isinstance(event, EpochDone)] == [1, 2]


def test_pictures_that_were_refused_for_a_while_are_there_in_the_end(
    trainer: Trainer, run: RunDirectory
) -> None:
    elsewhere = run.path / "elsewhere"

    def take_away(control: TrainControl) -> None:
        run.samples.rename(elsewhere)

    def give_back(control: TrainControl) -> None:
        elsewhere.rename(run.samples)

    events = train(trainer, run, {2: take_away, 6: give_back}, Keeping(on_disk_full="continue"))
    failed = [event for event in events if isinstance(event, SavingFailed)]
    assert {(each.step, Path(each.file).name) for each in failed} == {(4, "epoch-0001.png")}
    assert sorted(path.name for path in run.samples.iterdir()) == [
        "epoch-0001.png",
        "epoch-0002.png",
    ]


def test_a_run_whose_last_checkpoint_was_refused_says_so_to_the_end(
    disk: Disk, trainer: Trainer, run: RunDirectory
) -> None:
    def fill(control: TrainControl) -> None:
        disk.full = True

    state = RunState()
    for event in train(trainer, run, {6: fill}, Keeping(on_disk_full="continue")):
        state.apply(event)
    end = state.snapshot()
    assert end.phase == "finished"
    assert end.weights is not None
    assert end.saving_failed is not None
    assert end.saving_failed.step == 8
