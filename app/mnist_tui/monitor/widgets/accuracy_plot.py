"""Accuracy, epoch by epoch."""

from __future__ import annotations

import math

from textual.strip import Strip

from mnist_engine.runs.state import Snapshot
from mnist_tui.monitor.curves import accuracy_series, newest, verdict_series
from mnist_tui.monitor.widgets.panel import LegendEntry, Panel
from mnist_tui.render.plot import Axes, PlotColours, Series, curve_glyph, plot
from mnist_tui.render.ticks import count_labels, percent_labels
from mnist_tui.terminal import RenderMode


class AccuracyPlot(Panel):
    """The classifier's validation accuracy, or the discriminator's on real and on generated digits.

    Until a GAN's first epoch ends it shows D's mean verdict per step instead, and throughout where
    D is a critic, which has no accuracy.
    """

    def __init__(self, mode: RenderMode, *, id: str | None = None) -> None:
        super().__init__(mode, id=id)
        self._snapshot = Snapshot()

    def show(self, snapshot: Snapshot) -> None:
        """Draw the accuracies of ``snapshot``."""
        before, self._snapshot = self._snapshot, snapshot
        if before.phase != snapshot.phase or before.started != snapshot.started:
            self.redraw()
        elif _length(before) != _length(snapshot) or (
            before.step != snapshot.step and not accuracy_series(snapshot, self.palette)
        ):
            self.redraw_grown(snapshot.phase)

    def draw(self, width: int, height: int) -> list[Strip]:
        """The plot, or what it waits for."""
        palette = self.palette
        snapshot = self._snapshot
        gan = snapshot.started is None or snapshot.started.task == "gan"
        series = accuracy_series(snapshot, palette)
        if series:
            last_epoch = max(float(one.curve.x[-1]) for one in series)
            axes = Axes(
                x_range=(1.0, max(last_epoch, 2.0)),
                y_range=_quarters(series) if gan else None,
                x_labels=count_labels,
                y_labels=percent_labels,
                whole_x=True,
            )
            self.set_title(
                ("D's accuracy per epoch", "D's accuracy")
                if gan
                else ("Accuracy per epoch", "Accuracy"),
                self._legend(series, percent=True),
            )
        else:
            series = verdict_series(snapshot, palette)
            critic = "critic(real)" in snapshot.measures
            axes = Axes(
                x_range=(0.0, max(float(snapshot.step), 1.0)),
                y_range=None if critic else (0, 1),
                whole_x=True,
            )
            verdict = "output" if critic else "verdict"
            self.set_title(
                (f"D's {verdict} per step", f"D's {verdict}") if series else ("Accuracy",),
                self._legend(series, percent=False),
            )
        if not series:
            return self.message("after the first epoch", width, height)
        colours = PlotColours(palette.faint, palette.quiet, palette.accent, palette.background)
        return plot(series, width, height, colours, self.mode, axes)

    def _legend(self, series: list[Series], percent: bool) -> list[LegendEntry]:
        entries = []
        for number, one in enumerate(series):
            value = one.curve.last if percent else newest(one.curve)
            text = f"{value:.2%}" if percent and len(series) == 1 else f"{value:.0%}"
            glyph = curve_glyph(number, self.mode)
            entries.append(
                LegendEntry(glyph, one.colour, one.label, text if percent else f"{value:.2f}")
            )
        return entries


def _quarters(series: list[Series]) -> tuple[float, float]:
    """From the last quarter below all values up to 1: as much detail as holds still for a while."""
    lowest = min(float(one.curve.low.min()) for one in series)
    return min(max(math.floor(lowest * 4 - 0.2) / 4, 0.0), 0.75), 1.0


def _length(snapshot: Snapshot) -> int:
    return sum(len(curve.x) for curve in snapshot.epochs.values())
