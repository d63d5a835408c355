"""Curves over steps or epochs as text cells.

plotext rasterises the lines into braille; frame, ticks, marks and ribbons are laid around them
here, so that a theme decides every colour and a mark never hides a curve.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from textual.strip import Strip

from mnist_engine.runs.history import Curve
from mnist_tui.render.cells import Cells
from mnist_tui.render.colours import mix
from mnist_tui.render.columns import Columns, Range, decimate, is_outside, value_range, x_range
from mnist_tui.render.frame import (
    draw_cursor,
    draw_frame,
    draw_letters,
    draw_marks,
    draw_x_ticks,
    draw_y_ticks,
)
from mnist_tui.render.lines import curve_glyph, draw_curves, draw_ribbons, to_dots
from mnist_tui.render.parts import Axes, Box, Labels, Mark, PlotColours, Series, cell_of
from mnist_tui.render.scale import place_of, placed, ticks_of
from mnist_tui.terminal import RenderMode

__all__ = [
    "Axes",
    "Labels",
    "Mark",
    "Picture",
    "PlotColours",
    "Series",
    "curve_glyph",
    "picture",
    "plot",
]


MIN_WIDTH, MIN_HEIGHT = 16, 4
RIBBON_HEIGHT = 8  # on a lower canvas a ribbon is a rectangle that says nothing
RIBBON_STEPS = 8  # of fewer steps a cell, lowest and highest are chance


FAINT = 0.35
"""How much of its colour is left of a curve that is only hinted at."""


class Picture(NamedTuple):
    """A plot, and what has to be known of it to find one's way about in it.

    Without room for a plot the ``box`` is empty. ``outliers`` tells that some of the curves lie
    beyond the scale, and were laid on the frame.
    """

    strips: list[Strip]
    box: Box
    x_limits: Range
    outliers: bool

    def x_at(self, column: int, row: int) -> float | None:
        """The place on the x axis of a cell; None outside the frame."""
        box = self.box
        x, y = column - box.left, row - box.top
        if not (0 <= x < box.width and 0 <= y < box.height):
            return None
        low, high = self.x_limits
        return low + (x + 0.5) / box.width * (high - low)


def plot(
    series: Sequence[Series],
    width: int,
    height: int,
    colours: PlotColours,
    mode: RenderMode,
    axes: Axes | None = None,
    marks: Sequence[Mark] = (),
) -> list[Strip]:
    """Draw curves into ``height`` strips of ``width`` cells.

    Values that are not finite are left out; with none left, the axes stand empty. Below 16x4 cells
    there is no room for a plot, and the strips are blank.
    """
    return picture(series, width, height, colours, mode, axes, marks).strips


def picture(
    series: Sequence[Series],
    width: int,
    height: int,
    colours: PlotColours,
    mode: RenderMode,
    axes: Axes | None = None,
    marks: Sequence[Mark] = (),
) -> Picture:
    """What :func:`plot` draws, and where things lie in it.

    Limits of x are places on a logarithmic axis.
    """
    cells = Cells(width, height)
    if width < MIN_WIDTH or height < MIN_HEIGHT:
        return Picture(cells.strips(), Box(0, 0, 0, 0), (0.0, 1.0), False)
    axes = axes or Axes()
    log_x, log_y = axes.logarithmic_x, axes.logarithmic_y
    series = [replace(one, curve=placed(one.curve, log_x, log_y)) for one in series]
    raw = [one.curve if one.raw is None else placed(one.raw, log_x, log_y) for one in series]
    marks = [replace(one, x=place_of(one.x, log_x)) for one in marks]
    cursor = None if axes.cursor is None else place_of(axes.cursor, log_x)
    x_limits = _limits(axes.x_range, log_x) or x_range([one.curve for one in series])
    top = 1 if marks else 0
    canvas_height = height - 2 - top
    smoothed = any(one.raw is not None for one in series)
    y_limits, outliers = _heights(raw, smoothed, width, x_limits, axes)
    y_ticks = _heights_told(y_limits, canvas_height, log_y)
    y_labels = axes.y_labels(y_ticks)
    left = max((len(label) for label in y_labels), default=0) + 1
    right = 1 if any(one.letter for one in series) else 0
    box = Box(left, top, width - left - right, canvas_height)
    raw_columns = [decimate(one, 2 * box.width, x_limits) for one in raw]
    raw_dots = [to_dots(one, y_limits, box) for one in raw_columns]
    columns, dots = raw_columns, raw_dots
    if smoothed:
        columns = [decimate(one.curve, 2 * box.width, x_limits) for one in series]
        dots = [to_dots(one, y_limits, box) for one in columns]
    now = 2 * box.width
    if cursor is not None and axes.parts:
        now = 2 * cell_of(cursor, x_limits, box.width) + 2 if cursor >= x_limits[0] else 0
        columns = [one.until(now) for one in columns]
    past, raw_past = ([one.until(now) for one in of] for of in (dots, raw_dots))

    if mode.half_blocks and mode.tints and _has_room_for_ribbons(box, x_limits, axes):
        draw_ribbons(cells, box, series, raw_past, colours)
    behind: list[tuple[Series, Columns]] = []
    if mode.colour and (now < 2 * box.width or smoothed):
        pale = [replace(one, colour=mix(colours.background, one.colour, FAINT)) for one in series]
        behind = list(zip(pale, raw_dots, strict=True))
    draw_curves(cells, box, series, past, mode, behind)
    draw_frame(cells, box, colours, mode)
    rows = [cell_of(place_of(value, log_y), y_limits, box.height) for value in y_ticks]
    draw_y_ticks(cells, box, rows, y_labels, colours, mode)
    x_ticks = ticks_of(x_limits, max(2, box.width // 8), log_x, whole=axes.whole_x)
    places = [cell_of(place_of(value, log_x), x_limits, box.width) for value in x_ticks]
    draw_x_ticks(cells, box, places, axes.x_labels(x_ticks), colours, mode)
    if cursor is not None and x_limits[0] <= cursor <= x_limits[1]:
        draw_cursor(cells, box, cell_of(cursor, x_limits, box.width), colours, mode)
    draw_marks(cells, box, x_limits, marks, colours, mode)
    draw_letters(cells, box, series, columns, dots)
    return Picture(cells.strips(), box, x_limits, outliers)


def _heights(
    curves: Sequence[Curve], smoothed: bool, width: int, x_limits: Range, axes: Axes
) -> tuple[Range, bool]:
    """The limits of y, and whether anything that is drawn lies outside."""
    columns = [decimate(one, 2 * width, x_limits) for one in curves]
    if smoothed:  # the ribbon may be cut: what matters is averages
        columns = [one._replace(low=one.mean, high=one.mean) for one in columns]
    log = axes.logarithmic_y
    limits = _limits(axes.y_range, log) or value_range(columns, from_zero=not log)
    return limits, any(is_outside(one, limits) for one in columns)


def _heights_told(limits: Range, rows: int, logarithmic: bool) -> list[float]:
    """Where the y axis has numbers: one in three rows, but two at least, to tell a distance."""
    most = max(2, rows // 3 + 1)
    ticks = ticks_of(limits, most, logarithmic)
    return ticks if len(ticks) >= 2 else ticks_of(limits, min(2 * most, rows), logarithmic)


def _has_room_for_ribbons(box: Box, x_limits: Range, axes: Axes) -> bool:
    """Whether a cell stands for enough steps to have a spread, and the plot is high enough."""
    steps = x_limits[1] - x_limits[0] if axes.steps is None else axes.steps
    per_cell = 0.0 if axes.logarithmic_x else steps / box.width
    return box.height >= RIBBON_HEIGHT and per_cell >= RIBBON_STEPS


def _limits(limits: Range | None, logarithmic: bool) -> Range | None:
    return limits and (place_of(limits[0], logarithmic), place_of(limits[1], logarithmic))
