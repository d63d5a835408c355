"""What a plot is made of: curves and marks, axes and colours."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from mnist_engine.runs.history import Curve
from mnist_tui.render.columns import Range
from mnist_tui.render.palette import Palette
from mnist_tui.render.ticks import count_labels, decimal_labels

Labels = Callable[[list[float]], list[str]]


@dataclass(frozen=True)
class Series:
    """A curve with its name and colour; ``ribbon`` shades what lies between its lows and highs.

    A ``letter`` stands where the curve ends, and the curve is drawn with it where colours or lines
    cannot tell it from others. A curve that was smoothed has the ``raw`` one faint behind it, whose
    ribbon it is.
    """

    label: str
    curve: Curve
    colour: str
    ribbon: bool = False
    letter: str = ""
    raw: Curve | None = None


AND = ", "
"""Stands between the things that the label of a mark names."""


@dataclass(frozen=True)
class Mark:
    """A vertical line at step ``x`` with a short label on top, of one thing or several."""

    x: float
    label: str


@dataclass(frozen=True)
class PlotColours:
    """Colours around the curves; ``background`` is what the plot lies on."""

    axis: str
    text: str
    mark: str
    background: str

    @classmethod
    def of(cls, palette: Palette) -> PlotColours:
        """Those of a theme."""
        return cls(palette.faint, palette.quiet, palette.accent, palette.background)


@dataclass(frozen=True)
class Axes:
    """What the axes show. A range of None follows the data.

    A line stands at ``cursor``, if there is one. Where it ``parts`` the curves, what lies beyond it
    is faint, or left out where there are no colours. What is not above 0 has no place on a
    logarithmic axis. ``steps`` is how many of them the x axis spans; None where it counts steps.
    """

    x_range: Range | None = None
    y_range: Range | None = None
    x_labels: Labels = count_labels
    y_labels: Labels = decimal_labels
    whole_x: bool = False
    cursor: float | None = None
    parts: bool = True
    steps: float | None = None
    logarithmic_x: bool = False
    logarithmic_y: bool = False


class Box(NamedTuple):
    """Where the canvas lies inside the plot, in cells."""

    left: int
    top: int
    width: int
    height: int


def cell_of(value: float, limits: Range, cells: int) -> int:
    """The cell, counted from the lower limit, in which a value lies."""
    low, high = limits
    share = (value - low) / (high - low) if high > low else 0.5
    return min(max(int(share * cells), 0), cells - 1)
