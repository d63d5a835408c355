"""Curves over steps or epochs as text cells.

Frame, ticks, marks and ribbons are laid around the lines, so that a mark never hides a curve.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from textual.strip import Strip

from mnist_tui.render.cells import Cells
from mnist_tui.render.colours import mix
from mnist_tui.render.columns import Range, decimate, value_range, x_range
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

__all__ = ["Axes", "Labels", "Mark", "PlotColours", "Series", "curve_glyph", "plot"]


MIN_WIDTH, MIN_HEIGHT = 16, 4
RIBBON_HEIGHT = 8  # on a lower canvas a ribbon is a rectangle that says nothing
RIBBON_STEPS = 8  # of fewer steps a cell, lowest and highest are chance


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
    cells = Cells(width, height)
    if width < MIN_WIDTH or height < MIN_HEIGHT:
        return cells.strips()
    axes = axes or Axes()
    log_x, log_y = axes.logarithmic_x, axes.logarithmic_y
    series = [replace(one, curve=placed(one.curve, log_x, log_y)) for one in series]
    marks = [replace(one, x=place_of(one.x, log_x)) for one in marks]
    cursor = None if axes.cursor is None else place_of(axes.cursor, log_x)
    x_limits = _limits(axes.x_range, log_x) or x_range([one.curve for one in series])
    top = 1 if marks else 0
    canvas_height = height - 2 - top
    columns = [decimate(one.curve, 2 * width, x_limits) for one in series]
    y_limits = _limits(axes.y_range, log_y) or value_range(columns, from_zero=not log_y)

    y_ticks = ticks_of(y_limits, max(2, canvas_height // 3 + 1), log_y)
    y_labels = axes.y_labels(y_ticks)
    left = max((len(label) for label in y_labels), default=0) + 1
    right = 1 if any(one.letter for one in series) else 0
    box = Box(left, top, width - left - right, canvas_height)
    columns = [decimate(one.curve, 2 * box.width, x_limits) for one in series]
    dots = [to_dots(one, y_limits, box) for one in columns]
    now = 2 * box.width
    if cursor is not None:
        now = 2 * cell_of(cursor, x_limits, box.width) + 2 if cursor >= x_limits[0] else 0
        columns = [one.until(now) for one in columns]
    past = [one.until(now) for one in dots]

    steps_per_cell = 0.0 if log_x else (x_limits[1] - x_limits[0]) / box.width
    if (
        mode.half_blocks
        and mode.tints
        and box.height >= RIBBON_HEIGHT
        and steps_per_cell >= RIBBON_STEPS
    ):
        draw_ribbons(cells, box, series, columns, past, colours)
    if now < 2 * box.width and mode.colour:
        pale = [replace(one, colour=mix(colours.background, one.colour, 0.35)) for one in series]
        draw_curves(cells, box, pale, dots, mode)
    draw_curves(cells, box, series, past, mode)
    draw_frame(cells, box, colours, mode)
    rows = [cell_of(place_of(value, log_y), y_limits, box.height) for value in y_ticks]
    draw_y_ticks(cells, box, rows, y_labels, colours, mode)
    x_ticks = ticks_of(x_limits, max(2, box.width // 8), log_x, whole=axes.whole_x)
    places = [cell_of(place_of(value, log_x), x_limits, box.width) for value in x_ticks]
    draw_x_ticks(cells, box, places, axes.x_labels(x_ticks), colours, mode)
    if cursor is not None and now:
        draw_cursor(cells, box, now // 2 - 1, colours, mode)
    draw_marks(cells, box, x_limits, marks, colours, mode)
    draw_letters(cells, box, series, columns, dots)
    return cells.strips()


def _limits(limits: Range | None, logarithmic: bool) -> Range | None:
    return limits and (place_of(limits[0], logarithmic), place_of(limits[1], logarithmic))
