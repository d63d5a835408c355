"""The newest events of a log, read from its end: those with which a run goes on."""

from __future__ import annotations

import os
from pathlib import Path
from typing import NamedTuple

from mnist_engine.errors import BadInput, reason_of
from mnist_engine.files import check_plain
from mnist_engine.training.events import Event, StepDone, decode_event

BLOCK = 1 << 20
"""Bytes of the log that are read together."""


class Tail(NamedTuple):
    """The events of a log from a step on, and how many lines among them are none."""

    events: list[Event]
    damaged: int


def tail_of(path: Path, step: int) -> Tail:
    """The events of the log at ``path`` from ``step`` on, each one that can be read.

    An event that lacks nothing but the end of its line is there. BadInput where the log cannot be
    read; one that does not exist is empty.
    """
    check_plain(path)
    try:
        content = _end_of(path, step)
    except OSError as error:
        raise BadInput(f"{path}: cannot be read ({reason_of(error)})") from None
    *lines, torn = content.split(b"\n")
    events: list[Event] = []
    damaged = 0
    for line in lines:
        event = decode_event(line)
        if event is None:
            damaged += 1
        elif event.step >= step:
            events.append(event)
        elif not events:
            damaged = 0  # before that step nobody misses them
    event = decode_event(torn)
    if event is not None and event.step >= step:
        events.append(event)
    return Tail(events, damaged)


def _end_of(path: Path, step: int) -> bytes:
    """Whole lines at the end of the log that hold all events from ``step`` on."""
    if not path.exists():
        return b""
    blocks: list[bytes] = []
    with path.open("rb") as file:
        end = file.seek(0, os.SEEK_END)
        while end > 0:
            begin = max(0, end - BLOCK)
            file.seek(begin)
            blocks.insert(0, file.read(end - begin))
            end = begin
            if _reaches_back(blocks[0], step):
                break
    content = b"".join(blocks)
    return content if end == 0 else content.partition(b"\n")[2]


def _reaches_back(block: bytes, step: int) -> bool:
    """Whether a step before ``step`` is in the block, so that no later one is before it."""
    for line in block.split(b"\n")[1:]:
        event = decode_event(line)
        if isinstance(event, StepDone):
            return event.step < step
    return False
