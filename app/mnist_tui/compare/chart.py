"""One value of all runs, curve over curve."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from string import ascii_uppercase

from textual.strip import Strip

from mnist_engine.runs.state import Phase, Snapshot
from mnist_tui.compare.colours import run_colours
from mnist_tui.compare.extents import Extent, ends
from mnist_tui.compare.values import curves_of
from mnist_tui.monitor.axes import Axis, over, time_labels, unit_of_time
from mnist_tui.monitor.widgets.panel import Panel
from mnist_tui.render.plot import Axes, Labels, PlotColours, Series, plot
from mnist_tui.render.scale import is_wide
from mnist_tui.render.ticks import count_labels, decimal_labels, percent_labels, plain_labels
from mnist_tui.terminal import RenderMode


class Chart(Panel):
    """Draws the curves called ``value``, each run's in its colour and with its letter."""

    def __init__(self, mode: RenderMode, *, id: str | None = None) -> None:
        super().__init__(mode, id=id)
        self._snapshots: Sequence[Snapshot] = ()
        self._value = ""
        self._axis: Axis = "step"
        self._extent: Extent = "whole"

    def show(self, snapshots: Sequence[Snapshot], value: str, axis: Axis, extent: Extent) -> None:
        """Draw ``value`` over ``axis``, as much of it as ``extent`` says."""
        chosen = (value, axis, extent) != (self._value, self._axis, self._extent)
        self._snapshots, self._value = snapshots, value
        self._axis, self._extent = axis, extent
        if chosen:
            self.redraw()
        else:
            phases: set[Phase] = {snapshot.phase for snapshot in snapshots}
            self.redraw_grown("training" if "training" in phases else "finished")

    def draw(self, width: int, height: int) -> list[Strip]:
        """The plot, or what it waits for."""
        name = self._value[:1].upper() + self._value[1:]
        titles = (f"{name} by {self._axis}{self._told()}", f"{name} by {self._axis}", name)
        self.set_title(titles if name else ("",))
        series = self._series()
        last = self._last(series)
        series = [one for one in series if float(one.curve.x[0]) <= last]
        if not series:
            return self.message("no values yet", width, height)
        first = min(float(one.curve.x[0]) for one in series)
        x_labels: Labels = count_labels
        unit = 1.0
        if self._axis == "time":
            unit, sign = unit_of_time(last)
            series = [
                replace(one, curve=one.curve._replace(x=one.curve.x / unit)) for one in series
            ]
            x_labels = time_labels(sign)
        percent = "accuracy" in self._value
        wide = not percent and is_wide([one.curve for one in series])
        logarithmic = self._extent == "logarithmic" and 0 < first < last
        axes = Axes(
            x_range=((first if logarithmic else 0.0) / unit, (last or 1.0) / unit),
            x_labels=x_labels,
            y_labels=percent_labels if percent else plain_labels if wide else decimal_labels,
            whole_x=self._axis == "step",
            logarithmic_x=logarithmic,
            logarithmic_y=wide,
        )
        colours = PlotColours.of(self.palette)
        return plot(series, width, height, colours, self.mode, axes)

    def _told(self) -> str:
        """What the title says of the extent."""
        if self._extent == "shortest" and self._snapshots:
            lengths = ends(self._axis, self._snapshots)
            return f", to {ascii_uppercase[lengths.index(min(lengths))]}'s end"
        return ", log" if self._extent == "logarithmic" else ""

    def _last(self, series: Sequence[Series]) -> float:
        """The right end of the axis."""
        last = max((float(one.curve.x[-1]) for one in series), default=0.0)
        if self._extent == "shortest":
            return min([last, *ends(self._axis, self._snapshots)])
        return last

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
