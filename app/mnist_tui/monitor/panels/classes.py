"""Classes, one by one: how often a generator draws each, how well a classifier knows it."""

from __future__ import annotations

import math
from itertools import zip_longest

import numpy as np
from textual.strip import Strip

from mnist_engine.runs.state import Snapshot
from mnist_tui.figures import number
from mnist_tui.monitor.panels.panel import RunPanel
from mnist_tui.monitor.widgets.panel import LegendEntry
from mnist_tui.render.bars import Bar, BarColours, bar_strips, tick_glyph

FULL_SCALES = (0.2, 0.3, 0.5, 1.0)
"""Shares at which a bar is full; the least that holds all of them is taken."""

SCALE_STARTS = (0.99, 0.98, 0.95, 0.9, 0.8, 0.5, 0.0)
"""Accuracies at which bars may begin; the highest that lies below all of them is taken."""


class ClassShares(RunPanel):
    """Which digits the judge sees in 1,000 generated ones, with ticks at the data's shares."""

    def show_news(self, before: Snapshot, now: Snapshot) -> None:
        """They are measured now and then."""
        if before.class_shares != now.class_shares or before.started != now.started:
            self.redraw()

    def draw(self, width: int, height: int) -> list[Strip]:
        """A bar for each class, or what they wait for."""
        palette, shares = self.palette, self.snapshot.class_shares
        started = self.shown.started
        expected = started.class_shares if started else ()
        divergence = self.snapshot.measures.get("class KL")
        told = f", KL {number(divergence.last)}" if divergence is not None else ""
        self.set_title(
            (f"Classes of 1,000 digits{told}", f"Classes{told}", "Classes"),
            [LegendEntry(tick_glyph(self.mode), palette.text, "data", "")] if expected else (),
        )
        if not shares:
            return self.message(self._first(), width, height)
        largest = max(*shares, *expected)
        full = next(scale for scale in FULL_SCALES if largest <= scale or scale == 1.0)
        bars = [
            Bar(str(digit), share / full, f"{share:.1%}", wanted and wanted / full)
            for digit, (share, wanted) in enumerate(zip_longest(shares, expected))
        ]
        colours = BarColours(
            palette.background, palette.second, palette.text, palette.quiet, palette.text
        )
        return bar_strips(bars, width, height, colours, self.mode)

    def _first(self) -> str:
        started = self.snapshot.started
        if started is None or started.judge:
            first = started.measured_every if started else 0
            return f"first judged at step {first:,}" if first else "when they are first judged"
        return "the judge knows MNIST's digits only"


class ClassAccuracy(RunPanel):
    """The share of each class that a classifier knows, with ticks at its precision.

    Precision is the share of the answers of that class that are right.
    """

    def show_news(self, before: Snapshot, now: Snapshot) -> None:
        """There are answers once an epoch."""
        if before.answers is not now.answers:
            self.redraw()

    def draw(self, width: int, height: int) -> list[Strip]:
        """A bar for each class, or what they wait for."""
        palette, answers = self.palette, self.snapshot.answers
        precision_entry = LegendEntry(tick_glyph(self.mode), palette.text, "precision", "")
        if answers is None:
            self.set_title(("Accuracy by class",), [precision_entry])
            return self.message("after the first epoch", width, height)
        recall, precision = answers.recall.tolist(), answers.precision.tolist()
        start = _start_of(recall + precision)
        told = f"from {start:.0%}"
        titles = (f"Accuracy by class, {told}", f"Accuracy {told}", told)
        self.set_title(titles if start else ("Accuracy by class", "Accuracy"), [precision_entry])
        bars = [
            Bar(
                str(digit),
                (known - start) / (1 - start),
                f"{known:.1%}" if math.isfinite(known) else "none",
                (right - start) / (1 - start),
            )
            for digit, (known, right) in enumerate(zip(recall, precision, strict=True))
        ]
        colours = BarColours(
            palette.background, palette.second, palette.text, palette.quiet, palette.text
        )
        return bar_strips(bars, width, height, colours, self.mode)


def _start_of(accuracies: list[float]) -> float:
    finite = [value for value in accuracies if np.isfinite(value)]
    return next(start for start in SCALE_STARTS if start < min(finite, default=0.5) or not start)
