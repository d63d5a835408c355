"""Following a run for as long as somebody trains it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

from mnist_engine.runs.directory import RunDirectory
from mnist_engine.runs.lock import is_locked
from mnist_engine.runs.log import Log
from mnist_engine.training.events import Event

LOCK_SECONDS = 0.5
"""How often to ask whether anybody still trains the run."""


def follow_training(
    log: Log, run: RunDirectory, left: Callable[[], bool] = lambda: False
) -> Iterator[Event]:
    """What is added to the ``log`` of ``run``, until nobody trains it any more.

    It ends early once ``left`` says so. ``log`` goes on from where it was read to.
    """
    trained = True

    def over() -> bool:
        return not trained or left() or time.monotonic() >= pause

    while trained and not left():
        trained = is_locked(run)  # asked first: what is read next is then the last word
        pause = time.monotonic() + LOCK_SECONDS
        yield from log.follow(over)
