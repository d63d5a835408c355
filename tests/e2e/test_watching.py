"""A viewer beside a training without a screen: two processes, one run."""

from __future__ import annotations

import os
import signal
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

DEADLINE = 60.0
PROMPT = 0.5
"""Seconds within which a key that is pressed in a viewer is in the trainer's log."""

ENDLESS = ("classify", "--no-ui", "--limit", "2000", "--epochs", "100000", "--threads", "1")


class Training:
    """A process that trains the run ``run`` in ``folder``."""

    def __init__(self, folder: Path) -> None:
        self.log = folder / "run" / "events.jsonl"
        self.process = subprocess.Popen(
            [sys.executable, "-m", "mnist_tui.cli", *ENDLESS, "--run-dir", "run"],
            cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            env={**os.environ, "TERM": "dumb"},
        )  # fmt: skip
        self.wait_for(lambda: self.log.exists() and self.log.stat().st_size > 0)

    @property
    def interventions(self) -> list[str]:
        """The lines of the log that tell what people did."""
        lines = self.log.read_text(encoding="utf-8").splitlines()
        return [line for line in lines if '"intervened"' in line]

    def wait_for(self, condition) -> None:
        """Look often until ``condition`` holds."""
        end = time.monotonic() + DEADLINE
        while not condition():
            assert time.monotonic() < end, "waited in vain"
            assert self.process.poll() is None, "training has ended"
            time.sleep(0.005)


@pytest.fixture
def training(tmp_path: Path) -> Iterator[Training]:
    one = Training(tmp_path)
    yield one
    one.process.kill()
    one.process.wait()


def test_a_key_in_the_viewer_takes_effect_at_once_and_leaving_has_none(open_terminal, training):
    terminal = open_terminal("watch", "run")
    terminal.wait_for("watching run", "training", "steps/s", "q leave")
    viewer, trainer = terminal.program.pid, training.process.pid
    assert os.getpriority(os.PRIO_PROCESS, viewer) > os.getpriority(os.PRIO_PROCESS, trainer)
    delays = []
    for count in range(1, 4):
        terminal.press("d")
        pressed = time.monotonic()
        training.wait_for(lambda count=count: len(training.interventions) >= count)
        delays.append(time.monotonic() - pressed)
        terminal.wait_for(f"×{0.5**count:g}")
    assert statistics.median(delays) < PROMPT, delays
    terminal.press("q")
    assert terminal.wait_for_end() == 0
    assert terminal.restored
    size = training.log.stat().st_size
    training.wait_for(lambda: training.log.stat().st_size > size)
    assert len(training.interventions) == 3
    assert all('"source":"viewer key"' in line for line in training.interventions)


def test_a_crash_is_seen_and_the_run_can_then_be_replayed(open_terminal, training):
    terminal = open_terminal("watch", "run")
    terminal.wait_for("training", "steps/s")
    training.process.kill()
    terminal.wait_for("crashed after", "mnist-tui resume run")
    terminal.press("q")
    assert terminal.wait_for_end() == 0
    replay = open_terminal("watch", "run")
    replay.wait_for("replay · step", "crashed", "mnist-tui resume run")
    replay.press("\x1b[H")  # home
    replay.wait_for("0/100000", "   0%")
    replay.press("q")
    assert replay.wait_for_end() == 0


def test_lines_are_followed_and_ctrl_c_ends_the_watching_alone(open_terminal, training):
    terminal = open_terminal("watch", "run", "--no-ui")
    terminal.wait_for("steps/s", "epoch")
    terminal.signal(signal.SIGINT)
    assert terminal.wait_for_end() == 128 + signal.SIGINT
    assert "saving the weights" not in terminal.text
    assert training.process.poll() is None
    assert training.interventions == []


def test_json_lines_are_those_of_the_log_to_its_end(training, tmp_path):
    viewer = subprocess.Popen(
        [sys.executable, "-m", "mnist_tui.cli", "watch", "run", "--json"],
        cwd=tmp_path, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert viewer.stdout is not None
    first = viewer.stdout.readline()
    training.process.send_signal(signal.SIGTERM)
    lines = [first, *viewer.stdout]
    assert viewer.wait(DEADLINE) == 0
    assert lines == training.log.read_text(encoding="utf-8").splitlines(keepends=True)
