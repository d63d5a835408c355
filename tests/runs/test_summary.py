"""A run in a line: true for every ending, there for every damage, and quick for every length."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

import msgspec
import numpy as np
import pytest

from mnist_engine.runs import summary as summaries
from mnist_engine.runs.checkpoints import Details, Saved, write_checkpoint
from mnist_engine.runs.directory import Parent, RunDirectory
from mnist_engine.runs.lock import locked
from mnist_engine.runs.summary import Best, summarise
from mnist_engine.training.events import (
    EpochDone,
    Event,
    Finished,
    Intervened,
    Resumed,
    Started,
    StepDone,
)
from mnist_engine.training.state import Progress

WriteRun = Callable[..., RunDirectory]

STARTED = Started(
    step=0,
    task="classify",
    recipe="mlp",
    summary="",
    epochs=4,
    steps_per_epoch=2,
    seed=0,
    threads=1,
    parameters={"classifier": 1},
    image_shape=(28, 28),
)


def step(number: int) -> StepDone:
    return StepDone(
        step=number,
        seconds=number / 2,
        epoch=(number + 1) // 2,
        losses={"classifier": 1.0},
        learning_rates={"classifier": 0.1},
    )


def epoch(number: int, accuracy: float) -> EpochDone:
    return EpochDone(
        step=2 * number,
        seconds=number,
        epoch=number,
        measures={"validation accuracy": accuracy},
    )


def finished(at: int, ending: str = "completed", **measures: float) -> Finished:
    return Finished(step=at, seconds=at / 2, epoch=1, ending=ending, measures=measures)


FOUR = [STARTED, step(1), step(2), epoch(1, 0.8), step(3), step(4), epoch(2, 0.7)]
PAUSE = Intervened(step=4, what="pause", source="key")
RESUME = Intervened(step=4, what="resume", source="key")


def test_a_summary_says_what_ran_how_far_and_how_well(tmp_path: Path, write_run: WriteRun) -> None:
    run = write_run(tmp_path / "mine", [*FOUR, finished(4, "stopped")])
    summary = summarise(run)
    assert (summary.name, summary.recipe, summary.task) == ("mine", "mlp", "classify")
    assert (summary.step, summary.total_steps, summary.seconds) == (4, 8, 2.0)
    assert summary.best == Best("validation accuracy", 0.8)
    assert summary.began == run.began
    assert (summary.parent, summary.fault) == (None, "")


@pytest.mark.parametrize(
    ("events", "state"),
    [
        ([*FOUR, finished(4)], "finished"),
        ([*FOUR, finished(4, "stopped")], "stopped"),
        ([*FOUR, finished(4, "diverged")], "diverged"),
        (FOUR, "crashed"),
        ([STARTED], "crashed"),
        ([], "crashed"),
        ([*FOUR, PAUSE], "crashed"),
        ([*FOUR[:4], finished(2, "stopped"), Resumed(step=2, logged=2), step(3)], "crashed"),
        ([*FOUR[:4], finished(2, "stopped"), Resumed(step=2, logged=2), step(3), finished(3)],
         "finished"),
    ],
)  # fmt: skip
def test_how_a_run_ended_that_nobody_trains(
    events: list[Event], state: str, tmp_path: Path, write_run: WriteRun
) -> None:
    assert summarise(write_run(tmp_path / "run", events)).state == state


@pytest.mark.parametrize(
    ("events", "state"),
    [
        ([], "starting"),
        ([STARTED], "running"),
        (FOUR, "running"),
        ([*FOUR, PAUSE], "paused"),
        ([*FOUR, PAUSE, RESUME], "running"),
        ([*FOUR[:4], finished(2, "stopped"), Resumed(step=2, logged=2), step(3)], "running"),
    ],
)
def test_how_a_run_stands_that_somebody_trains(
    events: list[Event], state: str, tmp_path: Path, write_run: WriteRun
) -> None:
    run = write_run(tmp_path / "run", events)
    with locked(run):
        assert summarise(run).state == state
    assert summarise(run).state == "crashed"


def test_the_best_fid_is_the_lowest_and_the_end_may_have_it(
    tmp_path: Path, write_run: WriteRun
) -> None:
    measured = EpochDone(step=2, epoch=1, measures={"FID": 5.0, "accuracy real": 0.9})
    events = [STARTED, step(1), step(2), measured]
    run = write_run(tmp_path / "run", [*events, finished(2, FID=3.0)])
    assert summarise(run).best == Best("FID", 3.0)
    run = write_run(tmp_path / "other", [*events, finished(2, FID=7.0)])
    assert summarise(run).best == Best("FID", 5.0)


def test_a_run_without_an_epoch_has_no_best_value(tmp_path: Path, write_run: WriteRun) -> None:
    assert summarise(write_run(tmp_path / "run", [STARTED, step(1)])).best is None


def test_a_long_log_s_best_epoch_is_known_from_its_checkpoint(
    tmp_path: Path, write_run: WriteRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(summaries, "SHORT_LOG", 0)
    run = write_run(tmp_path / "run", [STARTED, *(step(n) for n in range(1, 9)), epoch(4, 0.6)])
    progress = Progress(steps=2, seconds=1.0, streams={}, factors={}, updates={})
    details = Details(progress=progress, recipe="", data="", measures={"validation accuracy": 0.9})
    write_checkpoint(
        run.checkpoints / "step-00000002.safetensors", Saved({"a": np.zeros(1)}, details)
    )
    (run.checkpoints / "step-00000004.safetensors").write_bytes(b"\xff" * 100)
    (run.checkpoints / "step-00000004.sha256").touch()
    assert summarise(run).best == Best("validation accuracy", 0.9)


def test_a_branch_names_its_parent(tmp_path: Path, write_run: WriteRun) -> None:
    run = write_run(tmp_path / "run", FOUR)
    parent = Parent(run="first", step=940)
    info = msgspec.structs.replace(run.read_info(), parent=parent)
    run.info.write_bytes(msgspec.json.encode(info))
    assert summarise(run).parent == parent


def test_a_damaged_run_is_a_line_that_says_what_is_wrong(
    tmp_path: Path, write_run: WriteRun
) -> None:
    run = write_run(tmp_path / "info", FOUR)
    run.info.write_text("{")
    assert summarise(run).state == "damaged"
    assert summarise(run).fault.startswith(f"{run.info}: is damaged (")
    run = write_run(tmp_path / "first", FOUR)
    run.events.write_bytes(b"x" + run.events.read_bytes())
    summary = summarise(run)
    assert (summary.state, summary.recipe) == ("damaged", "mlp")
    assert summary.fault.startswith(f"{run.events}: is damaged (its first line")
    run = write_run(tmp_path / "folder", FOUR)
    run.events.unlink()
    run.events.mkdir()
    assert summarise(run).fault.startswith(f"{run.events}: cannot be read (")


def test_a_log_cut_off_anywhere_still_has_a_summary(tmp_path: Path, write_run: WriteRun) -> None:
    run = write_run(tmp_path / "run", [STARTED, finished(0)])
    whole = run.events.read_bytes()
    states = set()
    for length in range(len(whole)):
        run.events.unlink()  # anew: writing over a file waits for the disk
        run.events.write_bytes(whole[:length])
        states.add(summarise(run).state)
    assert states == {"crashed"}


def test_fifty_runs_of_forty_megabytes_are_listed_in_a_moment(
    tmp_path: Path, write_run: WriteRun
) -> None:
    first = write_run(tmp_path / "0", [STARTED, *(step(n) for n in range(1, 9))])
    line = msgspec.json.encode(step(8)) + b"\n"
    with first.events.open("ab") as log:
        log.write(line * (40_000_000 // len(line)))
    runs = [first]
    for number in range(1, 50):
        runs.append(write_run(tmp_path / str(number), []))
        runs[-1].events.unlink()
        os.link(first.events, runs[-1].events)
    begin = time.process_time()
    assert {summarise(run).total_steps for run in runs} == {8}
    assert time.process_time() - begin < 2
