"""The training thread, and the window through which a screen sees it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable

from mnist_engine.runs.state import RunState, Snapshot
from mnist_engine.training.events import Alarm, Diverged, Event, Finished, Intervened, Started

URGENT = (Started, Intervened, Alarm, Diverged, Finished)
"""What a screen should show at once. Epochs and samples may come by the hundred a second: they
wait for the next look."""


class Session:
    """Iterates a run's events in one thread of its own; any thread may look how far it is.

    ``open_events`` is called in the training thread, so it may take its time to load data. ``wake``
    is called there too, after each urgent event, after a step done while paused, and once at the
    end: it must be quick and callable from any thread.

    The training thread only folds events. What costs something, freezing the state into a snapshot,
    is done by whoever looks, and only when something happened since: a screen that looks five times
    a second costs training five snapshots a second, and still sees a step whose successor takes
    minutes.
    """

    def __init__(
        self, open_events: Callable[[], Iterable[Event]], wake: Callable[[], object]
    ) -> None:
        self.failure: Exception | None = None
        self._open_events = open_events
        self._wake = wake
        self._state = RunState()
        self._lock = threading.Lock()  # around the state and the two below
        self._changed = False
        self._latest = self._state.snapshot()
        self._ended = threading.Event()
        # A daemon: a trainer that hangs must not keep a process alive that was told twice to go.
        self._thread = threading.Thread(target=self._run, name="training", daemon=True)

    @property
    def latest(self) -> Snapshot:
        """The state now; the same object as last time where nothing happened since."""
        with self._lock:
            if self._changed:
                self._latest = self._state.snapshot()
                self._changed = False
            return self._latest

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
        try:
            self._fold_all()
        except Exception as error:  # shown on the screen, then turned into an exit status
            self.failure = error
        finally:
            self._ended.set()
            self._wake()

    def _fold_all(self) -> None:
        single_step = False
        for event in self._open_events():
            with self._lock:
                self._state.apply(event)
                self._changed = True
            if single_step or isinstance(event, URGENT):
                self._wake()
                single_step = isinstance(event, Intervened) and event.what == "step"
