"""How curves over steps are looked at: one choice for all plots of a screen."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Literal

from mnist_tui.monitor.axes import AXES, Axis
from mnist_tui.render.columns import Range

Scale = Literal["auto", "logarithmic", "linear"]
SCALES: tuple[Scale, ...] = ("auto", "logarithmic", "linear")

SMOOTHINGS = (0.0, 0.9, 0.97, 0.99, 0.997, 0.999)
"""Weights of what is a step older: averages over about 10, 30, 100, 300 and 1,000 steps."""

LEAST_WINDOW = 10
"""Steps; fewer are read one by one."""


@dataclass(frozen=True)
class PlotView:
    """What a person chose. Every method gives the view after one more choice.

    ``smoothing`` is one of :data:`SMOOTHINGS`. ``window`` is how many steps are seen, None for all,
    and ``until`` the last of them, None for the last of the run, however long it becomes. Values
    are read at step ``cursor``, the newest ones where that is None; one that is ``pinned`` stays
    when the mouse goes on. The methods are told the ``extent``, the first and the last step that
    there is.
    """

    axis: Axis = "step"
    scale: Scale = "auto"
    smoothing: float = 0.0
    window: int | None = None
    until: float | None = None
    cursor: float | None = None
    pinned: bool = False

    def limits(self, extent: Range) -> Range:
        """The first and the last step that are seen."""
        first, last = extent
        if self.window is None or self.window >= last - first:
            return extent
        end = last if self.until is None else min(max(self.until, first + self.window), last)
        return end - self.window, end

    def choices(self, extent: Range) -> list[str]:
        """What was chosen, in words, but for the scale; nothing of what is as it always is."""
        words = []
        if self.axis != "step":
            words.append("over epochs" if self.axis == "epoch" else "over time")
        if self.smoothing:
            words.append(f"smoothed {self.smoothing:g}")
        low, high = self.limits(extent)
        if (low, high) != extent:
            words.append(f"{'last ' if high == extent[1] else ''}{self.window:,} steps")
        return words

    def over_next_axis(self) -> PlotView:
        """Steps, epochs, time, and steps again."""
        return replace(self, axis=AXES[(AXES.index(self.axis) + 1) % len(AXES)])

    def with_next_scale(self) -> PlotView:
        """Logarithmic where that shows more, always, never."""
        return replace(self, scale=SCALES[(SCALES.index(self.scale) + 1) % len(SCALES)])

    def smoother(self, grades: int) -> PlotView:
        """Averages of more steps, or of fewer."""
        number = SMOOTHINGS.index(self.smoothing) + grades
        return replace(self, smoothing=SMOOTHINGS[min(max(number, 0), len(SMOOTHINGS) - 1)])

    def closer(self, extent: Range) -> PlotView:
        """About half as many steps; the cursor stays in sight."""
        low, high = self.limits(extent)
        window = _round_below((high - low) / 1.9)
        if window < LEAST_WINDOW:
            return self
        return replace(self, window=window)._holding_cursor(extent)

    def farther(self, extent: Range) -> PlotView:
        """About twice as many steps, or all of them."""
        if self.window is None:
            return self
        window = _round_above(self.window * 1.9)
        if window >= extent[1] - extent[0]:
            return replace(self, window=None, until=None)
        return replace(self, window=window)._holding_cursor(extent)

    def reading(self, step: float | None, extent: Range, pinned: bool = True) -> PlotView:
        """With the cursor there, in sight; from the last step on, it follows the run."""
        if step is None or step >= extent[1]:
            return replace(self, cursor=None, until=None, pinned=False)
        step = max(step, extent[0])
        return replace(self, cursor=step, pinned=pinned)._holding(step, extent)

    def moved(self, hundredths: int, extent: Range) -> PlotView:
        """With the cursor so many hundredths of what is seen farther on, or back."""
        low, high = self.limits(extent)
        here = extent[1] if self.cursor is None else self.cursor
        return self.reading(round(here + hundredths * max((high - low) / 100, 1.0)), extent)

    def following(self, step: float, extent: Range) -> PlotView:
        """With ``step`` in sight, and no cursor of its own: what is read is elsewhere decided."""
        return replace(self, cursor=None, pinned=False)._holding(step, extent)

    def _holding_cursor(self, extent: Range) -> PlotView:
        return self if self.cursor is None else self._holding(self.cursor, extent)

    def _holding(self, step: float, extent: Range) -> PlotView:
        low, high = self.limits(extent)
        if step < low:
            high -= low - step
        elif step > high:
            high = step
        # what is read must not run away to the left
        return replace(self, until=None if high >= extent[1] and self.cursor is None else high)


def _round_below(steps: float) -> int:
    """The largest of 1, 2, 5, 10, 20, 50 ... that is not above ``steps``; 0 below 1."""
    if steps < 1:
        return 0
    power = int(10 ** math.floor(math.log10(steps)))
    return next(factor * power for factor in (5, 2, 1) if factor * power <= steps)


def _round_above(steps: float) -> int:
    """The smallest of 1, 2, 5, 10, 20, 50 ... that is not below ``steps``."""
    power = int(10 ** math.floor(math.log10(steps)))
    return next(factor * power for factor in (1, 2, 5, 10) if factor * power >= steps)
