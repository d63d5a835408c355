"""A run at any of its steps, for whoever goes back and forth in it."""

from __future__ import annotations

import sys
from bisect import bisect_right
from dataclasses import replace
from functools import lru_cache
from typing import Generic, TypeVar

import numpy as np

from mnist_engine.runs.directory import RunDirectory
from mnist_engine.runs.history import Curve
from mnist_engine.runs.pictures import with_images
from mnist_engine.runs.state import RATE_WINDOW_SECONDS, RunState, Snapshot
from mnist_engine.runs.troubles import Troubles
from mnist_engine.training.events import (
    CheckpointSaved,
    EpochDone,
    Event,
    Inspected,
    Measured,
    SamplesDrawn,
    StepDone,
)

MARKS_KEPT = 1_000_000
"""All that a person can do to a run while it lasts."""

PICTURES_KEPT = 64
"""Grids of digits that are held in memory, a few kilobytes each."""

LOOKS_KEPT = 4096
"""Looks into networks, a kilobyte each; of more every second is forgotten, and again."""

LEAST_CHANGE = 1e-3
"""A learning rate that changed by a smaller fraction than this is told as it was."""

E = TypeVar("E", bound=Event)


class Timeline:
    """Folds the events of ``run`` once, with :meth:`apply`; then :meth:`at` shows any step.

    Curves have the resolution that they have at the end of the run, learning rates are exact to a
    thousandth, and pictures are those that were kept.
    """

    def __init__(self, run: RunDirectory) -> None:
        self._state = RunState(marks_kept=MARKS_KEPT)
        self._whole = self._shown = self._state.snapshot()
        self._first: int | None = None
        self._last = 0
        self._rates = _Newest[StepDone]()
        self._epochs = _Newest[EpochDone]()
        self._samples = _Newest[SamplesDrawn]()
        self._measured = _Newest[Measured]()
        self._inspected = _Newest[Inspected](most=LOOKS_KEPT)
        self._checkpoints = _Newest[CheckpointSaved]()
        self._load = lru_cache(PICTURES_KEPT)(lambda samples: with_images(samples, run))

    @property
    def first_step(self) -> int:
        """The step at which the run began: 0, unless it branched off another."""
        return self._last if self._first is None else self._first

    @property
    def last_step(self) -> int:
        """The last step that was done."""
        return self._last

    @property
    def first_samples(self) -> int | None:
        """The first step of which there are samples; None where there are none."""
        return self._samples.first_step

    def apply(self, event: Event) -> None:
        """Take in the next event."""
        self._state.apply(event)
        match event:
            case StepDone():
                if self._first is None:
                    self._first = event.step - 1
                self._last = event.step
                if _rates_differ(self._rates.at(event.step - 1), event):
                    self._rates.add(event)
            case EpochDone():
                self._epochs.add(event)
            case SamplesDrawn():
                self._samples.add(event)
            case Measured():
                self._measured.add(event)
            case Inspected():
                self._inspected.add(event)
            case CheckpointSaved(is_weights=False):
                self._checkpoints.add(event)

    def at(self, step: int) -> Snapshot:
        """The run as it was after ``step`` steps, or the nearest that it had; phase "replay".

        The same object as the last time where that was for the same step.
        """
        step = min(max(step, self.first_step), self.last_step)
        if self._whole.version != self._state.version:
            self._whole = self._state.snapshot()
        elif self._shown.phase == "replay" and self._shown.step == step:
            return self._shown
        self._shown = self._cut(self._whole, step)
        return self._shown

    def _cut(self, whole: Snapshot, step: int) -> Snapshot:
        started, diverged, finished = whole.started, whole.diverged, whole.finished
        epoch_done = self._epochs.at(step)
        rates = self._rates.at(step)
        samples = self._samples.at(step)
        measured = self._measured.at(step)
        marks = _until(whole.marks, step)
        happened = tuple(event for event in whole.happened if event.step <= step)
        clock = _cut_curve(whole.clock, step)
        seconds = float(clock.high[-1]) if len(clock.x) else 0.0
        finished = finished if finished and finished.step <= step else None
        return replace(
            whole,
            version=max(self._shown.version, whole.version) + 1,
            phase="replay",
            step=step,
            epoch=-(-step // started.steps_per_epoch) if started else rates.epoch if rates else 0,
            seconds=finished.seconds if finished else seconds,
            steps_per_second=_speed(clock),
            losses=_cut_curves(whole.losses, step),
            measures=_cut_curves(whole.measures, step),
            epochs=_cut_curves(whole.epochs, epoch_done.epoch) if epoch_done else {},
            clock=clock,
            learning_rates=rates.learning_rates if rates else {},
            factors={
                **(started.factors if started else {}),
                **{mark.network: mark.after for mark in marks if mark.what == "learning rate"},
            },
            settings={
                (mark.network, mark.setting): mark.after for mark in marks if mark.what == "setting"
            },
            gradient_norms=_cut_curves(whole.gradient_norms, step),
            inspected=self._inspected.at(step),
            class_shares=measured.class_shares if measured else (),
            stages=(),
            marks=marks,
            alarms=_until(whole.alarms, step),
            troubles=Troubles(happened).open,
            happened=happened,
            samples=self._load(samples) if samples else None,
            answers=epoch_done.answers if epoch_done else None,
            checkpoint=self._checkpoints.at(step),
            diverged=diverged if diverged and diverged.step <= step else None,
            finished=finished,
        )


class _Newest(Generic[E]):
    """Events by their steps, each the newest until the next; thinned out beyond ``most``."""

    def __init__(self, most: int = sys.maxsize) -> None:
        self._events: list[E] = []
        self._most = most

    def add(self, event: E) -> None:
        """Put ``event`` at the end; training that went back does later ones once more."""
        while self._events and self._events[-1].step >= event.step:
            self._events.pop()
        self._events.append(event)
        if len(self._events) > self._most:
            del self._events[1::2]

    @property
    def first_step(self) -> int | None:
        """That of the first; None where there is none."""
        return self._events[0].step if self._events else None

    def at(self, step: int) -> E | None:
        """The newest at ``step``; None before the first."""
        number = bisect_right(self._events, step, key=lambda event: event.step)
        return self._events[number - 1] if number else None


def _rates_differ(former: StepDone | None, event: StepDone) -> bool:
    if former is None or former.learning_rates.keys() != event.learning_rates.keys():
        return True
    return any(
        abs(rate - former.learning_rates[name]) > LEAST_CHANGE * abs(rate)
        for name, rate in event.learning_rates.items()
    )


def _until(happened: tuple[E, ...], step: int) -> tuple[E, ...]:
    return happened[: bisect_right(happened, step, key=lambda event: event.step)]


def _cut_curves(curves: dict[str, Curve], x: float) -> dict[str, Curve]:
    cut = {name: _cut_curve(curve, x) for name, curve in curves.items()}
    return {name: curve for name, curve in cut.items() if len(curve.x)}


def _cut_curve(curve: Curve, x: float) -> Curve:
    length = int(np.searchsorted(curve.x, x, side="right"))
    return Curve(*(column[:length] for column in curve))


def _speed(clock: Curve) -> float:
    """Steps a second in the last moments of ``clock``; 0 where that cannot be told."""
    if len(clock.x) < 2:
        return 0.0
    begin = int(np.searchsorted(clock.high, clock.high[-1] - RATE_WINDOW_SECONDS))
    begin = min(begin, len(clock.x) - 2)
    seconds = float(clock.high[-1] - clock.high[begin])
    return float(clock.x[-1] - clock.x[begin]) / seconds if seconds > 0 else 0.0
