"""One value of all runs, curve over curve."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from string import ascii_uppercase

from textual.strip import Strip

from mnist_engine.runs.state import Phase, Snapshot
from mnist_tui.compare.axes import Axis, over, unit_of_time
from mnist_tui.compare.colours import run_colours
from mnist_tui.compare.values import curves_of
from mnist_tui.monitor.widgets.panel import Panel
from mnist_tui.render.plot import Axes, Labels, PlotColours, Series, plot
from mnist_tui.render.ticks import count_labels, decimal_labels, percent_labels
from mnist_tui.terminal import RenderMode


class Chart(Panel):
    """Draws the curves called ``value``, each run's in its colour and with its letter."""

    def __init__(self, mode: RenderMode, *, id: str | None = None) -> None:
        super().__init__(mode, id=id)
        self._snapshots: Sequence[Snapshot] = ()
        self._value = ""
        self._axis: Axis = "step"

    def show(self, snapshots: Sequence[Snapshot], value: str, axis: Axis) -> None:
        """Draw ``value`` over ``axis``."""
        chosen = (value, axis) != (self._value, self._axis)
        self._snapshots, self._value, self._axis = snapshots, value, axis
        if chosen:
            self.redraw()
        else:
            phases: set[Phase] = {snapshot.phase for snapshot in snapshots}
            self.redraw_grown("training" if "training" in phases else "finished")

    def draw(self, width: int, height: int) -> list[Strip]:
        """The plot, or what it waits for."""
        name = self._value[:1].upper() + self._value[1:]
        self.set_title((f"{name} by {self._axis}", name) if name else ("",))
        series = self._series()
        if not series:
            return self.message("no values yet", width, height)
        last = max(float(one.curve.x[-1]) for one in series)
        x_labels: Labels = count_labels
        if self._axis == "time":
            unit, sign = unit_of_time(last)
            last /= unit
            series = [
                replace(one, curve=one.curve._replace(x=one.curve.x / unit)) for one in series
            ]
            x_labels = _with_sign(sign)
        axes = Axes(
            x_range=(0.0, last or 1.0),
            x_labels=x_labels,
            y_labels=percent_labels if "accuracy" in self._value else decimal_labels,
            whole_x=self._axis == "step",
        )
        palette = self.palette
        colours = PlotColours(palette.faint, palette.quiet, palette.accent, palette.background)
        return plot(series, width, height, colours, self.mode, axes)

    def _series(self) -> list[Series]:
        colours = run_colours(self.app.current_theme.dark)
        series = []
        for letter, colour, snapshot in zip(
            ascii_uppercase, colours, self._snapshots, strict=False
        ):
            curve = curves_of(snapshot).get(self._value)
            if curve is not None and len(curve.x):
                drawn = over(self._axis, curve, snapshot)
                series.append(Series(self._value, drawn, colour, letter=letter))
        return series


def _with_sign(sign: str) -> Labels:
    return lambda ticks: [f"{label} {sign}" for label in decimal_labels(ticks)]
