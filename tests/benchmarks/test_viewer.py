"""The benchmark itself works; what it measures is for people to judge."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

if sys.platform == "win32":
    pytest.skip("there are no pseudo-terminals", allow_module_level=True)

from viewer import events_between, outcome, steps_a_second

from mnist_engine.training.events import EpochDone, Event, StepDone, encode_event

VIEWER = Path(__file__).parent / "viewer.py"


def step(number: int, seconds: float) -> StepDone:
    return StepDone(step=number, seconds=seconds, epoch=1, losses={}, learning_rates={})


def events() -> list[Event]:
    """Steps of a quarter of a second, and an epoch whose measures take ten."""
    return [
        step(1, 1.0), step(2, 1.25), EpochDone(step=2, seconds=11.0, epoch=1, measures={}),
        step(3, 11.5), step(4, 11.75), step(5, 12.0),
    ]  # fmt: skip


def test_steps_count_that_follow_each_other() -> None:
    assert steps_a_second(events()) == 4


def test_a_time_in_which_there_were_no_steps_is_told() -> None:
    with pytest.raises(SystemExit, match="give more --seconds"):
        steps_a_second(events()[1:3])


def test_whole_lines_of_that_time_are_read(tmp_path: Path) -> None:
    lines = [encode_event(event) + b"\n" for event in events()]
    log = tmp_path / "events.jsonl"
    log.write_bytes(b"".join(lines))
    begin, end = len(lines[0]) + 5, log.stat().st_size - 5
    assert events_between(log, begin, end) == events()[2:5]


def test_what_is_within_chance_is_nothing_measurable() -> None:
    *_, medians, verdict = outcome([(100.0, 101.0), (100.0, 99.0), (100.0, 100.0)])
    assert medians.split() == ["median", "100.00", "100.00", "+0.00%"]
    assert verdict.endswith("nothing measurable")
    *_, medians, verdict = outcome([(100.0, 50.0), (100.0, 50.5), (100.0, 49.5)])
    assert medians.split() == ["median", "100.00", "50.00", "+100.00%"]
    assert verdict.endswith("more than chance")


@pytest.mark.slow
def test_it_measures_a_real_viewer() -> None:
    done = subprocess.run(
        [sys.executable, VIEWER, "--recipe", "mlp", "--rounds", "2", "--seconds", "2",
         "--threads", "1"],
        capture_output=True, text=True, timeout=600,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert re.search(r"mean difference [+-]\d+\.\d\d% ± \d", done.stdout)
    assert "of one core while it looks on" in done.stdout or not Path("/proc").exists()
