"""What curves are drawn over: steps, epochs or training time."""

from __future__ import annotations

from typing import Literal

import numpy as np

from mnist_engine.runs.history import Curve
from mnist_engine.runs.state import Snapshot

Axis = Literal["step", "epoch", "time"]
AXES: tuple[Axis, ...] = ("step", "epoch", "time")

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


def unit_of_time(seconds: float) -> tuple[float, str]:
    """The unit in which so many seconds are counted: how many seconds it has, and its sign."""
    return next((unit, sign) for least, unit, sign in UNITS if seconds >= least)
