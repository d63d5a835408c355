"""Linear and logarithmic axes: where values lie on them, and which get a tick."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from mnist_engine.runs.history import Curve
from mnist_tui.render.columns import Range
from mnist_tui.render.ticks import nice_ticks

WIDE = 10**1.5
"""A largest value so many times the smallest cannot be seen with it on a linear axis."""


def place_of(value: float, logarithmic: bool) -> float:
    """Where a value lies on an axis; NaN where it has no place on a logarithmic one."""
    if not logarithmic:
        return value
    return math.log10(value) if value > 0 else math.nan


def placed(curve: Curve, logarithmic_x: bool, logarithmic_y: bool) -> Curve:
    """The curve in places; points that have none on a logarithmic axis are left out."""
    if not (logarithmic_x or logarithmic_y):
        return curve
    x, mean, low, high = curve
    low = np.where(low > 0, low, mean) if logarithmic_y else low
    with np.errstate(divide="ignore", invalid="ignore"):
        x = np.log10(x) if logarithmic_x else x
        if logarithmic_y:
            mean, low, high = (np.log10(part) for part in (mean, low, high))
    kept = np.isfinite(x) & np.isfinite(mean)
    return Curve(*(part[kept] for part in (x, mean, low, high)))


def ticks_of(places: Range, most: int, logarithmic: bool, whole: bool = False) -> list[float]:
    """At most ``most`` round values whose places lie in ``places``.

    On a logarithmic axis powers of ten, with 2 and 5 times them where there is room, or round
    distances where it has less than a decade.
    """
    if not logarithmic:
        return nice_ticks(*places, most, whole=whole)
    first, last = math.floor(places[0]), math.ceil(places[1])
    for factors in ((1, 2, 5), (1, 3), (1,)):
        values = [factor * 10.0**power for power in range(first, last) for factor in factors]
        values.append(10.0**last)
        within = (places[0] - 1e-9, places[1] + 1e-9)
        inside = [value for value in values if within[0] <= math.log10(value) <= within[1]]
        if 2 <= len(inside) <= most:
            return inside
    if places[1] - places[0] < 1:
        return nice_ticks(10 ** places[0], 10 ** places[1], most)
    every = math.ceil((last - first + 1) / max(most, 1))
    powers = range(math.ceil(places[0]), math.floor(places[1]) + 1, every)
    return [10.0**power for power in powers]


def is_wide(curves: Sequence[Curve]) -> bool:
    """Whether values are positive and so far apart that they need a logarithmic axis.

    Rare ones are passed over, as they are where limits are chosen.
    """
    means = np.concatenate([np.zeros(0), *(curve.mean for curve in curves)])
    means = means[np.isfinite(means)]
    if not len(means) or means.min() <= 0:
        return False
    low, high = np.quantile(means, (0.005, 0.995))
    return bool(high >= WIDE * low)
