"""How often a screen looks for news: seldom enough to leave training its time."""

from __future__ import annotations

import time

LOOKING_SHARE = 0.05
"""How much of one core's time may go into showing a run that trains in this process. Python's
threads take turns, so what the screen takes is training's."""

LONGEST_REST = 1.0
"""Seconds after which it is looked again all the same."""

VIEWING_SHARE = 0.02
"""The same for a run that another process trains: it has no part in what this one shows, and is to
notice nothing of it."""

LONGEST_VIEWING_REST = 2.0
"""Seconds after which that is looked at again all the same."""


class Pace:
    """Remembers what showing the last news has cost this thread, keys that were pressed included.

    The cost is processor time: a machine that is busy with something else makes no screen slow.
    ``elsewhere`` says that what is shown is trained by another process.
    """

    def __init__(self, elsewhere: bool = False) -> None:
        self._share = VIEWING_SHARE if elsewhere else LOOKING_SHARE
        self._longest_rest = LONGEST_VIEWING_REST if elsewhere else LONGEST_REST
        self._looked = time.monotonic()
        self._spent = time.thread_time()

    def is_due(self, training: bool) -> bool:
        """Whether to look now, which then is taken for done; always where nothing trains."""
        now, spent = time.monotonic(), time.thread_time()
        rest = min((spent - self._spent) / self._share, self._longest_rest)
        if training and now - self._looked < rest:
            return False
        self._looked, self._spent = now, spent
        return True
