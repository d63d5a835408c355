"""The losses, step by step, with a mark wherever somebody changed the course."""

from __future__ import annotations

import math

from textual.strip import Strip

from mnist_engine.runs.state import Snapshot
from mnist_tui.figures import loss
from mnist_tui.monitor.curves import loss_series, marks
from mnist_tui.monitor.widgets.panel import LegendEntry, Panel
from mnist_tui.render.plot import Axes, PlotColours, curve_glyph, plot
from mnist_tui.render.scale import is_wide
from mnist_tui.render.ticks import decimal_labels, plain_labels
from mnist_tui.terminal import RenderMode


class LossPlot(Panel):
    """Loss of each network per step; for a classifier also the validation loss of each epoch."""

    def __init__(self, mode: RenderMode, *, id: str | None = None) -> None:
        super().__init__(mode, id=id)
        self._snapshot = Snapshot()
        self._whole: Snapshot | None = None

    def show(self, snapshot: Snapshot, whole: Snapshot | None = None) -> None:
        """Draw the losses and marks of ``snapshot``, within the ``whole`` run if that is known."""
        before, self._snapshot = self._snapshot, snapshot
        if whole is not None:
            if whole is not self._whole or snapshot.step != before.step:
                self._whole = whole
                self.redraw()
        elif not before.version or (before.phase, len(before.marks)) != (
            snapshot.phase,
            len(snapshot.marks),
        ):
            self.redraw()
        elif (before.step, before.epochs.keys()) != (snapshot.step, snapshot.epochs.keys()):
            self.redraw_grown(snapshot.phase)

    def draw(self, width: int, height: int) -> list[Strip]:
        """The plot, or what it waits for."""
        palette = self.palette
        shown = self._whole or self._snapshot
        series = loss_series(shown, palette)
        now = {one.label: one.curve.recent for one in loss_series(self._snapshot, palette)}
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
            cursor=self._snapshot.step if self._whole else None,
        )
        return plot(series, width, height, colours, self.mode, axes, marks(shown))
