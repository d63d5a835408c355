"""A real pseudo-terminal with the program in it, and the screen that a person would see."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pexpect
import pyte
import pytest

if sys.platform == "win32":
    collect_ignore_glob = ["*"]  # there are no pseudo-terminals

DEADLINE = 60.0
"""Seconds within which anything that is waited for must have happened, on a slow machine too."""


DIRT = "¤"
"""A sign that the program never draws."""


class Terminal:
    """Runs ``mnist-tui`` with ``arguments`` in ``folder``, ``columns`` x ``lines``."""

    def __init__(self, folder: Path, *arguments: str, columns: int = 120, lines: int = 36) -> None:
        self.screen = pyte.Screen(columns, lines)
        self.output = b""
        self._stream = pyte.ByteStream(self.screen)
        environment = {**os.environ, "TERM": "xterm-256color", "LC_ALL": "C.UTF-8"}
        environment.pop("NO_COLOR", None)
        environment["XDG_STATE_HOME"] = environment["XDG_CONFIG_HOME"] = str(folder / "home")
        self.program = pexpect.spawn(
            sys.executable,
            ["-m", "mnist_tui.cli", *arguments],
            cwd=folder,
            env=environment,
            dimensions=(lines, columns),
            timeout=DEADLINE,
        )
        self.program.delaybeforesend = None  # what is waited for here is seen to have happened
        self.program.ptyproc.delayafterclose = 0.0

    @property
    def text(self) -> str:
        """What the screen shows, line by line."""
        return "\n".join(line.rstrip() for line in self.screen.display)

    def wait_for(self, *words: str) -> str:
        """Read until the screen shows all ``words``; what it shows then."""
        self._read_until(lambda: all(word in self.text for word in words), f"showed {words}")
        return self.text

    def wait_until_gone(self, words: str) -> None:
        """Read until the screen no longer shows ``words``."""
        self._read_until(lambda: words not in self.text, f"took {words!r} away")

    def press(self, *keys: str) -> None:
        """Type."""
        for key in keys:
            self.program.send(key)

    def resize(self, columns: int, lines: int) -> None:
        """Give the terminal another size; what stood on it may be anywhere now, or nowhere."""
        self.screen.resize(lines, columns)
        self.soil()
        self.program.setwinsize(lines, columns)

    def soil(self) -> None:
        """Write :data:`DIRT` into every cell."""
        for row in range(self.screen.lines):
            for column in range(self.screen.columns):
                self.screen.buffer[row][column] = self.screen.default_char._replace(data=DIRT)

    @property
    def cells(self) -> list[list[pyte.screens.Char]]:
        """What stands in each cell, line by line, with its colours."""
        columns = range(self.screen.columns)
        return [[self.screen.buffer[y][x] for x in columns] for y in range(self.screen.lines)]

    def wait_for_silence(self, seconds: float = 0.6) -> None:
        """Read until nothing was written for so long."""
        end, size = time.monotonic() + DEADLINE, -1
        quiet_since = time.monotonic()
        while time.monotonic() - quiet_since < seconds:
            assert time.monotonic() < end, "it never fell silent"
            if len(self.output) != size:
                size, quiet_since = len(self.output), time.monotonic()
            assert self._read(), f"the program ended:\n{self.text}"

    def skip(self, seconds: float) -> None:
        """Take in what is written in so long, and show nothing of it."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            try:
                self.output += self.program.read_nonblocking(1 << 16, timeout=left)
            except pexpect.TIMEOUT:
                return

    def signal(self, number: int) -> None:
        """Send the program a signal."""
        self.program.kill(number)

    def wait_until_stopped(self) -> None:
        """Read until a signal has stopped the program."""
        stopped = os.WUNTRACED | os.WNOHANG
        self._read_until(lambda: os.waitpid(self.program.pid, stopped)[0] != 0, "was stopped")

    def wait_for_end(self) -> int:
        """Read until the program ends; its exit status."""
        end = time.monotonic() + DEADLINE
        while self._read():
            assert time.monotonic() < end, f"did not end:\n{self.text}"
        self.program.wait()
        assert self.program.exitstatus is not None, f"killed by signal {self.program.signalstatus}"
        return self.program.exitstatus

    @property
    def restored(self) -> bool:
        """Whether the alternate screen was left and the cursor is shown again."""
        left = self.output.rfind(b"\x1b[?1049l") > self.output.rfind(b"\x1b[?1049h")
        shown = self.output.rfind(b"\x1b[?25h") > self.output.rfind(b"\x1b[?25l")
        return left and shown

    def close(self) -> None:
        """End the program, whatever it is doing."""
        if self.program.isalive():
            self.program.kill(signal.SIGKILL)
            self.program.wait()
        self.program.close()

    def _read_until(self, condition: Callable[[], bool], what: str) -> None:
        end = time.monotonic() + DEADLINE
        while not condition():
            assert time.monotonic() < end, f"it never {what}:\n{self.text}"
            assert self._read(), f"the program ended before it {what}:\n{self.text}"

    def _read(self) -> bool:
        """Take in what the program wrote; False once it has ended."""
        try:
            data = self.program.read_nonblocking(1 << 16, timeout=0.2)
        except pexpect.TIMEOUT:
            return True
        except pexpect.EOF:
            return False
        self.output += data
        self._stream.feed(data)
        return True


@pytest.fixture
def open_terminal(tmp_path: Path) -> Iterator[Callable[..., Terminal]]:
    """Opens a terminal in a new directory: ``open_terminal("gan", "--limit", "640")``.

    Whatever a test leaves running is ended.
    """
    opened: list[Terminal] = []

    def open_one(*arguments: str, **size: int) -> Terminal:
        opened.append(Terminal(tmp_path, *arguments, **size))
        return opened[-1]

    yield open_one
    for one in opened:
        one.close()
