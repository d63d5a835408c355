"""The less usual ways in which a session ends; all leave the terminal and the run in order."""

from __future__ import annotations

import os
import re
import signal
import termios
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ..small_images import write_data

OpenTerminal = Callable[..., Any]

SMALL = (
    "classify", "--data", "data", "--set", "data.held_out=40", "--set", "data.batch_size=40",
    "--set", "keep_samples_every=1000", "--threads", "1", "--run-dir", "run",
)  # fmt: skip
ENDLESS = (*SMALL, "--epochs", "100000")
DEADLINE = 60.0


@pytest.fixture(autouse=True)
def data(tmp_path: Path) -> Path:
    """Small images: what ends here is to have begun soon. An epoch has 50 steps."""
    return write_data(tmp_path / "data", images=2040)


@pytest.fixture
def weights(tmp_path: Path) -> Path:
    return tmp_path / "run" / "weights" / "classifier.safetensors"


def step_of(terminal: Any) -> int:
    found = re.search(r"step +([\d,.]+)/", terminal.text)
    assert found, terminal.text
    return int(re.sub(r"\D", "", found[1]))


def wait_until(terminal: Any, condition: Callable[[], object]) -> None:
    end = time.monotonic() + DEADLINE
    while not condition():
        assert time.monotonic() < end, terminal.text
        assert terminal._read(), f"it has ended:\n{terminal.text}"


def modes(terminal: Any) -> list[Any]:
    """How the terminal treats what is typed: echo, line by line, and so on."""
    return termios.tcgetattr(terminal.program.child_fd)


def test_a_session_is_a_log_of_what_was_done(open_terminal: OpenTerminal, tmp_path: Path) -> None:
    terminal = open_terminal(*ENDLESS)
    before = modes(terminal)
    terminal.wait_for("training", "steps/s")
    terminal.press(" ")
    terminal.wait_for("paused")
    held = step_of(terminal)
    terminal.press("d")
    terminal.wait_for("×0.5")
    assert step_of(terminal) == held
    terminal.press("n")
    wait_until(terminal, lambda: step_of(terminal) == held + 1)
    terminal.press("q")
    terminal.wait_for("Stop and save")
    terminal.press("\r")
    assert terminal.wait_for_end() == 0
    assert terminal.restored
    assert modes(terminal) == before
    log = (tmp_path / "run" / "events.jsonl").read_text(encoding="utf-8").splitlines()
    done = [line for line in log if '"intervened"' in line]
    whats = [re.search(r'"what":"([^"]*)"', line)[1] for line in done]  # type: ignore[index]
    assert whats == ["pause", "learning rate", "step", "stop"]
    assert f'"step":{held + 1},' in log[-1]
    assert '"ending":"stopped"' in log[-1]


def test_training_goes_on_while_the_question_stands(open_terminal: OpenTerminal) -> None:
    terminal = open_terminal(*ENDLESS)
    terminal.wait_for("training", "steps/s")
    terminal.press("q")
    terminal.wait_for("Stop and save")
    before = step_of(terminal)
    wait_until(terminal, lambda: step_of(terminal) > before)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_a_paused_run_too(
    number: signal.Signals, open_terminal: OpenTerminal, weights: Path
) -> None:
    terminal = open_terminal(*ENDLESS)
    before = modes(terminal)
    terminal.wait_for("training", "steps/s")
    terminal.press("p")
    terminal.wait_for("paused")
    terminal.signal(number)
    assert terminal.wait_for_end() == 128 + number
    assert terminal.restored
    assert modes(terminal) == before
    assert weights.is_file()


def test_a_signal_before_the_first_frame_restores_the_terminal(
    open_terminal: OpenTerminal,
) -> None:
    terminal = open_terminal(*ENDLESS)
    before = modes(terminal)
    wait_until(terminal, lambda: b"\x1b[?1049h" in terminal.output)
    terminal.signal(signal.SIGTERM)
    assert terminal.wait_for_end() == 143
    assert terminal.restored
    assert modes(terminal) == before
    assert b"Traceback" not in terminal.output


def test_a_terminal_that_is_closed_loses_nothing(
    open_terminal: OpenTerminal, weights: Path
) -> None:
    terminal = open_terminal(*ENDLESS)
    terminal.wait_for("training", "steps/s")
    terminal.program.ptyproc.fileobj.close()  # the window is gone; the system sends SIGHUP
    _, status = os.waitpid(terminal.program.pid, 0)
    terminal.program.terminated = terminal.program.ptyproc.terminated = True
    assert os.waitstatus_to_exitcode(status) == 129
    assert weights.is_file()


def test_bad_data_are_one_line_after_the_screen_is_gone(
    open_terminal: OpenTerminal, tmp_path: Path
) -> None:
    terminal = open_terminal("classify", "--data", "nowhere", "--run-dir", "run")
    terminal.wait_for("there is no such directory")
    terminal.press("q")
    assert terminal.wait_for_end() == 2
    assert terminal.restored
    _, _, after = terminal.output.rpartition(b"\x1b[?1049l")
    assert b"mnist-tui: " in after
    assert b"Traceback" not in terminal.output
    assert not (tmp_path / "run").exists()


def test_the_bar_goes_and_the_lines_stay(open_terminal: OpenTerminal, weights: Path) -> None:
    terminal = open_terminal(*SMALL, "--no-ui", "--epochs", "20")
    terminal.wait_for("━━━", "/1000 steps", "steps/s", "ETA 0:", "learning rate")
    assert terminal.wait_for_end() == 0
    assert "━" not in terminal.text
    assert "epoch 20/20" in terminal.text
    assert "test accuracy" in terminal.text
    assert b"\x1b[?1049h" not in terminal.output
    assert weights.is_file()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_to_the_bar_saves_and_says_so(
    number: signal.Signals, open_terminal: OpenTerminal, weights: Path
) -> None:
    terminal = open_terminal(*ENDLESS, "--no-ui")
    terminal.wait_for("steps/s")
    terminal.signal(number)
    assert terminal.wait_for_end() == 128 + number
    assert "saving the weights" in terminal.text
    assert terminal.output.rfind(b"\x1b[?25h") > terminal.output.rfind(b"\x1b[?25l")
    assert weights.is_file()


def test_ctrl_c_typed_at_the_bar_is_sigint(open_terminal: OpenTerminal, weights: Path) -> None:
    terminal = open_terminal(*ENDLESS, "--no-ui")
    terminal.wait_for("steps/s")
    terminal.press("\x03")
    assert terminal.wait_for_end() == 130
    assert weights.is_file()
