"""Parts of curves, and single values of them."""

from __future__ import annotations

import numpy as np

from mnist_engine.runs.history import Column, Curve
from mnist_tui.render.columns import Range


def within(curve: Curve, limits: Range) -> Curve:
    """What of the curve lies between ``limits``, its line cut off exactly there.

    Where two points lie on both sides of a limit, a point between them is added.
    """
    low, high = limits
    x = curve.x
    if not len(x):
        return curve
    first = int(np.searchsorted(x, low, side="left"))
    last = int(np.searchsorted(x, high, side="right"))
    before = [low] if 0 < first < len(x) and x[first] > low else []
    after = [high] if 0 < last < len(x) and x[last - 1] < high and low < high else []

    def cut(part: Column) -> Column:
        ends = np.interp(before, x, part), np.interp(after, x, part)
        return np.concatenate((ends[0], part[first:last], ends[1]))

    return Curve(*map(cut, curve))


def value_at(curve: Curve, x: float) -> float:
    """The newest value at ``x``; NaN before the first."""
    number = int(np.searchsorted(curve.x, x, side="right"))
    return float(curve.mean[number - 1]) if number else float("nan")
