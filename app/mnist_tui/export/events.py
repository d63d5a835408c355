"""The log of a run, read from its first line to its last."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import msgspec

from mnist_engine.errors import BadInput
from mnist_engine.runs.directory import RunDirectory
from mnist_engine.training.events import AnyEvent, Started


def log_size(run: RunDirectory) -> int:
    """Bytes in the log; BadInput where there is none."""
    try:
        return run.events.stat().st_size
    except OSError as error:
        raise BadInput(f"{run.events}: cannot be read ({error.strerror})") from None


def every_event(
    run: RunDirectory, advance: Callable[[float], None] = lambda _: None
) -> Iterator[AnyEvent]:
    """All that happened, oldest first; lines that are damaged are passed over.

    ``advance`` is told the length of each line. Raises BadInput where the log cannot be read.
    """
    decoder = msgspec.json.Decoder(AnyEvent)
    try:
        with run.events.open("rb") as lines:
            for line in lines:
                advance(len(line))
                try:
                    event: AnyEvent = decoder.decode(line)
                except (msgspec.DecodeError, UnicodeDecodeError):
                    continue
                yield event
    except OSError as error:
        raise BadInput(f"{run.events}: cannot be read ({error.strerror})") from None


def beginning_of(run: RunDirectory) -> Started:
    """How the run began; BadInput where its log does not say."""
    for event in every_event(run):
        if isinstance(event, Started):
            return event
    raise BadInput(f"{run.events}: does not say how the run began; the log is empty or damaged")
