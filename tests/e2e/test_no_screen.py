"""Training without a screen: where it was asked for, and where there is none to be had."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys

LONG = ("--limit", "4000", "--epochs", "5000", "--threads", "1", "--run-dir", "run")


def test_a_terminal_gets_a_bar_and_ctrl_c_saves(open_terminal, tmp_path):
    terminal = open_terminal("gan", "--no-ui", *LONG)
    terminal.wait_for("steps/s", "ETA", "discriminator", "generator")
    terminal.signal(signal.SIGINT)
    assert terminal.wait_for_end() == 128 + signal.SIGINT
    assert (tmp_path / "run" / "weights" / "generator.safetensors").exists()
    assert "weights saved" in terminal.output.decode()


def test_a_dumb_terminal_is_told_why_there_is_no_screen(tmp_path):
    done = run(tmp_path, "classify", "--limit", "2000", "--epochs", "1")
    assert done.returncode == 0
    assert done.stderr.count("\n") == 1
    assert "no screen: standard input is not a terminal" in done.stderr
    assert "test accuracy" in done.stdout.splitlines()[-1]


def test_the_last_line_of_json_has_the_test_accuracy(tmp_path):
    done = run(tmp_path, "classify", "--json", "--limit", "5000", "--epochs", "2")
    assert done.returncode == 0
    assert done.stderr == ""
    events = [json.loads(line) for line in done.stdout.splitlines()]
    assert events[0]["event"] == "started"
    assert events[-1]["event"] == "finished"
    assert 0.8 < events[-1]["test_accuracy"] < 1


def run(folder, *arguments):
    return subprocess.run(
        [sys.executable, "-m", "mnist_tui.cli", *arguments, "--threads", "1"],
        cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120,
        env={**os.environ, "TERM": "dumb"},
    )  # fmt: skip
