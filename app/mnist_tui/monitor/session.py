"""The training thread, and the mailbox through which a screen sees it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable

from mnist_engine.runs.state import RunState, Snapshot
from mnist_engine.training.events import Event, StepDone

PUBLISH_SECONDS = 0.1
"""Between two rare events a snapshot is published at most this often."""


class Session:
    """Iterates a run's events in one thread of its own and keeps the latest snapshot of it.

    ``open_events`` is called in that thread, so it may take its time to load data. ``wake`` is
    called there too, after each rare event (everything but a plain step) and once at the end: it
    must be quick and may be called from any thread.

    ``latest`` is replaced as a whole, never changed, so that any thread may read it at any time
    without a lock.
    """

    def __init__(
        self, open_events: Callable[[], Iterable[Event]], wake: Callable[[], object]
    ) -> None:
        self.latest = Snapshot()
        self.failure: Exception | None = None
        self._open_events = open_events
        self._wake = wake
        self._ended = threading.Event()
        # A daemon: a trainer that hangs must not keep a process alive that was told twice to go.
        self._thread = threading.Thread(target=self._run, name="training", daemon=True)

    @property
    def ended(self) -> bool:
        """Whether the iterator is exhausted (all that it saves is saved) or has failed."""
        return self._ended.is_set()

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def join(self, timeout: float | None = None) -> None:
        """Wait until the run has ended; at once if it was never started."""
        if self._thread.ident is not None:
            self._thread.join(timeout)

    def _run(self) -> None:
        state = RunState()
        try:
            self._publish_all(state)
        except Exception as error:  # shown on the screen, then turned into an exit status
            self.failure = error
        finally:
            self.latest = state.snapshot()
            self._ended.set()
            self._wake()

    def _publish_all(self, state: RunState) -> None:
        next_publication = 0.0
        paused = False
        for event in self._open_events():
            state.apply(event)
            rare = not isinstance(event, StepDone)
            now = time.monotonic()
            # A paused trainer sleeps after a single step: nothing later would bring that step out.
            if rare or paused or now >= next_publication:
                self.latest = state.snapshot()
                paused = self.latest.phase == "paused"
                next_publication = now + PUBLISH_SECONDS
                if rare or paused:
                    self._wake()
