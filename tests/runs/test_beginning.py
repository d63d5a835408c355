"""A branch begins where its parent was, with all that a checkpoint can give it and no more."""

from __future__ import annotations

import errno
import os
import shutil
from pathlib import Path
from typing import Any

import pytest

from mnist_engine.data.dataset import Dataset
from mnist_engine.errors import BadInput, CannotRecord
from mnist_engine.runs import beginning
from mnist_engine.runs.beginning import begin_run, create_branch, put_on_branch
from mnist_engine.runs.checkpoints import Saved
from mnist_engine.runs.directory import RunDirectory
from mnist_engine.runs.record import Keeping
from mnist_engine.runs.resuming import find_whereabouts
from mnist_engine.training.events import Resumed, Started, StepDone

from .resumable import Desk, log_of, newest, same_weights, steered, steps_of

pytestmark = pytest.mark.usefixtures("every_epoch_is_saved")


def test_a_branch_goes_on_from_its_start_as_long_as_it_has_no_other_checkpoint(
    classifier: Desk, tmp_path: Path
) -> None:
    parent = classifier.begin(tmp_path / "parent", until=6)
    start = newest(parent)
    run = create_branch(classifier.recipe, tmp_path / "run", parent, start)
    trainer = classifier.trainer()
    put_on_branch(trainer, parent, start)
    steps = (event for event in begin_run(trainer, run, Keeping()) if isinstance(event, StepDone))
    assert next(steps).step == 5
    killed = RunDirectory(tmp_path / "killed")
    shutil.copytree(run.path, killed.path)
    resumed, *_ = classifier.resume(killed)
    assert isinstance(resumed, Resumed)
    assert resumed.step == 4
    assert [step.step for step in steps_of(log_of(killed))] == [5, 6, 7, 8]
    assert same_weights(killed, classifier.begin(tmp_path / "whole"))
    fresh = create_branch(classifier.recipe, tmp_path / "fresh", parent, start)
    assert isinstance(classifier.resume(fresh)[0], Started), "it had not begun yet"
    assert same_weights(fresh, killed)


def test_a_branch_tells_which_factors_it_begins_with(classifier: Desk, tmp_path: Path) -> None:
    parent = classifier.begin(tmp_path / "parent", steered, until=6)
    run = create_branch(classifier.recipe, tmp_path / "run", parent, newest(parent))
    trainer = classifier.trainer()
    put_on_branch(trainer, parent, newest(parent))
    started, *_ = begin_run(trainer, run, Keeping())
    assert isinstance(started, Started)
    assert (started.step, started.factors) == (4, {"classifier": 0.5})


def test_a_branch_without_a_checkpoint_of_its_own_goes_on_by_its_own_recipe(
    classifier: Desk, make_recipe: Any, tmp_path: Path
) -> None:
    parent = classifier.begin(tmp_path / "parent", until=6)
    longer = make_recipe("classify", epochs=3)
    run = create_branch(longer, tmp_path / "run", parent, newest(parent))
    whereabouts = find_whereabouts(run)
    assert (whereabouts.recipe, whereabouts.faults) == (longer, ())
    run.recipe.write_bytes(b"")
    assert find_whereabouts(run).recipe == longer, "its start has it too"
    assert classifier.resume(run)[-1].step == 12


def test_a_branch_whose_start_the_disk_refuses_is_told_in_a_line(
    classifier: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    parent = classifier.begin(tmp_path / "parent", until=6)

    def refuse(path: Path, saved: Saved) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(beginning, "write_checkpoint", refuse)
    with pytest.raises(CannotRecord) as refusal:
        create_branch(classifier.recipe, tmp_path / "run", parent, newest(parent))
    start = tmp_path / "run" / "checkpoints" / "start.safetensors"
    assert str(refusal.value) == f"{start}: cannot be written (No space left on device)"


def test_a_branch_of_the_end_of_a_run_is_refused_with_the_way_out(
    classifier: Desk, tmp_path: Path
) -> None:
    parent = classifier.begin(tmp_path / "parent")
    with pytest.raises(BadInput) as fault:
        put_on_branch(classifier.trainer(), parent, newest(parent))
    assert str(fault.value) == (
        f"{parent.path}: step 8 is the end of 2 epochs already; train longer with more epochs "
        "(--epochs), or branch off earlier (--step); its checkpoints are of steps 4, 8"
    )


def test_a_branch_that_would_be_over_already_is_refused(
    classifier: Desk, make_recipe: Any, make_dataset: Any, tmp_path: Path
) -> None:
    parent = classifier.begin(tmp_path / "parent")
    shorter = Desk(make_recipe("classify", epochs=1), make_dataset())
    with pytest.raises(BadInput, match="step 8 is behind the end of 1 epoch already; train longer"):
        put_on_branch(shorter.trainer(), parent, newest(parent))


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        ({"seed": 7}, "seed: chance goes on from where the checkpoint has it, so 0 cannot become"),
        (
            {"generator": {"average": 0.9}},
            "generator.average: the checkpoint has no averaged generator, so it cannot be switched "
            "on in a branch",
        ),
    ],
)
def test_what_a_checkpoint_cannot_give_is_refused_in_a_line(
    changes: dict[str, Any], line: str, make_recipe: Any, make_dataset: Any, tmp_path: Path
) -> None:
    dataset: Dataset = make_dataset()
    parent = Desk(make_recipe("gan"), dataset).begin(tmp_path / "parent", until=6)
    branch = Desk(make_recipe("gan", **changes), dataset)
    with pytest.raises(BadInput) as fault:
        put_on_branch(branch.trainer(), parent, newest(parent))
    assert str(fault.value).startswith(line)
