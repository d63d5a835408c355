"""A terminal that is closed takes neither the weights nor the exit status with it."""

from __future__ import annotations

import io
import os
import sys
import time

import pytest

from mnist_tui.monitor.driver import LastingStream

PROGRAM = """
import sys, time
from pathlib import Path
from mnist_engine.training.control import TrainControl
from mnist_engine.training.events import Finished, Intervened, StepDone
from mnist_tui.monitor.apps.training import MonitorApp

control, saved = TrainControl(), Path(sys.argv[1])

def events():
    step = 0
    while not control.stop_wanted:
        step += 1
        time.sleep(0.001)
        yield StepDone(step=step, epoch=1, losses={"generator": 1.0}, learning_rates={})
    for _ in range(200):  # while saving, the screen writes more than its queue holds
        time.sleep(0.01)
        yield Intervened(step=step, what="stop", source="test")
    saved.write_text("weights")
    yield Finished(step=step, epoch=1, ending="stopped")

app = MonitorApp(events, control, saved.parent)
app.run()
saved.with_suffix(".code").write_text(str(app.return_code))
"""


class Closed(io.StringIO):
    def write(self, text: str) -> int:
        raise OSError(5, "Input/output error")

    def flush(self) -> None:
        raise OSError(5, "Input/output error")


def test_writing_to_a_closed_terminal_is_quiet():
    stream = LastingStream(Closed())
    assert stream.write("abc") == 3
    stream.flush()


def test_an_open_terminal_gets_everything():
    terminal = io.StringIO()
    stream = LastingStream(terminal)
    assert stream.write("abc") == 3
    stream.flush()
    assert terminal.getvalue() == "abc"
    assert stream.isatty() is False  # the rest is the stream's own


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGHUP")
def test_closing_the_terminal_saves_and_ends_with_129(tmp_path):
    import pexpect

    saved = tmp_path / "weights.txt"
    child = pexpect.spawn(
        sys.executable,
        ["-c", PROGRAM, str(saved)],
        dimensions=(24, 80),
        env={"TERM": "xterm-256color", "PATH": "", "PYTHONPATH": ":".join(sys.path)},
        timeout=20,
    )
    child.expect("1\\.000")  # the legend: it trains
    child.ptyproc.fileobj.close()  # the terminal is gone; the kernel sends SIGHUP
    _wait_for(child.pid)
    assert saved.read_text() == "weights"
    assert saved.with_suffix(".code").read_text() == "129"


def _wait_for(pid: int) -> None:
    deadline = time.monotonic() + 20
    while os.waitpid(pid, os.WNOHANG) == (0, 0):
        if time.monotonic() > deadline:
            os.kill(pid, 9)
            os.waitpid(pid, 0)
            pytest.fail("the program outlived its terminal")
        time.sleep(0.02)
