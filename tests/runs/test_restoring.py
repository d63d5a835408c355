"""Trainers that are put where a run was, to be looked into."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mnist_engine.errors import BadInput
from mnist_engine.runs import restoring
from mnist_engine.runs.checkpoints import checkpoints_of, read_checkpoint, remove
from mnist_engine.runs.directory import RunDirectory
from mnist_engine.runs.restoring import RestoredTrainer

from .resumable import Desk

pytestmark = pytest.mark.usefixtures("every_epoch_is_saved")


@pytest.fixture
def run(desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> RunDirectory:
    """A run of 8 steps with checkpoints at 4 and 8, whose data can be read once."""
    several = iter([desk.dataset])
    monkeypatch.setattr(restoring, "load_dataset", lambda directory: next(several))
    run = desk.begin(tmp_path / "run")
    assert [one.step for one in checkpoints_of(run)] == [4, 8]
    return run


@pytest.mark.parametrize(
    ("wanted", "found"), [(None, 8), (100, 8), (8, 8), (7, 4), (4, 4), (3, 4), (0, 4)]
)
def test_it_is_the_last_checkpoint_up_to_a_step_or_else_the_first(
    run: RunDirectory, wanted: int | None, found: int
) -> None:
    assert RestoredTrainer(run).at(wanted).steps_done == found


def test_its_state_is_the_checkpoint_s(run: RunDirectory) -> None:
    restored = RestoredTrainer(run)
    for checkpoint in checkpoints_of(run):
        saved = read_checkpoint(checkpoint.path)
        state = restored.at(checkpoint.step).state()
        assert state.progress == saved.details.progress
        for name, array in saved.arrays.items():
            np.testing.assert_array_equal(state.arrays[name], array)


def test_it_is_kept_until_another_is_wanted_or_a_newer_one_is_there(run: RunDirectory) -> None:
    restored = RestoredTrainer(run)
    late = checkpoints_of(run)[-1]
    hidden = late.checksum.rename(late.checksum.with_suffix(".hidden"))
    first = restored.at()
    assert first.steps_done == 4
    assert restored.at(4) is restored.at() is first
    hidden.rename(late.checksum)
    assert restored.at(4) is first
    assert restored.at().steps_done == 8


def test_a_damaged_checkpoint_is_passed_over(run: RunDirectory) -> None:
    checkpoints_of(run)[1].path.write_bytes(b"no checkpoint")
    assert RestoredTrainer(run).at().steps_done == 4


def test_where_there_is_none_a_line_says_so(run: RunDirectory) -> None:
    for checkpoint in checkpoints_of(run):
        remove(checkpoint)
    with pytest.raises(BadInput, match=r"^no networks to look into: no checkpoint is saved yet$"):
        RestoredTrainer(run).at()


def test_other_data_than_the_run_s_are_refused(
    run: RunDirectory, desk: Desk, monkeypatch: Any
) -> None:
    others = replace(desk.dataset, train_images=255 - desk.dataset.train_images)
    monkeypatch.setattr(restoring, "load_dataset", lambda directory: others)
    with pytest.raises(BadInput, match="its images are no more those it was trained on"):
        RestoredTrainer(run).at()
