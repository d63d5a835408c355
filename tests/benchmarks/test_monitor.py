"""The benchmark itself works; what it measures is for people to judge."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

if sys.platform == "win32":
    pytest.skip("there are no pseudo-terminals", allow_module_level=True)

from mnist_engine.training.events import EpochDone, StepDone, encode_event
from monitor import at, last_step, verdict

MONITOR = Path(__file__).parent / "monitor.py"


def test_a_percentile_is_one_of_the_values() -> None:
    values = [float(number) for number in range(1, 501)]
    assert (at(values, 0.5), at(values, 0.99), at(values, 1.0)) == (250, 495, 500)
    assert at([7.0], 0.99) == 7


def test_a_figure_at_its_limit_is_too_much() -> None:
    assert (verdict(1, 2), verdict(2, 2)) == ("(good)", "(TOO MUCH)")


def test_a_line_that_is_being_written_does_not_count(tmp_path: Path) -> None:
    steps = [
        StepDone(step=number, seconds=0, epoch=1, losses={}, learning_rates={})
        for number in (1, 2, 3)
    ]
    lines = [
        encode_event(event)
        for event in (*steps[:2], EpochDone(step=2, epoch=1, measures={}), steps[2])
    ]
    log = tmp_path / "events.jsonl"
    log.write_bytes(b"\n".join(lines))
    assert last_step(log) == 2


@pytest.mark.slow
def test_it_measures_a_real_screen() -> None:
    done = subprocess.run(
        [sys.executable, MONITOR, "--only", "keys", "redraw", "speed", "--threads", "1",
         "--presses", "10", "--rounds", "2", "--seconds", "2", "--recipes", "autograd-mlp"],
        capture_output=True, text=True, timeout=600,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert re.search(r"keys: 1\d to their effect: median \d+ ms", done.stdout)
    assert re.search(r"redraw: dense-adam, a full one \d+\.\d ms", done.stdout)
    assert re.search(r"-?\d+\.\d% fewer steps/s with the screen", done.stdout)
