"""Checkpoints on disk: which there are, which stay, and that no damaged one is ever read."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
import safetensors.numpy

from mnist_engine.errors import BadInput
from mnist_engine.runs import record as recording
from mnist_engine.runs.best import score_of
from mnist_engine.runs.checkpoints import (
    NAME,
    Checkpoint,
    Details,
    Saved,
    best_whole,
    checkpoints_of,
    nearest_whole,
    newest_whole,
    read_checkpoint,
    remove,
    save_checkpoint,
    start_of,
    write_checkpoint,
)
from mnist_engine.runs.directory import Parent, RunDirectory, create_run
from mnist_engine.runs.kept import KEPT
from mnist_engine.runs.record import record
from mnist_engine.training import TrainControl, make_trainer
from mnist_engine.training.events import EpochDone, Intervened
from mnist_engine.training.randomness import StreamState
from mnist_engine.training.state import Progress

RECIPE = 'name = "ä"'


def saved_at(step: int, value: float = 0.0, **measures: float) -> Saved:
    """A tiny checkpoint that tells ``value``."""
    progress = Progress(
        steps=step,
        seconds=1.5,
        streams={"order": StreamState((1, 2, 3, (1 << 64) - 1), True, 7)},
        factors={"classifier": 0.5},
        updates={"classifier": step},
        interventions=(Intervened(step=1, number=1, what="pause", source="key"),),
    )
    details = Details(progress=progress, recipe=RECIPE, data="ab12", measures=measures)
    return Saved({"classifier/0.weight": np.full((2, 3), value, np.float32)}, details)


def names(run: RunDirectory) -> list[str]:
    return [one.path.stem for one in checkpoints_of(run)]


@pytest.fixture
def run(tmp_path: Path, make_recipe: Any) -> RunDirectory:
    run = create_run(make_recipe("classify"), tmp_path / "run")
    run.recipe.write_text(RECIPE, encoding="utf-8")
    return run


# --- what is there ------------------------------------------------------------------------------


def test_a_checkpoint_reads_back_to_the_bit(run: RunDirectory) -> None:
    wild = np.array([[np.nan, -0.0], [np.inf, 1e-45]], np.float32)
    arrays = {
        "a": wild,
        "turned": np.arange(6.0).reshape(2, 3).T,
        "empty": np.empty(0),
        "count": np.array(2**40),
    }
    saved = saved_at(940, FID=1.25)._replace(arrays=arrays)
    checkpoint = save_checkpoint(run, saved)
    assert checkpoint.path == run.checkpoints / "step-00000940.safetensors"
    back = read_checkpoint(checkpoint.path)
    assert back.details == saved.details
    assert back.arrays.keys() == arrays.keys()
    for name, array in arrays.items():
        assert (back.arrays[name].dtype, back.arrays[name].shape) == (array.dtype, array.shape)
        assert back.arrays[name].tobytes() == array.tobytes()


def test_checkpoints_are_listed_in_the_order_in_which_they_were_made(run: RunDirectory) -> None:
    for step in (999_999_999, 3, 100_000_000, 20, 3, 3, 20):
        save_checkpoint(run, saved_at(step))
    assert names(run) == [
        "step-00000003",
        "step-00000003-2",
        "step-00000003-3",
        "step-00000020",
        "step-00000020-2",
        "step-100000000",
        "step-999999999",
    ]
    assert checkpoints_of(run) == sorted(checkpoints_of(run))


def test_the_tenth_of_a_step_comes_after_the_ninth(run: RunDirectory) -> None:
    for _ in range(11):
        save_checkpoint(run, saved_at(5))
    assert [one.number for one in checkpoints_of(run)] == list(range(1, 12))


def test_a_number_is_not_given_twice_while_a_later_one_is_there(run: RunDirectory) -> None:
    first, second = (save_checkpoint(run, saved_at(5)) for _ in range(2))
    remove(first)
    assert save_checkpoint(run, saved_at(5)).number == second.number + 1


def test_other_files_are_no_checkpoints(run: RunDirectory) -> None:
    save_checkpoint(run, saved_at(7))
    for name in ("start", "step-7", "step-00000008-", "step-00000009x", "notes"):
        (run.checkpoints / f"{name}.sha256").touch()
    assert names(run) == ["step-00000007"]
    assert NAME.fullmatch("step-00000007")


def test_a_checkpoint_without_its_checksum_does_not_exist_yet(run: RunDirectory) -> None:
    """What a process leaves that was killed between the two files."""
    save_checkpoint(run, saved_at(5))
    save_checkpoint(run, saved_at(6)).checksum.unlink()
    (run.checkpoints / "step-00000007.safetensors.unfinished").write_bytes(b"half")
    assert names(run) == ["step-00000005"]
    assert save_checkpoint(run, saved_at(6)).path.stem == "step-00000006", "and is overwritten"


def test_a_run_without_the_folder_has_no_checkpoints(tmp_path: Path) -> None:
    assert checkpoints_of(RunDirectory(tmp_path)) == []
    assert newest_whole(RunDirectory(tmp_path)) == (None, ())


def test_a_removed_checkpoint_is_gone_and_may_be_removed_again(run: RunDirectory) -> None:
    checkpoint = save_checkpoint(run, saved_at(5))
    for _ in range(2):
        remove(checkpoint)
        assert list(run.checkpoints.iterdir()) == []


@pytest.mark.skipif(shutil.which("sha256sum") is None, reason="needs sha256sum")
def test_sha256sum_knows_the_checksum(run: RunDirectory) -> None:
    checkpoint = save_checkpoint(run, saved_at(5))
    command = ["sha256sum", "--check", "--strict", checkpoint.checksum.name]
    good = subprocess.run(command, cwd=run.checkpoints, capture_output=True, text=True)
    assert (good.returncode, good.stdout) == (0, "step-00000005.safetensors: OK\n")
    checkpoint.path.write_bytes(checkpoint.path.read_bytes()[:-1])
    assert subprocess.run(command, cwd=run.checkpoints, capture_output=True).returncode == 1


# --- damage -------------------------------------------------------------------------------------


@pytest.fixture
def tiny(run: RunDirectory) -> Checkpoint:
    """A checkpoint of some hundred bytes."""
    progress = Progress(steps=5, seconds=0.0, streams={}, factors={}, updates={})
    details = Details(progress=progress, recipe="", data="")
    return save_checkpoint(run, Saved({"w": np.ones(1, np.float32)}, details))


def damaged(content: bytes) -> list[bytes]:
    """``content`` with each one of its bits flipped, and cut off after each of its bytes."""
    flipped = []
    for position in range(len(content)):
        for bit in range(8):
            copy = bytearray(content)
            copy[position] ^= 1 << bit
            flipped.append(bytes(copy))
    return flipped + [content[:length] for length in range(len(content))] + [content + b"\n"]


def complaint_about(path: Path) -> str:
    """What reading it complains about; empty where it is read."""
    try:
        read_checkpoint(path)
    except BadInput as fault:
        return str(fault)
    return ""


@pytest.mark.parametrize("part", ["path", "checksum"])
def test_every_flipped_bit_and_every_lost_byte_is_seen(part: str, tiny: Checkpoint) -> None:
    path: Path = getattr(tiny, part)
    content = path.read_bytes()
    told = f"{tiny.path}: is damaged, its checksum is another"
    complaints = set()
    with path.open("r+b", buffering=0) as file:
        for broken in damaged(content):
            file.seek(0)
            file.write(broken)
            file.truncate()
            complaints.add(complaint_about(tiny.path))
    assert complaints == {told}
    path.write_bytes(content)
    assert read_checkpoint(tiny.path).details.progress.steps == 5


@pytest.mark.parametrize("part", ["path", "checksum"])
def test_a_file_that_is_missing_or_no_file_is_told(part: str, tiny: Checkpoint) -> None:
    path: Path = getattr(tiny, part)
    path.unlink()
    with pytest.raises(BadInput, match=r"cannot be read \(No such file or directory\)$"):
        read_checkpoint(tiny.path)
    path.mkdir()
    with pytest.raises(BadInput, match=r"cannot be read \(Is a directory\)$"):
        read_checkpoint(tiny.path)


def metadata(**entries: str) -> bytes:
    return safetensors.numpy.save({"w": np.ones(1, np.float32)}, entries)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"no checkpoint at all",
        safetensors.numpy.save({"w": np.ones(1, np.float32)}),
        metadata(other="{}"),
        metadata(details=""),
        metadata(details="[]"),
        metadata(details='{"progress": {}, "recipe": "", "data": ""}'),
    ],
)
def test_another_file_with_a_good_checksum_is_told(content: bytes, tiny: Checkpoint) -> None:
    tiny.path.write_bytes(content)
    digest = hashlib.sha256(content).hexdigest()
    tiny.checksum.write_text(f"{digest}  {tiny.path.name}\n", encoding="ascii")
    with pytest.raises(BadInput, match=r"safetensors: is no checkpoint of this program \("):
        read_checkpoint(tiny.path)


def test_a_checkpoint_of_a_newer_format_is_refused(run: RunDirectory) -> None:
    saved = saved_at(5)
    newer = saved._replace(details=msgspec.structs.replace(saved.details, format=2))
    checkpoint = save_checkpoint(run, newer)
    with pytest.raises(BadInput, match=r"was made by a newer mnist-tui \(format 2, .*\); upgrade"):
        read_checkpoint(checkpoint.path)


def test_the_checksum_of_another_checkpoint_does_not_fit(run: RunDirectory) -> None:
    """Its name is in it, so that nothing can be mixed up."""
    first, second = save_checkpoint(run, saved_at(5)), save_checkpoint(run, saved_at(6))
    shutil.copy(first.path, second.path)
    shutil.copy(first.checksum, second.checksum)
    with pytest.raises(BadInput, match="is damaged"):
        read_checkpoint(second.path)


# --- the newest, the nearest, the best ----------------------------------------------------------


def test_the_newest_whole_one_is_taken_and_what_was_passed_over_is_told(run: RunDirectory) -> None:
    made = [save_checkpoint(run, saved_at(step, value=step)) for step in (5, 6, 6, 7)]
    assert value_of(newest_whole(run)[0]) == 7
    made[3].path.write_bytes(b"")
    made[2].checksum.write_bytes(b"")
    saved, faults = newest_whole(run)
    assert value_of(saved) == 6
    assert faults == tuple(
        f"{made[number].path}: is damaged, its checksum is another" for number in (3, 2)
    )
    for checkpoint in made:
        checkpoint.path.unlink(missing_ok=True)
    saved, faults = newest_whole(run)
    assert saved is None
    assert len(faults) == 4


def test_the_nearest_whole_one_is_taken_and_of_two_the_earlier(run: RunDirectory) -> None:
    with pytest.raises(BadInput, match=r"checkpoints: holds no checkpoint$"):
        nearest_whole(run)
    made = [save_checkpoint(run, saved_at(step, value=step)) for step in (10, 20, 30)]
    nearest = {step: value_of(nearest_whole(run, step)) for step in (0, 14, 15, 16, 24, 99)}
    assert nearest == {0: 10, 14: 10, 15: 10, 16: 20, 24: 20, 99: 30}
    assert value_of(nearest_whole(run)) == 30
    made[2].path.write_bytes(b"")
    assert value_of(nearest_whole(run, 99)) == value_of(nearest_whole(run)) == 20


def test_where_nothing_is_left_to_be_trained_only_if_there_is_no_other(run: RunDirectory) -> None:
    made = [save_checkpoint(run, saved_at(step, value=step)) for step in (10, 20, 30)]
    assert value_of(nearest_whole(run, 29, end=30)) == 20
    assert value_of(nearest_whole(run, 12, end=30)) == 10
    for checkpoint in made[:2]:
        checkpoint.path.write_bytes(b"")
    assert value_of(nearest_whole(run, 12, end=30)) == 30


def value_of(saved: Saved | None) -> float:
    assert saved is not None
    return float(saved.arrays["classifier/0.weight"][0, 0])


def step_of(saved: Saved | None) -> int:
    assert saved is not None
    return saved.details.progress.steps


def test_the_best_is_the_one_with_the_best_measure_and_of_equals_the_later(
    run: RunDirectory,
) -> None:
    assert best_whole(run) == (None, ())
    made = [
        save_checkpoint(run, saved_at(step, **measures))
        for step, measures in (
            (1, {"validation accuracy": 0.8}),
            (2, {"validation accuracy": 0.9, "FID": 3.0}),
            (3, {"validation accuracy": 0.9}),
            (4, {"validation accuracy": 0.7}),
            (5, {}),
        )
    ]
    assert step_of(best_whole(run)[0]) == 3
    for one in (made[0], made[2]):
        one.path.write_bytes(one.path.read_bytes()[:-1])
    best, faults = best_whole(run)
    assert step_of(best) == 2, "a damaged one is not the best of anything"
    assert [made[2].path.name in fault for fault in faults] == [True], "nobody would take the first"
    made[4].path.write_bytes(b"")
    unreadable, damaged = best_whole(run)[1]
    assert made[4].path.name in unreadable, "it might have been the best"
    assert made[2].path.name in damaged


def test_of_a_gan_the_lowest_distance_is_the_best(run: RunDirectory) -> None:
    for number, fid in enumerate((3, 1, 2)):
        save_checkpoint(run, saved_at(number, FID=fid))
    assert step_of(best_whole(run)[0]) == 1
    assert score_of({}) is None
    assert score_of({"validation loss": 1.0}) is None


def test_where_a_run_branched_off_is_read_apart(run: RunDirectory) -> None:
    assert start_of(run) is None
    write_checkpoint(run.checkpoints / "start.safetensors", saved_at(7, value=3.0))
    assert value_of(start_of(run)) == 3
    assert checkpoints_of(run) == []


def test_a_branch_without_its_start_says_so(tmp_path: Path, make_recipe: Any) -> None:
    run = create_run(make_recipe("classify"), tmp_path / "run", Parent(run="parent", step=7))
    with pytest.raises(BadInput, match=r"start.safetensors: cannot be read"):
        start_of(run)


# --- which stay ---------------------------------------------------------------------------------


def train_with_accuracies(
    accuracies: list[float], run: RunDirectory, trainer: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A run whose epochs have these validation accuracies, with a checkpoint for each."""
    monkeypatch.setattr(recording, "LARGEST_SHARE", 1e9)
    evaluate = trainer.evaluate
    trainer.evaluate = lambda: {
        **evaluate(),
        "validation accuracy": accuracies[trainer.epoch - 1],
    }
    assert sum(isinstance(event, EpochDone) for event in record(trainer, run)) == len(accuracies)


@pytest.mark.parametrize(
    ("accuracies", "stay"),
    [
        ([0.1, 0.2, 0.3, 0.4, 0.5, 0.6], [4, 5, 6]),
        ([0.1, 0.9, 0.3, 0.4, 0.5, 0.6], [2, 4, 5, 6]),
        ([0.9, 0.1, 0.1, 0.1, 0.1, 0.1], [1, 4, 5, 6]),
        ([0.1, 0.9, 0.1, 0.9, 0.1, 0.1], [4, 5, 6]),
        ([0.5, 0.5], [1, 2]),
    ],
)
def test_the_newest_three_and_the_best_stay(
    accuracies: list[float],
    stay: list[int],
    run: RunDirectory,
    make_recipe: Any,
    make_dataset: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    recipe = make_recipe("classify", epochs=len(accuracies))
    trainer = make_trainer(recipe, make_dataset(), TrainControl())
    train_with_accuracies(accuracies, run, trainer, monkeypatch)
    assert KEPT == 3
    assert [one.step for one in checkpoints_of(run)] == [4 * epoch for epoch in stay]
    latest_best = max(range(len(accuracies)), key=lambda at: (accuracies[at], at)) + 1
    assert step_of(best_whole(run)[0]) == 4 * latest_best


def test_the_best_of_an_earlier_life_stays(
    run: RunDirectory, make_recipe: Any, make_dataset: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    recipe = make_recipe("classify", epochs=8)
    trainer = make_trainer(recipe, make_dataset(), TrainControl())
    monkeypatch.setattr(recording, "LARGEST_SHARE", 1e9)
    best = save_checkpoint(run, saved_at(0, **{"validation accuracy": 2.0}))
    list(record(trainer, run))
    assert checkpoints_of(run)[0] == best
    assert len(checkpoints_of(run)) == 4
