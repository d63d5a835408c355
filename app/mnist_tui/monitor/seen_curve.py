"""A curve as a person looks at it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from mnist_engine.runs.history import Curve
from mnist_tui.monitor.plot_view import PlotView
from mnist_tui.render.columns import Range
from mnist_tui.render.parts import Series
from mnist_tui.render.reading import value_at, within
from mnist_tui.render.smoothing import smoothed


@dataclass(frozen=True)
class SeenCurve:
    """A ``series``: all of its ``curve``, smoothed or not, and the ``part`` that is in the window.

    ``hidden`` ones are in the legend alone; ``averaged`` tells that the curve was smoothed.
    """

    series: Series
    curve: Curve
    part: Series
    hidden: bool
    averaged: bool

    @classmethod
    def at(cls, series: Series, view: PlotView, extent: Range, hidden: bool) -> SeenCurve:
        """The curve as ``view`` says, of a run that has the steps of ``extent``."""
        limits = view.limits(extent)
        curve = smoothed(series.curve, view.smoothing) if view.smoothing else series.curve
        raw = within(series.curve, limits) if view.smoothing else None
        part = replace(series, curve=within(curve, limits), raw=raw)
        return cls(series, curve, part, hidden, bool(view.smoothing))

    def value(self, step: float | None) -> float:
        """What it is at a step; the newest where that is None. NaN where it has not begun."""
        if step is not None:
            return value_at(self.curve, step)
        return self.curve.last if self.averaged else self.curve.recent
