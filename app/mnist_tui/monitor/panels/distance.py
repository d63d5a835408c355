"""How far generated digits are from real ones, as a judge sees them."""

from __future__ import annotations

from textual.strip import Strip

from mnist_engine.runs.history import Curve
from mnist_engine.runs.state import Snapshot
from mnist_tui.figures import number
from mnist_tui.monitor.curves import frechet_distances
from mnist_tui.monitor.panels.panel import RunPanel
from mnist_tui.monitor.widgets.panel import LegendEntry
from mnist_tui.render.plot import Axes, PlotColours, Series, curve_glyph, plot
from mnist_tui.render.scale import is_wide
from mnist_tui.render.ticks import decimal_labels, plain_labels


class DistancePlot(RunPanel):
    """FID at the ends of epochs, with the version of the judge that measured it."""

    def show_news(self, before: Snapshot, now: Snapshot) -> None:
        """It is measured at the ends of some epochs."""
        if _length(before) != _length(now) or before.started != now.started:
            self.redraw()

    def draw(self, width: int, height: int) -> list[Strip]:
        """The curve, or what it waits for."""
        palette, shown = self.palette, self.shown
        curve, now = _distances(shown), _distances(self.snapshot)
        judge = shown.started.judge if shown.started else ""
        by = f", judge {judge}" if judge else ""
        legend = [LegendEntry(curve_glyph(0, self.mode), palette.second, number(now.last), "")]
        self.set_title((f"FID per epoch{by}", "FID per epoch", "FID"), legend if len(now.x) else ())
        if not len(curve.x):
            return self.message(self._first(judge), width, height)
        wide = is_wide([curve])
        axes = Axes(
            x_range=(0.0, max(float(curve.x[-1]), 2.0)),
            y_labels=plain_labels if wide else decimal_labels,
            whole_x=True,
            logarithmic_y=wide,
            cursor=_epochs_done(self.snapshot) if self.whole else None,
        )
        series = [Series("FID", curve, palette.second)]
        return plot(series, width, height, PlotColours.of(palette), self.mode, axes)

    def _first(self, judge: str) -> str:
        if self.snapshot.started is None or judge:
            return "at an epoch's end, as time allows"
        return "the judge knows MNIST's digits only"


def _distances(snapshot: Snapshot) -> Curve:
    """FID over epochs."""
    curve = frechet_distances(snapshot)
    started = snapshot.started
    return curve._replace(x=curve.x / max(started.steps_per_epoch, 1)) if started else curve


def _length(snapshot: Snapshot) -> tuple[int, bool]:
    curve = snapshot.epochs.get("FID")
    return len(curve.x) if curve is not None else 0, snapshot.finished is not None


def _epochs_done(snapshot: Snapshot) -> float:
    started = snapshot.started
    return snapshot.step / max(started.steps_per_epoch, 1) if started else 0.0
