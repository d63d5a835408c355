"""What curves are drawn over: steps, epochs or training time, and how much of it is seen."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Literal

import numpy as np

from mnist_engine.runs.history import Curve
from mnist_engine.runs.state import Snapshot

Axis = Literal["step", "epoch", "time"]
AXES: tuple[Axis, ...] = ("step", "epoch", "time")

Extent = Literal["whole", "logarithmic", "shortest"]
EXTENTS: tuple[Extent, ...] = ("whole", "logarithmic", "shortest")
"""All of the longest run; the same, with as much room for the first tenth as for the rest and so
on; as much as the shortest run has, where that is less."""

FAR_APART = 4.0
"""A run so many times as long as another leaves that one a corner of a linear axis."""

UNITS = ((7200.0, 3600.0, "h"), (180.0, 60.0, "min"), (0.0, 1.0, "s"))
"""From so many seconds on, time is counted in units of so many seconds."""


def over(axis: Axis, curve: Curve, snapshot: Snapshot) -> Curve:
    """A curve over steps, drawn over ``axis`` instead; time is in seconds."""
    if axis == "epoch" and snapshot.started is not None:
        return curve._replace(x=curve.x / max(snapshot.started.steps_per_epoch, 1))
    if axis == "time":
        clock = snapshot.clock
        if not len(clock.x):
            return curve._replace(x=np.zeros_like(curve.x))
        return curve._replace(x=np.interp(curve.x, clock.x, clock.high))
    return curve


def ends(axis: Axis, snapshots: Sequence[Snapshot]) -> list[float]:
    """Where each of the runs ends on ``axis``; infinity for one that has not begun."""
    return [_end(axis, one) if one.step > 0 else math.inf for one in snapshots]


def first_extent(snapshots: Sequence[Snapshot]) -> Extent:
    """Logarithmic where the lengths of runs are far apart, so that each has its room."""
    lengths = [length for length in ends("step", snapshots) if length < math.inf]
    far_apart = lengths and max(lengths) >= FAR_APART * min(lengths)
    return "logarithmic" if far_apart else "whole"


def _end(axis: Axis, snapshot: Snapshot) -> float:
    if axis == "time":
        return snapshot.seconds
    if axis == "epoch" and snapshot.started is not None:
        return snapshot.step / max(snapshot.started.steps_per_epoch, 1)
    return float(snapshot.step)


def unit_of_time(seconds: float) -> tuple[float, str]:
    """The unit in which so many seconds are counted: how many seconds it has, and its sign."""
    return next((unit, sign) for least, unit, sign in UNITS if seconds >= least)
