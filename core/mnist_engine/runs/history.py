"""A curve of any length in bounded memory: what a plot can show, and no more."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Column = NDArray[np.float64]


class Curve(NamedTuple):
    """A frozen view of a history, all arrays of one length.

    Each point stands for a run of neighbouring values: ``x`` is the last step in it, ``mean``,
    ``low`` and ``high`` describe the values. Where nothing was merged yet the three are equal.
    """

    x: Column
    mean: Column
    low: Column
    high: Column

    @property
    def last(self) -> float:
        """The newest value, NaN where there is none."""
        return float(self.mean[-1]) if len(self.mean) else float("nan")

    @property
    def recent(self) -> float:
        """The mean of about its last hundredth, which jumps less; NaN where there is none."""
        if not len(self.mean):
            return float("nan")
        return float(np.mean(self.mean[-max(1, len(self.mean) // 100) :]))


@dataclass
class _Point:
    """Values on their way to become one point of a curve."""

    count: int = 0
    x: float = 0.0
    total: float = 0.0
    low: float = math.inf
    high: float = -math.inf

    def add(self, x: float, value: float) -> None:
        self.count += 1
        self.x = x
        self.total += value
        self.low = min(self.low, value)
        self.high = max(self.high, value)

    def column(self) -> tuple[float, float, float, float]:
        return self.x, self.total / self.count, self.low, self.high


class History:
    """Appends values in constant time; never holds more than ``capacity`` points.

    When it is full, neighbouring points are merged in pairs and every later point stands for twice
    as many values: old and new parts of a curve keep the same resolution, and minima and maxima
    survive. Values that are not finite are left out (a plot cannot show them; ``Diverged`` reports
    them).
    """

    def __init__(self, capacity: int = 4096) -> None:
        if capacity < 2 or capacity % 2:
            raise ValueError(f"capacity is {capacity}; it must be an even number of at least 2")
        self._points = np.empty((4, capacity))  # rows: x, mean, low, high
        self._length = 0
        self._values_per_point = 1
        self._open = _Point()  # the one that is being filled
        self._newest = -math.inf

    def append(self, x: float, value: float) -> None:
        """Add ``value`` at step ``x``.

        Where ``x`` was there already, what lies there and beyond is forgotten: a training that
        went back to a checkpoint does those steps once more.
        """
        if not math.isfinite(value):
            return
        if x <= self._newest:
            self._go_back(x)
        self._newest = x
        self._open.add(x, value)
        if self._open.count == self._values_per_point:
            self._points[:, self._length] = self._open.column()
            self._length += 1
            self._open = _Point()
            if self._length == self._points.shape[1]:
                self._merge_pairs()

    def curve(self) -> Curve:
        """The points so far, a read-only copy, so that any thread may keep them."""
        points = self._points[:, : self._length].copy()
        if self._open.count:
            points = np.column_stack((points, self._open.column()))
        points.flags.writeable = False
        return Curve(*points)

    def _go_back(self, x: float) -> None:
        """Keep the points before ``x``; a point of several values goes as a whole."""
        self._length = int(np.searchsorted(self._points[0, : self._length], x))
        self._open = _Point()

    def _merge_pairs(self) -> None:
        first, second = self._points[:, 0::2], self._points[:, 1::2]
        merged = np.stack(
            (
                second[0],
                (first[1] + second[1]) / 2,
                np.minimum(first[2], second[2]),
                np.maximum(first[3], second[3]),
            )
        )
        self._length //= 2
        self._points[:, : self._length] = merged
        self._values_per_point *= 2
