"""What anything in the process prints while a screen has the terminal.

A line that somebody writes to standard output or standard error would land in the midst of the
screen. Here it lands in a file: Python's streams, warnings, logging, and what a library in C writes
straight to the descriptors 1 and 2. A file and not a pipe, since a writer never has to wait for its
reader, and since what a process says before it dies is there afterwards.
"""

from __future__ import annotations

import os
import re
import sys
import tempfile
from collections import deque
from contextlib import suppress
from typing import Any

from mnist_engine.runs.directory import RunDirectory
from mnist_tui.endings import say
from mnist_tui.figures import counted
from mnist_tui.monitor.driver import LastingStream

OUTPUTS = (1, 2)
"""The descriptors of standard output and of standard error."""

READ_BYTES = 1 << 16
"""Of what comes in one moment so much is read, the newest: more nobody could follow."""

MOST_BYTES = 1 << 24
"""A file has so much of it at most: a print in every step must not fill the disk."""

LINES_HELD = 1_000
"""Where no run keeps them, so many of the newest lines are printed when the screen has gone."""

ESCAPES = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[ -~])")
"""Colours, movements of the cursor, titles of windows."""


class StrayOutput:
    """While it is entered nothing but the stream ``terminal`` reaches the terminal.

    What is printed is kept in the directory of ``run`` as soon as there is one, or where there is
    no run until the end. :meth:`news` gives it line by line. In the end the streams are as they
    were, and standard error tells what nobody has read yet.
    """

    def __init__(self, run: RunDirectory | None = None) -> None:
        self._run = run
        self._file = -1
        self._in_run = False  # whether the file is the run's
        self._position = 0
        self._early = -1  # the file that was written to before that
        self._brought = 0
        self._torn = ""
        self._told = 0
        self._held: deque[str] = deque(maxlen=LINES_HELD)
        self._former: list[int] = []

    def __enter__(self) -> StrayOutput:
        _flush(sys.stdout, sys.stderr)
        self.streams = tuple(_stream_on(number, number) for number in OUTPUTS)
        self.terminal = _stream_on(2, os.dup(2))
        self._former = [os.dup(number) for number in OUTPUTS]
        self._write_to(_nameless_file())
        self._move_to_the_run()
        return self

    def __exit__(self, *_: object) -> None:
        _flush(*self.streams, sys.stdout, sys.stderr, sys.__stdout__, sys.__stderr__)
        for number, former in zip(OUTPUTS, self._former, strict=True):
            os.dup2(former, number)
            os.close(former)
        with suppress(OSError):  # the terminal is gone
            self.terminal.close()
        self._tell_the_rest()
        for file in (self._file, self._early):
            if file >= 0:
                os.close(file)

    def take_over(self) -> None:
        """Let Python's own streams write here, whatever another has made of them."""
        sys.stdout, sys.stderr = self.streams

    def news(self) -> list[str]:
        """The whole lines that were printed since the last time, as plain text."""
        self._move_to_the_run()
        lines = self._read()
        self._told += len(lines)
        self._held.extend(lines)
        return lines

    # -- the file ------------------------------------------------------------------------------

    def _write_to(self, file: int) -> int:
        """Let all that is printed go there; the file to which it went before."""
        for number in OUTPUTS:
            os.dup2(file, number)
        before, self._file = self._file, file
        return before

    def _move_to_the_run(self) -> None:
        """Once the run has its directory: write there, and take along what there was before."""
        if self._in_run or self._run is None or not self._run.info.exists():
            return
        try:
            file = os.open(self._run.output, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o666)
        except OSError:
            return  # a disk that takes nothing; perhaps it will
        self._in_run = True
        self._position += os.fstat(file).st_size
        self._early = self._write_to(file)

    def _bring_along(self) -> None:
        """What the first file got; a child that began then still writes there."""
        if self._early >= 0 and (text := os.pread(self._early, MOST_BYTES, self._brought)):
            self._brought += len(text)
            with suppress(OSError):
                os.write(self._file, text)

    def _read(self) -> list[str]:
        self._bring_along()
        size = os.fstat(self._file).st_size
        if size <= self._position:
            return []
        left_out = max(size - self._position - READ_BYTES, 0)
        text = os.pread(self._file, size - self._position - left_out, self._position + left_out)
        self._position = size
        if size > MOST_BYTES:
            os.ftruncate(self._file, MOST_BYTES)
            self._position = MOST_BYTES
        whole = (self._torn * (not left_out)) + text.decode(errors="replace")
        *lines, self._torn = whole.split("\n")
        if left_out:
            lines[:1] = [f"({left_out:,} bytes more)"]
        return [told for one in lines if (told := _plain(one))]

    def _tell_the_rest(self) -> None:
        """On standard error, which is the terminal again."""
        rest = [*self._read(), _plain(self._torn)]
        told = rest if self._in_run else [*self._held, *rest]
        for one in filter(None, told):
            say(one, sys.stderr)
        if not self._in_run or self._run is None:
            return
        if self._told:
            what = counted(self._told, "line")
            say(f"mnist-tui: {what} printed meanwhile: see {self._run.output}", sys.stderr)
        elif not os.fstat(self._file).st_size:
            self._run.output.unlink(missing_ok=True)


def _nameless_file() -> int:
    """A new file that goes with its last descriptor; where there can be none, nowhere."""
    try:
        with tempfile.TemporaryFile("ab+") as file:
            return os.dup(file.fileno())
    except OSError:
        return os.open(os.devnull, os.O_RDWR)


def _stream_on(number: int, descriptor: int) -> Any:
    """A text stream like the standard stream of that number, but on ``descriptor``."""
    like = (sys.__stdout__, sys.__stderr__)[number - 1]
    stream = open(  # noqa: SIM115 (it stays open)
        descriptor,
        "w",
        buffering=1 if descriptor == number else -1,  # a screen is flushed when it is whole
        encoding=like.encoding if like is not None else "utf-8",
        errors="backslashreplace",
        closefd=descriptor != number,
    )
    return LastingStream(stream)


def _flush(*streams: Any) -> None:
    for stream in streams:
        with suppress(OSError, ValueError):
            stream.flush()


def _plain(line: str) -> str:
    """``line`` without what steers a terminal; of what it wrote over itself, the last."""
    last = line.rstrip("\r").rpartition("\r")[2]
    text = ESCAPES.sub("", last).expandtabs().rstrip()
    return "".join(sign if sign.isprintable() else "?" for sign in text)
