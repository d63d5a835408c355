"""Training time: the seconds that pass while training runs, not while it is paused."""

from __future__ import annotations

import time


class Clock:
    """Stands still until :meth:`go`."""

    def __init__(self) -> None:
        self._passed = 0.0
        self._since: float | None = None

    def go(self) -> None:
        """Run, if it stands."""
        if self._since is None:
            self._since = time.perf_counter()

    def halt(self) -> None:
        """Stand still, if it runs."""
        self._passed = self.seconds
        self._since = None

    @property
    def seconds(self) -> float:
        """Seconds that it has run in all."""
        running = 0.0 if self._since is None else time.perf_counter() - self._since
        return self._passed + running
