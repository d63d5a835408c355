"""Accuracy, epoch by epoch."""

from __future__ import annotations

import math

from textual.strip import Strip

from mnist_engine.runs.state import Snapshot
from mnist_tui.monitor.curves import accuracy_series, verdict_series
from mnist_tui.monitor.panels.panel import RunPanel
from mnist_tui.monitor.widgets.panel import LegendEntry
from mnist_tui.render.plot import Axes, PlotColours, Series, curve_glyph, plot
from mnist_tui.render.ticks import count_labels, percent_labels


class AccuracyPlot(RunPanel):
    """The classifier's validation accuracy, or the discriminator's on real and on generated digits.

    Until a GAN's first epoch ends it shows D's mean verdict per step instead, and throughout where
    D is a critic, which has no accuracy.
    """

    def show_news(self, before: Snapshot, now: Snapshot) -> None:
        """Epochs are drawn when they end, verdicts with every step."""
        if before.started != now.started:
            self.redraw()
        elif _length(before) != _length(now) or (
            before.step != now.step and not accuracy_series(now, self.palette)
        ):
            self.redraw_grown(now.phase)

    def draw(self, width: int, height: int) -> list[Strip]:
        """The plot, or what it waits for."""
        shown = self.shown
        series = accuracy_series(shown, self.palette)
        if series:
            axes = self._epoch_axes(shown, series)
        else:
            series = verdict_series(shown, self.palette)
            axes = self._step_axes(shown, series)
        if not series:
            return self.message("after the first epoch", width, height)
        colours = PlotColours.of(self.palette)
        return plot(series, width, height, colours, self.mode, axes)

    def _epoch_axes(self, shown: Snapshot, series: list[Series]) -> Axes:
        now = {
            one.label: f"{one.curve.last:.2%}" if len(series) == 1 else f"{one.curve.last:.0%}"
            for one in accuracy_series(self.snapshot, self.palette)
        }
        self.set_title(
            self._names(),
            self._legend(series, now),
        )
        last_epoch = max(float(one.curve.x[-1]) for one in series)
        return Axes(
            x_range=(1.0, max(last_epoch, 2.0)),
            y_range=_quarters(series) if self.is_gan else None,
            x_labels=count_labels,
            y_labels=percent_labels,
            whole_x=True,
            cursor=_epochs_done(self.snapshot) if self.whole else None,
        )

    def _step_axes(self, shown: Snapshot, series: list[Series]) -> Axes:
        now = {
            one.label: f"{one.curve.recent:.2f}"
            for one in verdict_series(self.snapshot, self.palette)
        }
        critic = "critic(real)" in shown.measures
        verdict = "output" if critic else "verdict"
        self.set_title(
            (f"D's {verdict} per step", f"D's {verdict}") if series else self._names(),
            self._legend(series, now),
        )
        return Axes(
            x_range=(0.0, max(float(shown.step), 1.0)),
            y_range=None if critic else (0, 1),
            whole_x=True,
            cursor=self.snapshot.step if self.whole else None,
        )

    def _names(self) -> tuple[str, str]:
        if self.is_gan:
            return "D's accuracy per epoch", "D's accuracy"
        return "Accuracy per epoch", "Accuracy"

    def _legend(self, series: list[Series], now: dict[str, str]) -> list[LegendEntry]:
        """The curves with their values at the moment that is seen."""
        return [
            LegendEntry(
                curve_glyph(number, self.mode), one.colour, one.label, now.get(one.label, "")
            )
            for number, one in enumerate(series)
        ]


def _epochs_done(snapshot: Snapshot) -> float:
    """Epochs until this step, and the part of one that has begun."""
    started = snapshot.started
    return snapshot.step / max(started.steps_per_epoch, 1) if started else 0.0


def _quarters(series: list[Series]) -> tuple[float, float]:
    """From the last quarter below all values up to 1: as much detail as holds still for a while."""
    lowest = min(float(one.curve.low.min()) for one in series)
    return min(max(math.floor(lowest * 4 - 0.2) / 4, 0.0), 0.75), 1.0


def _length(snapshot: Snapshot) -> int:
    return sum(len(curve.x) for curve in snapshot.epochs.values())
