"""Where a curve goes, in a word and in numbers."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mnist_engine.runs.history import Curve

STRETCH = 0.1
"""The share of a curve at its end that is compared with as much before it."""

LEAST_POINTS = 4
"""In each of the two: fewer have no spread to speak of."""

SURE = 3.0
"""Standard errors by which the means must differ to be called different.

Chosen: neighbouring losses are alike, so their means scatter more than those of independent values.
Of the values or of their logarithms: a loss that grows by a factor with each step scatters as
widely as it grows, its logarithm does not.
"""

LEAP = 3.0
"""So many times what all values before it differ by makes the last one a leap.

Chosen: of 600 stretches of log-normal noise a handful ended so.
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
    rises = now > before
    course: Course = "steady"
    if abs(now - before) > LEAST_CHANGE * abs(before) and (1 if rises else -1) in _signs(new, old):
        course = "rising" if rises else "falling"
    return Trend(now, before, float(curve.x[-1] - curve.x[-count - 1]), course)


def _signs(new: NDArray[np.float64], old: NDArray[np.float64]) -> Iterator[int]:
    """Where the curve goes by each of three signs: 1 is up, -1 down, 0 not sure."""
    yield _sign(new, old)
    if min(new.min(), old.min()) > 0:
        yield _sign(np.log(new), np.log(old))
    yield _leap(np.concatenate((old, new)))


def _leap(values: NDArray[np.float64]) -> int:
    """1 where the last lies above all before it by LEAP times what these differ by, -1 below, or 0.

    So ends a loss that runs away in the last few steps, when there is no stretch of it yet.
    """
    low, high, last = float(values[:-1].min()), float(values[:-1].max()), float(values[-1])
    least = LEAP * (high - low)
    return int(last - high > least) - int(low - last > least)


def _sign(new: NDArray[np.float64], old: NDArray[np.float64]) -> int:
    """1 where the mean of as many ``new`` values is surely above the old one, -1 below, else 0."""
    change = float(new.mean() - old.mean())
    error = math.sqrt((float(np.var(new)) + float(np.var(old))) / len(new))
    return int(np.sign(change)) if abs(change) > SURE * error else 0
