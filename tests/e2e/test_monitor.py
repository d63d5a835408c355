"""The real program on a real terminal, from the first frame to the last."""

from __future__ import annotations

import signal
import termios
from pathlib import Path

import pytest

LONG = ("--limit", "4000", "--epochs", "5000", "--threads", "1", "--run-dir", "run")


@pytest.mark.parametrize("task", ["gan", "classify"])
def test_a_run_is_watched_paused_slowed_and_saved(open_terminal, tmp_path, task):
    terminal = open_terminal(task, *LONG)
    terminal.wait_for("training", "Loss", "steps/s")
    terminal.press(" ")
    terminal.wait_for("paused")
    terminal.press("d")
    terminal.wait_for("×0.5")
    terminal.press("n")
    terminal.press("q")
    terminal.wait_for("Stop and save", "Go on")
    terminal.press("g")
    terminal.wait_until_gone("Stop and save")
    terminal.press("q")
    terminal.wait_for("Stop and save")
    terminal.press("s")
    assert terminal.wait_for_end() == 0
    assert terminal.restored
    assert "run kept in run" in terminal.output.decode().replace("\r", "")
    assert_saved(tmp_path / "run")


def test_the_screen_stays_with_a_summary_when_training_ends(open_terminal):
    terminal = open_terminal("classify", "--limit", "2000", "--epochs", "2", "--threads", "1")
    terminal.wait_for("finished", "test accuracy")
    terminal.press("q")
    assert terminal.wait_for_end() == 0
    assert terminal.restored


def test_eighty_by_twenty_four_is_enough(open_terminal):
    terminal = open_terminal("gan", *LONG, columns=80, lines=24)
    terminal.wait_for("training", "Loss", "learning rate", "quit", "epoch", "▀")


def test_ascii_draws_nothing_else(open_terminal):
    terminal = open_terminal("gan", "--ascii", *LONG)
    screen = terminal.wait_for("training", "Loss", "steps/s")
    assert screen.isascii(), sorted(set(screen) - {chr(n) for n in range(128)})


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_saves_restores_and_says_so(open_terminal, tmp_path, number):
    terminal = open_terminal("classify", *LONG)
    terminal.wait_for("training", "steps/s")
    terminal.signal(number)
    assert terminal.wait_for_end() == 128 + number
    assert terminal.restored
    assert_saved(tmp_path / "run")


def test_ctrl_c_is_a_key_that_asks(open_terminal):
    terminal = open_terminal("classify", *LONG)
    terminal.wait_for("training", "steps/s")
    terminal.press("\x03")
    terminal.wait_for("Stop and save")
    terminal.press("\x03")
    assert terminal.wait_for_end() == 0


def assert_saved(run: Path) -> None:
    assert list((run / "weights").glob("*.safetensors"))
    assert (run / "events.jsonl").read_text().splitlines()[-1].startswith('{"event":"finished"')


@pytest.mark.parametrize("number", [signal.SIGSTOP, signal.SIGTSTP])
def test_a_program_that_was_stopped_goes_on_as_it_was(open_terminal, number):
    terminal = open_terminal("classify", *LONG)
    before = termios.tcgetattr(terminal.program.child_fd)
    terminal.wait_for("training", "steps/s")
    terminal.signal(number)
    terminal.wait_until_stopped()
    terminal.soil()
    terminal.signal(signal.SIGCONT)
    terminal.wait_for("1 Loss", "3 Validation digits", "quit")
    for _ in range(3):  # two threads that read keys would take turns
        terminal.press("q")
        terminal.wait_for("Stop and save")
        terminal.press("g")
        terminal.wait_until_gone("Stop and save")
    terminal.press("q")
    terminal.wait_for("Stop and save")
    terminal.press("s")
    assert terminal.wait_for_end() == 0
    assert terminal.restored
    assert termios.tcgetattr(terminal.program.child_fd) == before
