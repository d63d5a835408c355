"""Where a curve goes, in a word and in numbers."""

from __future__ import annotations

import math
from typing import Literal, NamedTuple

import numpy as np

from mnist_engine.runs.history import Curve

STRETCH = 0.1
"""The share of a curve at its end that is compared with as much before it."""

LEAST_POINTS = 4
"""In each of the two: fewer have no spread to speak of."""

SURE = 3.0
"""Standard errors by which the means must differ to be called different.

Chosen: neighbouring losses are alike, so their means scatter more than those of independent values.
"""

LEAST_CHANGE = 0.01
"""A change by a smaller share of the value is none worth a word."""

Course = Literal["rising", "falling", "steady"]


class Trend(NamedTuple):
    """The means of the last stretch and of the one before it, which lasted ``length`` each."""

    now: float
    before: float
    length: float
    course: Course


def trend_of(curve: Curve) -> Trend | None:
    """How the end of ``curve`` compares with what was before it; None where it is too short."""
    count = max(round(len(curve.x) * STRETCH), LEAST_POINTS)
    if len(curve.x) < 2 * count:
        return None
    new, old = curve.mean[-count:], curve.mean[-2 * count : -count]
    now, before = float(new.mean()), float(old.mean())
    error = math.sqrt((float(np.var(new)) + float(np.var(old))) / count)
    change = now - before
    least = max(SURE * error, LEAST_CHANGE * abs(before))
    course: Course = "steady" if abs(change) <= least else "rising" if change > 0 else "falling"
    return Trend(now, before, float(curve.x[-1] - curve.x[-count - 1]), course)
