"""What curves are drawn over: steps, epochs or training time."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mnist_engine.runs.history import Curve
from mnist_engine.runs.state import Snapshot
from mnist_tui.render.columns import Range
from mnist_tui.render.parts import Labels
from mnist_tui.render.ticks import plain_labels

Axis = Literal["step", "epoch", "time"]
AXES: tuple[Axis, ...] = ("step", "epoch", "time")

UNITS = ((7200.0, 3600.0, "h"), (180.0, 60.0, "min"), (0.0, 1.0, "s"))
"""From so many seconds on, time is counted in units of so many seconds."""


def extent_of(snapshot: Snapshot) -> Range:
    """The step at which a run begins, 0 unless it branched off another, and the last one so far."""
    first = float(snapshot.started.step) if snapshot.started else 0.0
    return first, max(float(snapshot.step), first + 1)


def over(axis: Axis, curve: Curve, snapshot: Snapshot) -> Curve:
    """A curve over steps, drawn over ``axis`` instead; time is in seconds."""
    return curve._replace(x=places(axis, curve.x, snapshot))


def places(axis: Axis, steps: ArrayLike, snapshot: Snapshot) -> NDArray[np.float64]:
    """Where steps lie on an axis: epochs since the beginning, or seconds of training."""
    steps = np.asarray(steps, dtype=float)
    if axis == "epoch" and snapshot.started is not None:
        return steps / max(snapshot.started.steps_per_epoch, 1)
    if axis == "time":
        known, seconds = _clock(snapshot)
        return np.asarray(np.interp(steps, known, seconds))
    return steps


def step_at(axis: Axis, place: float, snapshot: Snapshot) -> float:
    """The step that lies there on an axis: the inverse of :func:`places`."""
    if axis == "epoch" and snapshot.started is not None:
        return place * max(snapshot.started.steps_per_epoch, 1)
    if axis == "time":
        known, seconds = _clock(snapshot)
        return float(np.interp(place, seconds, known))
    return place


def _clock(snapshot: Snapshot) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Steps, and the seconds of training until each; there was none before the first."""
    clock = snapshot.clock
    return np.concatenate(([0.0], clock.x)), np.concatenate(([0.0], clock.high))


def unit_of_time(seconds: float) -> tuple[float, str]:
    """The unit in which so many seconds are counted: how many seconds it has, and its sign."""
    return next((unit, sign) for least, unit, sign in UNITS if seconds >= least)


def time_labels(sign: str) -> Labels:
    """Times with the sign of their unit: 0 min, 2.5 min."""
    return lambda ticks: [f"{label} {sign}" for label in plain_labels(ticks)]
