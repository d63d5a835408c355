"""A thread that folds a run's events, and the window through which a screen sees it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable

from mnist_engine.runs.log import Log
from mnist_engine.runs.state import RunState, Snapshot
from mnist_engine.training.events import (
    Alarm,
    Diverged,
    Event,
    Finished,
    Intervened,
    Resumed,
    SavingFailed,
    Staged,
    Started,
)

URGENT = (Started, Resumed, Intervened, Staged, Alarm, SavingFailed, Diverged, Finished)
"""What a screen should show at once. Epochs and samples may come by the hundred a second: they
wait for the next look."""


class Session:
    """One thread of its own, in which :meth:`work` folds; any thread may look how far it is.

    ``wake`` is called in that thread, after each urgent event, after a step done while paused or in
    stages, and once at the end: it must be quick and callable from any thread.

    The thread only folds events. What costs something, freezing the state into a snapshot, is done
    by whoever looks, and only when something happened since: a screen that looks five times a
    second costs training five snapshots a second, and still sees a step whose successor takes
    minutes.
    """

    def __init__(self, wake: Callable[[], object]) -> None:
        self.failure: Exception | None = None
        self._wake = wake
        self._state = RunState()
        self._lock = threading.Lock()  # around the state and the two below
        self._changed = False
        self._latest = self._state.snapshot()
        self._single_step = False
        self._ended = threading.Event()
        # A daemon: a trainer that hangs must not keep a process alive that was told twice to go.
        self._thread = threading.Thread(target=self._work_or_fail, name="events", daemon=True)

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
        """Whether nothing more comes: all is folded, or folding has failed."""
        return self._ended.is_set()

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def join(self, timeout: float | None = None) -> None:
        """Wait until the thread has ended; at once if it was never started."""
        if self._thread.ident is not None:
            self._thread.join(timeout)

    def work(self) -> None:
        """What the thread does; an exception becomes :attr:`failure`."""
        raise NotImplementedError

    def fold(self, event: Event) -> None:
        """Take in the next event, and wake the screen where that cannot wait."""
        with self._lock:
            self._state.apply(event)
            self._changed = True
        if self._single_step or isinstance(event, URGENT):
            self._wake()
            self._single_step = isinstance(event, Staged) or (
                isinstance(event, Intervened) and event.what == "step"
            )

    def show_sketch(self, log: Log) -> None:
        """Give the screen a first picture, as one whole, of a log that takes longer to read."""
        sketch = RunState()
        for event in log.sketch():
            sketch.apply(event)
        self.replace(sketch)

    def replace(self, state: RunState) -> None:
        """Go on from ``state``, which nobody else folds any more."""
        with self._lock:
            self._state = state
            self._changed = True
        self._wake()

    def _work_or_fail(self) -> None:
        try:
            self.work()
        except Exception as error:  # shown on the screen, then turned into an exit status
            self.failure = error
        finally:
            self._ended.set()
            self._wake()


class TrainingSession(Session):
    """Trains: ``open_events`` returns the run's iterator of events.

    It is called in the thread, so it may take its time to load data. The session has ended when the
    iterator is exhausted, which means that all that it saves is saved.
    """

    def __init__(
        self, open_events: Callable[[], Iterable[Event]], wake: Callable[[], object]
    ) -> None:
        super().__init__(wake)
        self._open_events = open_events

    def work(self) -> None:
        """Iterate the events to their end."""
        for event in self._open_events():
            self.fold(event)
