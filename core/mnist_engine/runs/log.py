"""Reading the log of a run, of any length, while it is written, whatever befell it.

A log is appended to line by line. Its last line may be torn, or still on its way: it is not there
yet. Lines that a broken disk garbled are skipped and counted.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from mnist_engine.errors import BadInput, CannotRecord, reason_of
from mnist_engine.files import check_plain
from mnist_engine.runs.order import Order
from mnist_engine.training.events import Event, StepDone, decode_event

POLL_SECONDS = 0.1
"""A follower sees a line so long after it was written at most."""

STEPS_READ = 100_000
"""Of a longer log about so many steps are decoded: more than any plot can show."""

SKETCHED = 1_000
"""Places all over a log where a sketch looks for a step."""

END = 100_000
"""Bytes at the end of a log that are read whole for a first picture."""

BLOCK = 1 << 20
"""Bytes that are read together; no line of a log has as many."""

WINDOW = 2048
"""Bytes that hold a whole step, wherever among steps they begin."""

STEP = b'{"event":"step"'
"""How the lines begin that a log has by the million."""


class Log:
    """The log at ``path``; an empty one where there is no such file yet.

    Raises BadInput where it cannot be read.
    """

    def __init__(self, path: Path) -> None:
        check_plain(path)
        self._path = path
        self._order = Order()
        self._unreadable = 0
        self._position = 0  # where the first line begins that was not read yet

    @property
    def damaged(self) -> int:
        """How many of the lines read so far are none that a trainer wrote."""
        return self._unreadable + self._order.dropped

    # -- a first picture -------------------------------------------------------------------------

    def first(self) -> Event | None:
        """The first event; None where there is none yet or its line is damaged."""
        if not self._size():
            return None
        with self._reading() as file:
            return decode_event(file.readline(BLOCK))

    def end(self) -> list[Event]:
        """The newest events, oldest first: hundreds, or all where there are fewer."""
        return list(self._from(self._size() - END).events())

    def sketch(self) -> Iterator[Event]:
        """The first event, steps from all over the log, and its end; all of a short log.

        It takes the same moment whatever the length.
        """
        size = self._size()
        if size < SKETCHED * WINDOW:
            yield from Log(self._path).events()
            return
        first, end = self.first(), self.end()
        if first is not None:
            yield first
        step, last = 0, max((event.step for event in end), default=0)
        for event in self._scattered_steps(size - END):
            if step < event.step <= last:
                step = event.step
                yield event
        yield from (event for event in end if not isinstance(event, StepDone) or event.step > step)

    def _scattered_steps(self, size: int) -> Iterator[StepDone]:
        """Steps at even distances in the first ``size`` bytes."""
        with self._reading() as file:
            for number in range(SKETCHED):
                file.seek(size * number // SKETCHED)
                for line in file.read(WINDOW).split(b"\n")[1:-1]:
                    if line.startswith(STEP):
                        event = decode_event(line)
                        if isinstance(event, StepDone):
                            yield event
                        break

    # -- from the beginning to whatever comes ----------------------------------------------------

    def events(self) -> Iterator[Event]:
        """All events up to now; of very many steps every second, third ... alone.

        The last step is there in any case, and so are those next to each other event: there the
        learning rate can be seen that somebody changed.
        """
        size = self._size()
        distance = max(1, round((size - self._position) / (STEPS_READ * self._bytes_per_step())))
        skipped, newest_skipped, may_skip = 0, b"", False
        for line in self._lines(size):
            is_step = line.startswith(STEP)
            if is_step and may_skip and skipped + 1 < distance:
                skipped += 1
                newest_skipped = line
                continue
            if newest_skipped and not is_step:
                yield from self._read_after(skipped - 1, newest_skipped)
                skipped = 0
            yield from self._read_after(skipped, line)
            skipped, newest_skipped, may_skip = 0, b"", is_step
        if newest_skipped:
            yield from self._read_after(skipped - 1, newest_skipped)

    def every(self, advance: Callable[[int], None] = lambda _: None) -> Iterator[Event]:
        """All events up to now, none left out; ``advance`` is told the bytes of each line."""
        for line in self._lines(self._size()):
            advance(len(line) + 1)
            yield from self._read(line)

    def follow(self, stopped: Callable[[], bool]) -> Iterator[Event]:
        """What was added since the last reading, and then what is added, as it comes.

        It ends after ``stopped`` has said so; what was written until then is still read. A process
        that goes on with the run may have cut the log's torn end off.
        """
        while True:
            last_look = stopped()
            size = self._size()
            self._position = min(self._position, size)
            for line in self._lines(size):
                yield from self._read(line)
            if last_look:
                return
            time.sleep(POLL_SECONDS)

    def _read_after(self, skipped: int, line: bytes) -> list[Event]:
        self._order.pass_over(skipped)
        return self._read(line)

    def _read(self, line: bytes) -> list[Event]:
        event = decode_event(line)
        if event is not None:
            return self._order.admit(event)
        self._unreadable += 1
        self._order.pass_over(1)  # it may have been a step
        return []

    # -- bytes -----------------------------------------------------------------------------------

    def _lines(self, size: int) -> Iterator[bytes]:
        """The whole lines from where reading stopped up to byte ``size``."""
        if self._position >= size:
            return
        with self._reading() as file:
            file.seek(self._position)
            torn = b""
            while block := file.read(min(BLOCK, size - self._position - len(torn))):
                *lines, torn = (torn + block).split(b"\n")
                for line in lines:
                    self._position += len(line) + 1
                    yield line
                if len(torn) > BLOCK:
                    self._position += len(torn)
                    yield torn  # no event, wherever it ends
                    torn = b""

    def _from(self, begin: int) -> Log:
        """A reader of this log from the first line on that begins at byte ``begin`` or later."""
        log = Log(self._path)
        if begin > 0:
            with self._reading() as file:
                file.seek(begin - 1)
                log._position = begin - 1 + len(file.readline(BLOCK))
        return log

    def _bytes_per_step(self) -> float:
        """What a step takes, as the beginning of the log has it."""
        if not self._size():
            return 1.0
        with self._reading() as file:
            block = file.read(BLOCK)
        return len(block) / max(block.count(STEP), 1)

    def _size(self) -> int:
        try:
            return self._path.stat().st_size
        except FileNotFoundError:
            return 0
        except OSError as error:
            raise self._unusable(error) from None

    @contextmanager
    def _reading(self) -> Iterator[BinaryIO]:
        try:
            with self._path.open("rb") as file:
                yield file
        except OSError as error:
            raise self._unusable(error) from None

    def _unusable(self, error: OSError) -> BadInput:
        return BadInput(f"{self._path}: cannot be read ({reason_of(error)})")


def repair(path: Path) -> None:
    """Let the log end with a whole line, so that it can be appended to.

    A torn event is cut off; one that lacks nothing but the end of its line gets that. To be called
    by the process that holds the run's lock. Raises CannotRecord where the disk does not take it.
    """
    try:
        with path.open("r+b") as file:
            size = file.seek(0, os.SEEK_END)
            whole = _end_of_whole_lines(file, size)
            if whole == size:
                return
            file.seek(whole)
            if size - whole <= BLOCK and decode_event(file.read()) is not None:
                file.write(b"\n")
            else:
                file.truncate(whole)
            file.flush()
            os.fsync(file.fileno())
    except FileNotFoundError:
        return
    except OSError as error:
        raise CannotRecord(f"{path}: cannot be repaired ({reason_of(error)})") from error


def _end_of_whole_lines(file: BinaryIO, size: int) -> int:
    """Where the last of the whole lines in the first ``size`` bytes ends."""
    end = size
    while end > 0:
        begin = max(end - BLOCK, 0)
        file.seek(begin)
        found = file.read(end - begin).rfind(b"\n")
        if found >= 0:
            return begin + found + 1
        end = begin
    return 0
