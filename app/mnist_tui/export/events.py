"""The log of a run, read from its first line to its last."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from mnist_engine.errors import BadInput
from mnist_engine.runs.directory import RunDirectory
from mnist_engine.runs.order import Order
from mnist_engine.training.events import Event, SamplesDrawn, Started, decode_event

SAMPLES = b'{"event":"samples"'
"""How the lines of sample grids begin."""


def log_size(run: RunDirectory) -> int:
    """Bytes in the log; BadInput where there is none."""
    try:
        return run.events.stat().st_size
    except OSError as error:
        raise BadInput(f"{run.events}: cannot be read ({error.strerror})") from None


def every_event(
    run: RunDirectory, advance: Callable[[float], None] = lambda _: None
) -> Iterator[Event]:
    """All that happened, oldest first; what a disk has damaged is passed over.

    ``advance`` is told the length of each line. Raises BadInput where the log cannot be read.
    """
    order = Order()
    for line in _lines(run):
        advance(len(line))
        event = decode_event(line)
        if event is None:
            order.pass_over()  # it may have been a step
        else:
            yield from order.admit(event)


def beginning_of(run: RunDirectory) -> Started:
    """How the run began; BadInput where its log does not say."""
    for event in every_event(run):
        if isinstance(event, Started):
            return event
    raise BadInput(f"{run.events}: does not say how the run began; the log is empty or damaged")


def samples_in(run: RunDirectory, file: Path) -> SamplesDrawn | None:
    """What the log says of the sample grid in ``file``, without its pictures; None if nothing."""
    found = None
    for line in _lines(run):
        if line.startswith(SAMPLES):
            event = decode_event(line)
            if isinstance(event, SamplesDrawn) and Path(event.file).name == file.name:
                found = event
    return found


def _lines(run: RunDirectory) -> Iterator[bytes]:
    try:
        with run.events.open("rb") as lines:
            yield from lines
    except OSError as error:
        raise BadInput(f"{run.events}: cannot be read ({error.strerror})") from None
