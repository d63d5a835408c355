"""The way back from a training that diverged."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import msgspec
import numpy as np
import pytest

from mnist_engine.runs.beginning import begin_run, create_branch, put_on_branch
from mnist_engine.runs.checkpoints import Saved, checkpoints_of, save_checkpoint
from mnist_engine.runs.directory import RunDirectory
from mnist_engine.runs.going_back import last_good, slow_down
from mnist_engine.runs.log import Log
from mnist_engine.runs.record import Keeping
from mnist_engine.runs.rerunning import rerun_of
from mnist_engine.runs.state import RunState, Snapshot
from mnist_engine.training.events import Intervened, StepDone

from .resumable import Desk, newest


@pytest.fixture
def desk(make_recipe: Callable, make_dataset: Callable) -> Desk:
    return Desk(make_recipe("classify"), make_dataset())


def state_of(losses: list[float]) -> Snapshot:
    """A run with these losses, step by step."""
    state = RunState()
    for number, loss in enumerate(losses, 1):
        state.apply(StepDone(step=number, epoch=1, losses={"classifier": loss}, learning_rates={}))
    return state.snapshot()


def with_checkpoints(
    desk: Desk, path: Path, *steps: int, broken: tuple[int, ...] = ()
) -> RunDirectory:
    """A run with checkpoints of these steps, some of them with a NaN in them."""
    run = desk.begin(path)
    saved = newest(run)
    for checkpoint in checkpoints_of(run):
        checkpoint.path.unlink()
        checkpoint.checksum.unlink()
    for step in steps:
        progress = msgspec.structs.replace(saved.details.progress, steps=step)
        arrays = {name: array.copy() for name, array in saved.arrays.items()}
        if step in broken:
            arrays["classifier/0.weight"].flat[0] = np.nan
        details = msgspec.structs.replace(saved.details, progress=progress)
        save_checkpoint(run, Saved(arrays, details))
    return run


def step_of(saved: Saved | None) -> int | None:
    return None if saved is None else saved.details.progress.steps


def test_it_is_the_newest_whose_losses_were_of_a_usual_size(desk: Desk, tmp_path: Path) -> None:
    run = with_checkpoints(desk, tmp_path / "run", 2, 4, 6)
    assert step_of(last_good(run, state_of([2.0] * 8))) == 6
    assert step_of(last_good(run, state_of([2.0] * 5 + [1e6] * 3))) == 4
    assert step_of(last_good(run, state_of([2.0] * 2 + [1e6] * 6))) == 2


def test_where_losses_have_no_usual_size_it_is_the_newest(desk: Desk, tmp_path: Path) -> None:
    run = with_checkpoints(desk, tmp_path / "run", 2, 4)
    assert step_of(last_good(run, state_of([0.001, 3.0, 5.0, 9.0, 9.0]))) == 4


def test_what_is_not_finite_or_damaged_is_passed_over(desk: Desk, tmp_path: Path) -> None:
    run = with_checkpoints(desk, tmp_path / "run", 2, 4, 6, broken=(6,))
    assert step_of(last_good(run, state_of([2.0] * 8))) == 4
    checkpoints_of(run)[1].path.write_bytes(b"no checkpoint")
    assert step_of(last_good(run, state_of([2.0] * 8))) == 2


def test_without_a_checkpoint_there_is_only_the_beginning(desk: Desk, tmp_path: Path) -> None:
    run = with_checkpoints(desk, tmp_path / "run")
    assert last_good(run, state_of([2.0])) is None


def test_a_branch_may_go_back_to_where_it_began(desk: Desk, tmp_path: Path) -> None:
    parent = with_checkpoints(desk, tmp_path / "run", 3)
    branch = create_branch(desk.recipe, tmp_path / "branch", parent, newest(parent))
    assert step_of(last_good(branch, state_of([2.0] * 8))) == 3


def test_the_way_back_is_a_branch_with_half_the_rate_that_can_be_done_again(
    desk: Desk, tmp_path: Path
) -> None:
    parent = desk.begin(tmp_path / "run", until=6)
    saved = last_good(parent, state_of([2.0] * 8))
    assert saved is not None
    trainer = desk.trainer()
    put_on_branch(trainer, parent, saved)
    slow_down(trainer.control)
    run = create_branch(desk.recipe, tmp_path / "branch", parent, saved)
    done = [event for event in begin_run(trainer, run, Keeping()) if isinstance(event, Intervened)]
    assert [(each.step, each.what, each.source, each.after) for each in done] == [
        (step_of(saved), "learning rate", "remedy", 0.5)
    ]
    rates = [
        event.learning_rates for event in Log(run.events).events() if isinstance(event, StepDone)
    ]
    assert rates == [{"classifier": 0.1 * 0.5}] * len(rates)
    shutil.rmtree(parent.path)
    again = rerun_of(run)
    list(again.events(desk.trainer()))
    assert again.step == 8
    assert again.differing == []


@pytest.mark.parametrize(("factor", "expected"), [(64.0, [1.0, 0.5]), (1.0, [0.5]), (0.5, [0.25])])
def test_what_people_had_raised_is_taken_back_first(
    factor: float, expected: list[float], desk: Desk, tmp_path: Path
) -> None:
    parent = desk.begin(tmp_path / "run", until=6)
    saved = newest(parent)
    progress = msgspec.structs.replace(saved.details.progress, factors={"classifier": factor})
    saved = Saved(saved.arrays, msgspec.structs.replace(saved.details, progress=progress))
    trainer = desk.trainer()
    trainer.begin_from(saved.state)
    slow_down(trainer.control, saved)
    done = [event for event in trainer if isinstance(event, Intervened)]
    assert [each.after for each in done] == expected
