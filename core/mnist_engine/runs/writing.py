"""Appending to the log of a run, each event once, whatever the disk does."""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Hashable, Iterable
from pathlib import Path

from mnist_engine.training.events import (
    CheckpointSaved,
    EpochDone,
    Event,
    Finished,
    Intervened,
    Resumed,
    StepDone,
    encode_event,
)

FLUSH_SECONDS = 1.0
"""A reader of the log is at most this far behind."""

MOST_WAITING = 1 << 24
"""Bytes that wait for a disk that takes nothing; beyond them steps are no longer noted."""

NEW = (Resumed, Finished)
"""What belongs to one life of a run, and is new in the next even if it comes at the same step."""


class LogWriter:
    """The open log. Steps reach the disk together, all else at once.

    ``known`` are events that the log has already: a training that goes on from a checkpoint does
    their steps once more. ``is_new`` says that there was no log, or an empty one. An OSError says
    that the disk did not take something; it is kept, and follows with the next event that the disk
    takes.
    """

    def __init__(self, path: Path, known: Iterable[Event] = ()) -> None:
        self._known = Counter(_key(event) for event in known if not isinstance(event, NEW))
        self._waiting = bytearray()
        self._flushed = time.monotonic()
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
        self.is_new = os.fstat(self._file).st_size == 0

    def write(self, event: Event) -> None:
        """Append ``event``, unless the log has it."""
        key = _key(event)
        if self._known[key] > 0:
            self._known[key] -= 1
            return
        is_step = isinstance(event, StepDone)
        if is_step and len(self._waiting) > MOST_WAITING:
            return
        self._waiting += encode_event(event) + b"\n"
        if not is_step or time.monotonic() - self._flushed > FLUSH_SECONDS:
            self.flush()

    def flush(self) -> None:
        """Let readers see all that was written."""
        self._flushed = time.monotonic()
        while self._waiting:
            written = os.write(self._file, self._waiting)
            del self._waiting[:written]

    def sync(self) -> None:
        """Let all that was written outlive a power cut."""
        self.flush()
        os.fsync(self._file)

    def close(self) -> None:
        """Flush, and close in any case."""
        try:
            self.flush()
        finally:
            os.close(self._file)


def _key(event: Event) -> Hashable:
    """What tells an event of a run from all others, apart from times and measured numbers."""
    kind = type(event).__name__
    match event:
        case Intervened(number=number):
            return kind, number
        case EpochDone(epoch=epoch):
            return kind, epoch
        case CheckpointSaved(file=file):
            return kind, event.step, file
    return kind, event.step
