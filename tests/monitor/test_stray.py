"""What anything prints while the monitor is up lands in its log, not on the screen."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from mnist_engine.runs.directory import RunDirectory
from mnist_tui.monitor.stray import MOST_BYTES, READ_BYTES, StrayOutput

if sys.platform == "win32":
    pytest.skip("there are no pseudo-terminals", allow_module_level=True)

import pexpect
import pyte

PROGRAM = """
import logging, os, subprocess, sys, time, warnings
from pathlib import Path
from mnist_engine.training.control import TrainControl
from mnist_engine.training.events import Finished, StepDone
from mnist_tui.full_screen import run_app
from mnist_tui.monitor.apps.training import MonitorApp
from mnist_tui.monitor.commands import COMMANDS

run, ending, control = Path(sys.argv[1]), sys.argv[2], TrainControl()
old_logger = logging.StreamHandler()  # it has the standard error of before the screen

def events():
    run.mkdir()
    (run / "run.json").write_text("{}")
    yield StepDone(step=1, epoch=1, losses={"generator": 1.0}, learning_rates={})
    print("said by print")
    sys.stderr.write("said on standard error\\n")
    warnings.warn("said as a warning")
    logging.warning("said by logging")
    old_logger.emit(logging.makeLogRecord({"msg": "said by an old handler"}))
    os.write(1, b"said on descriptor 1\\n")
    os.write(2, b"\\x1b[2J\\x1b[Hsaid on \\x1b[31mdescriptor\\x1b[0m 2\\n")
    subprocess.run(["echo", "said by a child"])
    while not control.stop_wanted:
        time.sleep(0.01)
    os.write(2, b"said at the very end\\n")
    yield Finished(step=1, epoch=1, ending="stopped")

class App(MonitorApp):
    def hear(self, lines):
        super().hear(lines)
        if ending == "own fault":
            raise RuntimeError("said by what broke")

sys.exit(run_app(App(events, control, run), COMMANDS))
"""

SAID = (
    "said by print",
    "said on standard error",
    "UserWarning: said as a warning",
    "WARNING:root:said by logging",
    "said by an old handler",
    "said on descriptor 1",
    "said on descriptor 2",
    "said by a child",
)


class Seen:
    """A program on a pseudo-terminal, and the screen that a person sees."""

    def __init__(self, run: Path, ending: str) -> None:
        self.screen = pyte.Screen(160, 45)
        self._output = b""
        self._stream = pyte.ByteStream(self.screen)
        self.program = pexpect.spawn(
            sys.executable,
            ["-c", PROGRAM, str(run), ending],
            dimensions=(45, 160),
            env={**os.environ, "TERM": "xterm-256color", "PYTHONPATH": ":".join(sys.path)},
            timeout=60,
        )
        self.program.delaybeforesend = None

    def until(self, condition: Callable[[str], bool]) -> str:
        """The screen as soon as the condition holds for it, or when the program has ended."""
        while not condition(text := "\n".join(self.screen.display)):
            try:
                data = self.program.read_nonblocking(1 << 16, timeout=60)
            except pexpect.EOF:
                break
            except pexpect.TIMEOUT:
                pytest.fail(f"waited in vain; the screen shows\n{text}")
            self._stream.feed(data)
            self._output += data
        return text

    def after_the_end(self) -> str:
        """What the terminal was given once the screen had left it."""
        self.until(lambda _: False)
        return self._output.rpartition(b"\x1b[?1049l")[2].decode()


@pytest.fixture
def open_seen(tmp_path: Path) -> Iterator[Callable[[str], Seen]]:
    """Runs the program on ``tmp_path / "run"``, to one of its endings."""
    opened: list[Seen] = []

    def open_one(ending: str) -> Seen:
        opened.append(Seen(tmp_path / "run", ending))
        return opened[-1]

    yield open_one
    for one in opened:
        one.program.close(force=True)


def test_whatever_prints_is_read_in_the_log_and_kept_in_the_run(
    open_seen: Callable[[str], Seen], tmp_path: Path
) -> None:
    seen = open_seen("quiet")
    text = seen.until(lambda text: SAID[-1] in text)
    said = [line for line in text.splitlines() if "said" in line]
    assert len(said) >= 4, "as many lines as the log has room for"
    assert all(any(f"| {words}" in line for words in SAID) for line in said)
    assert text.splitlines()[0].strip(), "the headline was not wiped away"
    seen.program.send("q")
    seen.until(lambda text: "Stop and save" in text)
    seen.program.send("s")
    after = seen.after_the_end()
    assert "lines printed meanwhile: see" in after
    assert not any(words in after for words in SAID), "what was read is not said twice"
    kept = (tmp_path / "run" / "output.log").read_text()
    assert all(words in kept for words in (*SAID[:6], SAID[7], "said at the very end"))


def test_a_crash_of_the_screen_is_told_when_it_is_gone(open_seen: Callable[[str], Seen]) -> None:
    after = open_seen("own fault").after_the_end()
    assert "RuntimeError: said by what broke" in after


# -- where there is no terminal ------------------------------------------------------------------


def test_nothing_printed_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "run.json").touch()
    with StrayOutput(RunDirectory(tmp_path)) as stray:
        assert stray.news() == []
        assert (tmp_path / "output.log").exists()
    assert not (tmp_path / "output.log").exists()


def test_lines_come_once_and_whole(tmp_path: Path) -> None:
    with StrayOutput(RunDirectory(tmp_path)) as stray:
        os.write(1, b"one\n\ntw")
        assert stray.news() == ["one"]
        os.write(2, b"o\n 10%\r 20%\r\n\x1b]0;title\x07 \tthree\x00\n")
        assert stray.news() == ["two", " 20%", "        three?"]
        assert stray.news() == []


def test_what_was_said_before_the_run_had_a_directory_is_kept_too(tmp_path: Path) -> None:
    with StrayOutput(RunDirectory(tmp_path)) as stray:
        child = os.dup(1)  # as a process has it that is begun now
        os.write(1, b"early\n")
        assert stray.news() == ["early"]
        os.write(1, b"between\n")
        (tmp_path / "output.log").write_text("of before\n")
        (tmp_path / "run.json").touch()
        assert stray.news() == ["between"]
        os.write(1, b"late\n")
        os.write(child, b"of a child\n")
        os.close(child)
        assert stray.news() == ["late", "of a child"]
        assert (
            tmp_path / "output.log"
        ).read_text() == "of before\nearly\nbetween\nlate\nof a child\n"


def test_a_flood_is_cut_short(tmp_path: Path) -> None:
    with StrayOutput(RunDirectory(tmp_path)) as stray:
        os.write(1, b"x" * 99 + b"\n" + b"line\n" * READ_BYTES)
        news = stray.news()
        assert news[0].endswith("bytes more)")
        assert set(news[1:]) == {"line"}
        assert len(news) <= READ_BYTES / len("line\n") + 1


def test_a_flood_does_not_fill_the_disk(tmp_path: Path) -> None:
    with StrayOutput(RunDirectory(tmp_path)) as stray:
        (tmp_path / "run.json").touch()
        stray.news()
        os.truncate(tmp_path / "output.log", MOST_BYTES)  # a file with a hole: no disk is used
        os.write(1, b"\none more\n")
        assert stray.news()[-1] == "one more"
        os.write(1, b"and one\n")
        assert stray.news() == ["and one"]
        assert (tmp_path / "output.log").stat().st_size == MOST_BYTES


def test_what_nobody_read_is_told_in_the_end(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "run.json").touch()
    with StrayOutput(RunDirectory(tmp_path)) as stray:
        os.write(1, b"one\n")
        assert stray.news() == ["one"]
        os.write(2, b"two\nthree")
    told = capfd.readouterr().err.splitlines()
    assert told[:2] == ["two", "three"]
    assert told[2].startswith("mnist-tui: 1 line printed meanwhile: see ")
    assert (tmp_path / "output.log").read_text() == "one\ntwo\nthree"


def test_where_no_run_keeps_it_all_is_told_in_the_end(capfd: pytest.CaptureFixture[str]) -> None:
    with StrayOutput() as stray:
        os.write(1, b"one\n")
        assert stray.news() == ["one"]
        os.write(2, b"two")
        stray.terminal.write("drawn")
        stray.terminal.flush()
    assert capfd.readouterr() == ("", "drawnone\ntwo\n")
