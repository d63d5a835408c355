"""The losses, step by step, with a mark wherever somebody changed the course."""

from __future__ import annotations

from textual.strip import Strip

from mnist_engine.runs.state import Snapshot
from mnist_tui.monitor.curves import loss_series, marks, newest
from mnist_tui.monitor.widgets.panel import LegendEntry, Panel
from mnist_tui.render.plot import Axes, PlotColours, curve_glyph, plot
from mnist_tui.terminal import RenderMode


class LossPlot(Panel):
    """Loss of each network per step; for a classifier also the validation loss of each epoch."""

    def __init__(self, mode: RenderMode, *, id: str | None = None) -> None:
        super().__init__(mode, id=id)
        self._snapshot = Snapshot()

    def show(self, snapshot: Snapshot) -> None:
        """Draw the losses and marks of ``snapshot``."""
        before, self._snapshot = self._snapshot, snapshot
        if not before.version or (before.phase, len(before.marks)) != (
            snapshot.phase,
            len(snapshot.marks),
        ):
            self.redraw()
        elif (before.step, before.epochs.keys()) != (snapshot.step, snapshot.epochs.keys()):
            self.redraw_grown(snapshot.phase)

    def draw(self, width: int, height: int) -> list[Strip]:
        """The plot, or what it waits for."""
        palette = self.palette
        series = loss_series(self._snapshot, palette)
        self.set_title(
            ("Loss per step", "Loss"),
            [
                LegendEntry(
                    curve_glyph(number, self.mode),
                    one.colour,
                    one.label,
                    f"{newest(one.curve):.3f}" if len(one.curve.x) else "",
                )
                for number, one in enumerate(series)
            ],
        )
        if not any(len(one.curve.x) for one in series):
            return self.message("waiting for the first step", width, height)
        colours = PlotColours(palette.faint, palette.quiet, palette.accent, palette.background)
        axes = Axes(x_range=(0.0, max(float(self._snapshot.step), 1.0)), whole_x=True)
        return plot(series, width, height, colours, self.mode, axes, marks(self._snapshot))
