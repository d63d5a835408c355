"""A run that nobody trains, seen at a step that a person chooses."""

from __future__ import annotations

import math
from collections.abc import Callable

from mnist_engine.runs.directory import RunDirectory
from mnist_engine.runs.log import Log
from mnist_engine.runs.state import Snapshot
from mnist_engine.runs.timeline import Timeline
from mnist_tui.monitor.sessions.session import Session

PLAYING_SECONDS = 30.0
"""How long the whole of a run takes to pass."""


class Replay(Session):
    """Folds the log of ``run`` into a timeline, then shows the run at a cursor.

    A sketch of the run is seen until then. The cursor begins at the run's end; while it plays it
    moves with the time that :meth:`advance` is told of.
    """

    def __init__(self, run: RunDirectory, wake: Callable[[], object]) -> None:
        super().__init__(wake)
        self.whole: Snapshot | None = None  # the run at its end, once it is known
        self.playing = False
        self._run = run
        self._timeline: Timeline | None = None
        self._position = 0.0  # a step, and while it plays the way towards the next
        self._shown = Snapshot()
        self._shown_step: int | None = None

    @property
    def latest(self) -> Snapshot:
        """The run at the cursor; the same object as last time where that has not moved."""
        if self._timeline is None or self.whole is None:
            return super().latest
        step = round(self._position)
        if step != self._shown_step:
            self._shown = self.whole if step >= self.whole.step else self._timeline.at(step)
            self._shown_step = step
        return self._shown

    @property
    def first_digits(self) -> int | None:
        """The first step at which digits were drawn and kept; None where that is not known."""
        return self._timeline.first_samples if self._timeline else None

    def work(self) -> None:
        """Read the log: first a sketch, then the whole."""
        log = Log(self._run.events)
        self.show_sketch(log)
        timeline = Timeline(self._run)
        for event in log.events():
            timeline.apply(event)
        self._position = float(timeline.last_step)
        self._timeline = timeline
        self.whole = timeline.at(timeline.last_step)

    def go_to(self, share: float) -> None:
        """Put the cursor on the first step (0), the last (1) or between."""
        first, span = self._range()
        self._move_to(first + share * span)

    def go_to_step(self, step: float) -> None:
        """Put the cursor on a step, or on the nearest that there is."""
        self._move_to(step)

    def scrub(self, hundredths: int) -> None:
        """Move by so many hundredths of the run, but at least by as many steps."""
        _, span = self._range()
        self._move_to(round(self._position) + hundredths * max(span / 100, 1.0))

    def scrub_epochs(self, epochs: int) -> None:
        """Move on to the end of an epoch, the next for 1; or back to one, the last for -1."""
        length = self._steps_per_epoch()
        here = round(self._position) / length
        end = math.floor(here) + epochs if epochs > 0 else math.ceil(here) + epochs
        self._move_to(end * length)

    def toggle_play(self) -> None:
        """Let time pass, from the beginning where it is over; or hold it."""
        first, span = self._range()
        self.playing = not self.playing and span > 0
        if self.playing and self._position >= first + span:
            self._move_to(first)

    def advance(self, seconds: float) -> None:
        """Let so much time pass; what plays is held at the end."""
        if self.playing:
            first, span = self._range()
            self._move_to(self._position + span * seconds / PLAYING_SECONDS)
            if self._position >= first + span:
                self.toggle_play()

    def _range(self) -> tuple[int, int]:
        """The first step, and how many there are from there to the last."""
        if self._timeline is None:
            return 0, 0
        first = self._timeline.first_step
        return first, self._timeline.last_step - first

    def _steps_per_epoch(self) -> int:
        started = self.whole.started if self.whole else None
        return max(started.steps_per_epoch, 1) if started else 1

    def _move_to(self, step: float) -> None:
        first, span = self._range()
        self._position = min(max(step, float(first)), float(first + span))
        self._wake()
