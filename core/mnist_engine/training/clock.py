"""Training time: the seconds that pass while training runs, not while it is paused."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager


class Clock:
    """Stands still until :meth:`go`."""

    def __init__(self) -> None:
        self._passed = 0.0
        self._since: float | None = None

    def set(self, seconds: float) -> None:
        """Stand still at ``seconds``."""
        self._passed = seconds
        self._since = None

    def go(self) -> None:
        """Run, if it stands."""
        if self._since is None:
            self._since = time.perf_counter()

    def halt(self) -> None:
        """Stand still, if it runs."""
        self._passed = self.seconds
        self._since = None

    @contextmanager
    def standing(self) -> Iterator[None]:
        """Stand still while this is entered, and then go on."""
        self.halt()
        try:
            yield
        finally:
            self.go()

    @property
    def seconds(self) -> float:
        """Seconds that it has run in all."""
        running = 0.0 if self._since is None else time.perf_counter() - self._since
        return self._passed + running
