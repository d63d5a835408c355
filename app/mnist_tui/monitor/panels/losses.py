"""The losses, step by step, with a mark wherever somebody changed the course."""

from __future__ import annotations

import math

from textual.strip import Strip

from mnist_engine.runs.state import Snapshot
from mnist_tui.figures import loss
from mnist_tui.monitor.curves import loss_series, marks
from mnist_tui.monitor.panels.panel import RunPanel
from mnist_tui.monitor.widgets.panel import LegendEntry
from mnist_tui.render.plot import Axes, PlotColours, curve_glyph, plot
from mnist_tui.render.scale import is_wide
from mnist_tui.render.ticks import decimal_labels, plain_labels


class LossPlot(RunPanel):
    """Loss of each network per step; for a classifier also the validation loss of each epoch."""

    def show_news(self, before: Snapshot, now: Snapshot) -> None:
        """What people did stands at once, curves grow as time allows."""
        if len(before.marks) != len(now.marks):
            self.redraw()
        elif (before.step, before.epochs.keys()) != (now.step, now.epochs.keys()):
            self.redraw_grown(now.phase)

    def draw(self, width: int, height: int) -> list[Strip]:
        """The plot, or what it waits for."""
        palette = self.palette
        shown = self.shown
        series = loss_series(shown, palette)
        now = {one.label: one.curve.recent for one in loss_series(self.snapshot, palette)}
        wide = is_wide([one.curve for one in series])
        self.set_title(
            ("Loss per step, log", "Loss per step", "Loss") if wide else ("Loss per step", "Loss"),
            [
                LegendEntry(
                    curve_glyph(number, self.mode),
                    one.colour,
                    one.label,
                    loss(now[one.label]) if math.isfinite(now.get(one.label, math.nan)) else "",
                )
                for number, one in enumerate(series)
            ],
        )
        if not any(len(one.curve.x) for one in series):
            return self.message("waiting for the first step", width, height)
        colours = PlotColours.of(palette)
        axes = Axes(
            x_range=(0.0, max(float(shown.step), 1.0)),
            y_labels=plain_labels if wide else decimal_labels,
            whole_x=True,
            logarithmic_y=wide,
            cursor=self.snapshot.step if self.whole else None,
        )
        return plot(series, width, height, colours, self.mode, axes, marks(shown))
