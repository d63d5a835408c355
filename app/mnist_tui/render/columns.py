"""Curves cut to the columns of a canvas, and the limits between which they are seen well."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mnist_engine.runs.history import Curve

Range = tuple[float, float]

_LARGEST = 1e150  # beyond it the difference of two numbers may overflow

LEAST_GAIN = 1.5
"""Spikes are cut off where that gives all else so many times the room."""


class Columns(NamedTuple):
    """A curve cut to the columns of a canvas: at most one mean, low and high for each."""

    column: NDArray[np.int64]
    mean: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]

    def until(self, end: int) -> Columns:
        """Those before column ``end``."""
        kept = self.column < end
        return Columns(self.column[kept], self.mean[kept], self.low[kept], self.high[kept])


def decimate(curve: Curve, columns: int, x_range: Range) -> Columns:
    """Cut a curve to ``columns`` columns over ``x_range``: mean, lowest and highest value of each.

    Columns without a value are missing from the result, and so is everything that is not finite.
    """
    x_low, x_high = x_range
    keep = (curve.x >= x_low) & (curve.x <= x_high)
    for part in curve:
        keep &= np.isfinite(part)
    x, mean, low, high = (part[keep] for part in curve)
    mean, low, high = (np.clip(part, -_LARGEST, _LARGEST) for part in (mean, low, high))
    span = x_high - x_low
    place = (x - x_low) / span * columns if span > 0 else np.full(len(x), columns / 2)
    column = np.minimum(place.astype(np.int64), columns - 1)
    if (column[1:] < column[:-1]).any():
        order = np.argsort(column, kind="stable")
        column, mean, low, high = column[order], mean[order], low[order], high[order]
    if not len(column):
        return Columns(column, mean, low, high)
    starts = np.flatnonzero(np.append(True, column[1:] != column[:-1]))
    return Columns(
        column[starts],
        np.add.reduceat(mean, starts) / np.diff(starts, append=len(column)),
        np.minimum.reduceat(low, starts),
        np.maximum.reduceat(high, starts),
    )


def value_range(columns: Sequence[Columns], from_zero: bool = True) -> Range:
    """Limits that show the curves well.

    They hold every newest value and nearly all of the rest. Rare spikes may touch the frame where
    the rest would be flat without that, so that one wild step does not hide a whole run.
    ``from_zero`` gives values that come near to zero an axis that starts there.
    """
    filled = [one for one in columns if len(one.column)]
    if not filled:
        return 0.0, 1.0
    low = min(
        min(np.quantile(one.mean, 0.005), np.quantile(one.low, 0.03), one.mean[-1])
        for one in filled
    )
    high = max(
        max(np.quantile(one.mean, 0.995), np.quantile(one.high, 0.97), one.mean[-1])
        for one in filled
    )
    lowest = min(low, *(one.mean.min() for one in filled))
    highest = max(high, *(one.mean.max() for one in filled))
    if highest - lowest <= LEAST_GAIN * (high - low):
        low, high = lowest, highest
    low, high = float(low), float(high)
    if high == low:
        room = abs(high) * 0.1 or 0.5
        return low - room, high + room
    room = (high - low) * 0.05
    starts_at_zero = from_zero and 0 <= low < high / 2
    return 0.0 if starts_at_zero else low - room, high + room


def is_outside(columns: Columns, limits: Range) -> bool:
    """Whether some of a curve's means lie beyond ``limits``."""
    low, high = limits
    return bool(((columns.mean < low) | (columns.mean > high)).any())


def x_range(curves: Sequence[Curve]) -> Range:
    """From the first x of the curves to the last one."""
    ends = [x for one in curves for x in (one.x[:1], one.x[-1:]) if np.isfinite(x).all()]
    values = np.concatenate(ends) if ends else np.zeros(0)
    return (float(values.min()), float(values.max())) if len(values) else (0.0, 1.0)
