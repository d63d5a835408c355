"""Accuracy, epoch by epoch."""

from __future__ import annotations

import math
from collections.abc import Sequence

from mnist_engine.runs.state import Snapshot
from mnist_tui.monitor.curves import accuracy_series, verdict_series
from mnist_tui.monitor.panels.plot import PlotPanel
from mnist_tui.render.columns import Range
from mnist_tui.render.plot import Labels, Series
from mnist_tui.render.ticks import decimal_labels, percent_labels


class AccuracyPlot(PlotPanel):
    """The classifier's validation accuracy, or the discriminator's on real and on generated digits.

    Until a GAN's first epoch ends it shows D's mean verdict per step instead, and throughout where
    D is a critic, which has no accuracy.
    """

    may_be_logarithmic = False
    waits_for = "after the first epoch"

    def names(self, snapshot: Snapshot) -> tuple[str, ...]:
        """After what is shown."""
        if not self.is_gan:
            return "Accuracy per epoch", "Accuracy"
        if self._has_accuracy or not verdict_series(snapshot, self.palette):
            return "D's accuracy per epoch", "D's accuracy"
        verdict = "D's output" if "critic(real)" in snapshot.measures else "D's verdict"
        return f"{verdict} per step", verdict

    def series(self, snapshot: Snapshot) -> list[Series]:
        """Accuracies, or verdicts until there are any."""
        return accuracy_series(snapshot, self.palette) or verdict_series(snapshot, self.palette)

    def figure(self, value: float, alone: bool) -> str:
        """In percent, or as it is."""
        if not self._has_accuracy:
            return f"{value:.2f}"
        return f"{value:.2%}" if alone else f"{value:.0%}"

    def scale(self, snapshot: Snapshot, series: Sequence[Series]) -> Range | None:
        """Quarters where these are shares; a classifier's and a critic's follow the curves."""
        if not self._has_accuracy:
            return None if "critic(real)" in snapshot.measures else (0.0, 1.0)
        return _quarters(series) if self.is_gan else None

    @property
    def labels(self) -> Labels:
        """In percent, or as they are."""
        return percent_labels if self._has_accuracy else decimal_labels

    @property
    def _has_accuracy(self) -> bool:
        return bool(accuracy_series(self.shown, self.palette))


def _quarters(series: Sequence[Series]) -> Range:
    """From the last quarter below all values up to 1: as much detail as holds still for a while."""
    lowest = min((float(one.curve.low.min()) for one in series if len(one.curve.x)), default=0.0)
    return min(max(math.floor(lowest * 4 - 0.2) / 4, 0.0), 0.75), 1.0
