"""A run that another process trains, seen through its log."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace

from mnist_engine.runs.directory import RunDirectory
from mnist_engine.runs.following import LOCK_SECONDS, follow_training
from mnist_engine.runs.inbox import RemoteControl
from mnist_engine.runs.lock import is_locked
from mnist_engine.runs.log import Log
from mnist_engine.runs.pictures import with_images
from mnist_engine.runs.state import RunState, Snapshot
from mnist_tui.monitor.sessions.session import Session


class Following(Session):
    """Folds the log of ``run``: first a sketch of it, then the whole, then what is added to it.

    ``control`` is told what happens. The session has ended while nobody trains the run, and goes on
    where somebody resumes it.
    """

    def __init__(
        self, run: RunDirectory, control: RemoteControl, wake: Callable[[], object]
    ) -> None:
        super().__init__(wake)
        self._run = run
        self._control = control
        self._trained = True
        self._left = threading.Event()
        self._bare = self._shown = Snapshot()

    @property
    def ended(self) -> bool:
        """Whether nobody trains the run, or it cannot be read any more."""
        return not self._trained or super().ended

    @property
    def latest(self) -> Snapshot:
        """The state now, with the pictures that the log only names."""
        snapshot = super().latest
        if snapshot is not self._bare:
            self._bare, self._shown = snapshot, self._illustrated(snapshot)
        return self._shown

    def leave(self) -> None:
        """Look no further."""
        self._left.set()

    def work(self) -> None:
        """Follow the log until somebody leaves."""
        log = Log(self._run.events)
        self.show_sketch(log)
        whole = RunState()
        for event in log.events():
            whole.apply(event)
            self._control.see(event)
            if self._left.is_set():
                return
        self.replace(whole)
        while not self._left.is_set():
            for event in follow_training(log, self._run, self._left.is_set):
                self._control.see(event)
                self.fold(event)
            self._trained = False
            self._wake()
            while not self._trained and not self._left.wait(LOCK_SECONDS):
                self._trained = is_locked(self._run)

    def _illustrated(self, snapshot: Snapshot) -> Snapshot:
        samples, shown = snapshot.samples, self._shown.samples
        if samples is None or samples.images:
            return snapshot
        if shown is None or shown.file != samples.file or not shown.images:
            shown = with_images(samples, self._run)
        return replace(snapshot, samples=shown)
