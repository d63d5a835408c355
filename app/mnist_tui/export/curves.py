"""Curves of a run, and who is taken for whom, as pictures for a report: drawn by Matplotlib."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, MaxNLocator, NullFormatter, PercentFormatter
from numpy.typing import NDArray

from mnist_engine.runs.history import Curve
from mnist_tui.export.destination import writing
from mnist_tui.render.parts import Mark, Series
from mnist_tui.render.ticks import nice_ticks

RIGHT = "#187a51"
ACCENT = "#a85400"
TEXT, QUIET, GRID = "#2a2f38", "#6b7280", "#e4e6ea"

SIZE = (9.0, 3.4)
"""Inches; at DOTS_PER_INCH 1440 pixels across."""

DOTS_PER_INCH = 160

SMOOTHED_SHARE = 0.01
"""The line is a mean over so large a part of a curve; around it lies the curve itself, faint."""

OUTLIERS = 0.5
"""Percent of the values, at either end, that may lie outside of the picture."""

FEWEST_TICKS, MOST_TICKS = 3, 6
"""Numbers beside a logarithmic axis, so that values between them can be guessed."""

MOST_MARKS = 12
"""With more labels than that none can be read; the marks stay."""


def save_curves(
    path: Path,
    title: str,
    series: Sequence[Series],
    across: str = "step",
    percent: bool = False,
    logarithmic: bool = False,
    marks: Sequence[Mark] = (),
) -> None:
    """Draw ``series`` over steps or epochs, and ``marks`` where somebody intervened.

    A ``logarithmic`` axis is used where all values are above 0. CannotRecord where the disk does
    not take the picture.
    """
    figure = Figure(SIZE, DOTS_PER_INCH, layout="constrained")
    axes = figure.add_subplot()
    _plain(axes, title, across)
    for line in series:
        _draw(axes, line)
    if logarithmic and all((line.curve.low > 0).all() for line in series):
        axes.set_yscale("log")
        axes.yaxis.set_major_locator(FixedLocator(logarithmic_ticks(*axes.get_ylim())))
        axes.yaxis.set_major_formatter(lambda value, _: f"{value:g}")
        axes.yaxis.set_minor_formatter(NullFormatter())
    else:
        _leave_out_outliers(axes, [line.curve for line in series])
    if percent:
        axes.yaxis.set_major_formatter(PercentFormatter(1.0))
    for mark in marks:
        axes.axvline(mark.x, color=ACCENT, linewidth=0.8, linestyle=(0, (4, 3)))
        if len(marks) <= MOST_MARKS:
            axes.annotate(
                mark.label,
                (mark.x, 1),
                (3, -2),
                xycoords=("data", "axes fraction"),
                textcoords="offset points",
                color=ACCENT,
                fontsize=8,
                va="top",
            )
    if len(series) > 1:
        axes.legend(frameon=False, labelcolor=TEXT, fontsize=9, loc="best")
    with writing(path):
        figure.savefig(path)


def save_confusion(path: Path, confusion: Sequence[Sequence[int]]) -> None:
    """Draw how often each class (row) was taken for each other (column).

    Right answers, which outweigh all others, are told by number alone.
    """
    counts = np.array(confusion)
    mistakes = counts - np.diag(counts.diagonal())
    figure = Figure((6.4, 5.6), DOTS_PER_INCH, layout="constrained")
    axes = figure.add_subplot()
    _plain(axes, "Answers to the test set", "answer")
    axes.set_ylabel("label", color=QUIET, fontsize=9)
    axes.grid(visible=False)
    largest = max(int(mistakes.max()), 1)
    axes.imshow(mistakes, cmap="Oranges", vmin=0, vmax=1.8 * largest)
    axes.set_xticks(range(len(counts)))
    axes.set_yticks(range(len(counts)))
    for (label, answer), times in np.ndenumerate(counts):
        if times:
            right = label == answer
            axes.text(
                answer,
                label,
                f"{times}",
                ha="center",
                va="center",
                fontsize=8,
                color=RIGHT if right else TEXT,
                fontweight="bold" if right else "normal",
            )
    with writing(path):
        figure.savefig(path)


def _plain(axes: Axes, title: str, across: str) -> None:
    """Nothing but what tells: a title, a faint grid, no frame."""
    axes.set_title(title, loc="left", color=TEXT, fontsize=11, fontweight="bold")
    axes.set_xlabel(across, color=QUIET, fontsize=9)
    axes.tick_params(which="both", colors=QUIET, labelsize=9, length=0)
    axes.grid(color=GRID, linewidth=0.8)
    axes.set_axisbelow(True)
    for spine in axes.spines.values():
        spine.set_visible(False)
    axes.margins(x=0.01)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:,.0f}")


def _draw(axes: Axes, line: Series) -> None:
    curve, colour = line.curve, line.colour
    window = int(len(curve.x) * SMOOTHED_SHARE)
    if window < 2:
        marker = "o" if len(curve.x) <= 40 else ""
        axes.plot(
            curve.x, curve.mean, color=colour, label=line.label, marker=marker, markersize=3.5
        )
        return
    axes.fill_between(curve.x, curve.low, curve.high, color=colour, alpha=0.12, linewidth=0)
    axes.plot(curve.x, curve.mean, color=colour, alpha=0.25, linewidth=0.5)
    axes.plot(curve.x, _smoothed(curve.mean, window), color=colour, linewidth=1.6, label=line.label)


def _smoothed(values: NDArray[np.float64], window: int) -> NDArray[np.float64]:
    """Each value's mean with its ``window`` neighbours to either side, fewer at the ends."""
    sums = np.concatenate([[0.0], np.cumsum(values)])
    places = np.arange(len(values))
    first, end = np.maximum(places - window, 0), np.minimum(places + window + 1, len(values))
    means: NDArray[np.float64] = (sums[end] - sums[first]) / (end - first)
    return means


def logarithmic_ticks(low: float, high: float) -> list[float]:
    """Powers of ten where there are enough, else 1, 2 and 5 times those, else any round numbers."""
    decades = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    for factors in ((1,), (1, 2, 5)):
        ticks = [factor * 10.0**decade for decade in decades for factor in factors]
        within = [tick for tick in ticks if low <= tick <= high]
        if len(within) >= FEWEST_TICKS:
            return within
    return nice_ticks(low, high, MOST_TICKS)


def _leave_out_outliers(axes: Axes, curves: Sequence[Curve]) -> None:
    """A loss that leaps once must not make a flat line of all the rest."""
    means = np.concatenate([curve.mean for curve in curves])
    if len(means) < 100 / OUTLIERS:
        return
    low, high = np.percentile(means, [OUTLIERS, 100 - OUTLIERS])
    margin = 0.06 * (high - low) or 1.0
    axes.set_ylim(low - margin, high + margin)
