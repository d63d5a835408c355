"""Files that were lost, put there from elsewhere, or are no files: a run is never mistaken."""

from __future__ import annotations

import hashlib
import os
import shutil
from pathlib import Path
from typing import Any

import pytest

from mnist_engine.errors import BadInput, CannotRecord
from mnist_engine.runs.checkpoints import checkpoints_of
from mnist_engine.runs.directory import RunDirectory
from mnist_engine.runs.finding import all_runs, find_run
from mnist_engine.runs.resuming import find_whereabouts
from mnist_engine.runs.summary import summarise
from mnist_engine.training.events import Resumed, Started

from .resumable import Desk, log_of, same_weights

pytestmark = pytest.mark.usefixtures("every_epoch_is_saved")


def put_in(source: RunDirectory, number: int, run: RunDirectory, name: str) -> None:
    """Copy a checkpoint of ``source`` into ``run`` under another name, checksum and all."""
    content = checkpoints_of(source)[number].path.read_bytes()
    path = run.checkpoints / f"{name}.safetensors"
    path.write_bytes(content)
    line = f"{hashlib.sha256(content).hexdigest()}  {path.name}\n"
    path.with_suffix(".sha256").write_text(line)


@pytest.mark.parametrize("task", ["classify", "gan"])
def test_a_checkpoint_of_another_run_is_passed_over(
    task: str, classifier: Desk, make_recipe: Any, make_dataset: Any, tmp_path: Path
) -> None:
    other = Desk(make_recipe(task, seed=9), make_dataset()).begin(tmp_path / "other")
    run = classifier.begin(tmp_path / "run", until=6)
    put_in(other, -1, run, "step-00000008")
    resumed, *_ = classifier.resume(run)
    assert isinstance(resumed, Resumed)
    assert resumed.step == 4
    assert "step-00000008.safetensors: is of another run" in " ".join(resumed.faults)
    assert same_weights(run, classifier.begin(tmp_path / "whole"))


def test_a_checkpoint_under_another_name_is_passed_over(classifier: Desk, tmp_path: Path) -> None:
    whole = classifier.begin(tmp_path / "whole")
    run = classifier.begin(tmp_path / "run", until=6)
    put_in(whole, 0, run, "step-00000007")
    whereabouts = find_whereabouts(run)
    assert whereabouts.step == 4
    assert "holds step 4, which is not what its name says" in whereabouts.faults[0]


def test_a_run_without_its_run_json_is_found_and_goes_on(desk: Desk, tmp_path: Path) -> None:
    run = desk.begin(tmp_path / "run", until=6)
    run.info.unlink()
    assert find_run(str(run.path)) == run
    assert run in all_runs(tmp_path)
    assert "run.json: cannot be read" in summarise(run).fault
    desk.resume(run)
    assert same_weights(run, desk.begin(tmp_path / "whole"))


@pytest.mark.parametrize("content", [None, b""])
def test_a_run_without_its_log_goes_on_and_says_what_it_is(
    content: bytes | None, desk: Desk, tmp_path: Path
) -> None:
    run = desk.begin(tmp_path / "run", until=6)
    run.events.unlink()
    if content is not None:
        run.events.write_bytes(content)
    events = desk.resume(run)
    resumed = next(event for event in events if isinstance(event, Resumed))
    assert resumed.faults == (f"{run.events}: is lost; curves begin at step 4",)
    assert isinstance(log_of(run)[0], Started)
    assert isinstance(log_of(run)[1], Resumed)
    assert (summarise(run).state, summarise(run).step) == ("finished", 8)
    assert same_weights(run, desk.begin(tmp_path / "whole"))


def test_empty_folders_that_were_left_out_are_made(desk: Desk, tmp_path: Path) -> None:
    run = desk.begin(tmp_path / "run", until=6)
    shutil.rmtree(run.weights)
    shutil.rmtree(run.samples)
    desk.resume(run)
    assert list(run.weights.iterdir())
    assert list(run.samples.iterdir())


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes in files here")
def test_a_pipe_in_the_place_of_the_log_makes_nobody_wait(classifier: Desk, tmp_path: Path) -> None:
    run = classifier.begin(tmp_path / "run", until=6)
    run.events.unlink()
    os.mkfifo(run.events)
    assert "events.jsonl: cannot be read (it is no plain file)" in summarise(run).fault
    with pytest.raises(BadInput, match="no plain file"):
        find_whereabouts(run)


def test_a_folder_in_the_place_of_the_lock_is_told_with_the_way_out(
    classifier: Desk, tmp_path: Path
) -> None:
    run = classifier.begin(tmp_path / "run", until=6)
    run.lock.unlink(missing_ok=True)
    run.lock.mkdir()
    with pytest.raises(CannotRecord, match=r"run.lock: cannot be locked \(.*\); remove it$"):
        classifier.resume(run)
    run.lock.rmdir()
    assert classifier.resume(run)


def test_a_link_to_a_run_beside_it_makes_no_second_run_of_it(
    classifier: Desk, tmp_path: Path
) -> None:
    runs = tmp_path / "runs"
    runs.mkdir()
    run, other = classifier.begin(runs / "m"), classifier.begin(tmp_path / "elsewhere")
    for name, target in (("a", run), ("z", run), ("linked", other), ("linked-too", other)):
        (runs / name).symlink_to(target.path, target_is_directory=True)
    listed = [summarise(each).name for each in all_runs(runs)]
    assert sorted(listed) == ["linked", "m"]
    assert find_run("linked", runs).path == runs / "linked"
