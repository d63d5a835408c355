"""Curves over steps or epochs as text cells.

plotext rasterises the lines into braille; frame, ticks, marks and ribbons are laid around them
here, so that a theme decides every colour and a mark never hides a curve.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from textual.color import Color
from textual.strip import Strip

from mnist_engine.runs.history import Curve
from mnist_tui.render.ansi import parse_line
from mnist_tui.render.cells import Cells, mix
from mnist_tui.render.ticks import count_labels, decimal_labels, nice_ticks
from mnist_tui.terminal import RenderMode

Range = tuple[float, float]
Labels = Callable[[list[float]], list[str]]

MIN_WIDTH, MIN_HEIGHT = 16, 4
RIBBON_HEIGHT = 8  # on a lower canvas a ribbon is a rectangle that says nothing
RIBBON_STEPS = 8  # of fewer steps a cell, lowest and highest are chance
_LARGEST = 1e150  # beyond it the difference of two numbers may overflow


@dataclass(frozen=True)
class Series:
    """A curve with its name and colour; ``ribbon`` shades what lies between its lows and highs.

    A ``letter`` stands where the curve ends, and the curve is drawn with it where colours or lines
    cannot tell it from others.
    """

    label: str
    curve: Curve
    colour: str
    ribbon: bool = False
    letter: str = ""


@dataclass(frozen=True)
class Mark:
    """A vertical line at step ``x`` with a short label on top."""

    x: float
    label: str


@dataclass(frozen=True)
class PlotColours:
    """Colours around the curves; ``background`` is what the plot lies on."""

    axis: str
    text: str
    mark: str
    background: str


@dataclass(frozen=True)
class Axes:
    """What the axes show. A range of None follows the data.

    A line stands at ``cursor``, if there is one, and what lies beyond is faint, or left out where
    there are no colours.
    """

    x_range: Range | None = None
    y_range: Range | None = None
    x_labels: Labels = count_labels
    y_labels: Labels = decimal_labels
    whole_x: bool = False
    cursor: float | None = None


class Columns(NamedTuple):
    """A curve cut to the columns of a canvas: at most one mean, low and high for each."""

    column: NDArray[np.int64]
    mean: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]

    def until(self, end: int) -> Columns:
        """Those before column ``end``."""
        kept = self.column < end
        return Columns(self.column[kept], self.mean[kept], self.low[kept], self.high[kept])


class _Box(NamedTuple):
    """Where the canvas lies inside the plot, in cells."""

    left: int
    top: int
    width: int
    height: int


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
    x_low, x_high = axes.x_range or _x_range(series)
    top = 1 if marks else 0
    canvas_height = height - 2 - top
    columns = [decimate(one.curve, 2 * width, (x_low, x_high)) for one in series]
    y_low, y_high = axes.y_range or value_range(columns)

    y_ticks = nice_ticks(y_low, y_high, max(2, canvas_height // 3 + 1))
    y_labels = axes.y_labels(y_ticks)
    left = max((len(label) for label in y_labels), default=0) + 1
    right = 1 if any(one.letter for one in series) else 0
    box = _Box(left, top, width - left - right, canvas_height)
    columns = [decimate(one.curve, 2 * box.width, (x_low, x_high)) for one in series]
    dots = [_to_dots(one, (y_low, y_high), box) for one in columns]
    now = 2 * box.width
    if axes.cursor is not None:
        here = _cell(axes.cursor, (x_low, x_high), box.width)
        now = 2 * here + 2 if axes.cursor >= x_low else 0
        columns = [one.until(now) for one in columns]
    past = [one.until(now) for one in dots]

    steps_per_cell = (x_high - x_low) / box.width
    if (
        mode.half_blocks
        and mode.tints
        and box.height >= RIBBON_HEIGHT
        and steps_per_cell >= RIBBON_STEPS
    ):
        _draw_ribbons(cells, box, series, columns, past, colours)
    if now < 2 * box.width and mode.colour:
        pale = [replace(one, colour=mix(colours.background, one.colour, 0.35)) for one in series]
        _draw_curves(cells, box, pale, dots, mode)
    _draw_curves(cells, box, series, past, mode)
    _draw_frame(cells, box, colours, mode)
    for value, label in zip(y_ticks, y_labels, strict=True):
        row = box.top + box.height - 1 - _cell(value, (y_low, y_high), box.height)
        cells.write(left - 1 - len(label), row, label, colours.text)
        cells.write(left - 1, row, "┤" if mode.unicode else "+", colours.axis)
    _draw_x_ticks(cells, box, (x_low, x_high), axes, colours, mode)
    if axes.cursor is not None and now:
        _draw_cursor(cells, box, now // 2 - 1, colours, mode)
    _draw_marks(cells, box, (x_low, x_high), marks, colours, mode)
    _draw_letters(cells, box, series, columns, dots)
    return cells.strips()


def decimate(curve: Curve, columns: int, x_range: Range) -> Columns:
    """Cut a curve to ``columns`` columns over ``x_range``: mean, lowest and highest value of each.

    Columns without a value are missing from the result, and so is everything that is not finite.
    """
    x, mean, low, high = (np.clip(part, -_LARGEST, _LARGEST) for part in curve)
    x_low, x_high = x_range
    keep = np.isfinite(np.sum(curve, axis=0)) if len(curve.x) else np.zeros(0, dtype=bool)
    keep &= (x >= x_low) & (x <= x_high)
    x, mean, low, high = x[keep], mean[keep], low[keep], high[keep]
    span = x_high - x_low
    place = (x - x_low) / span * columns if span > 0 else np.full(len(x), columns / 2)
    column = np.minimum(place.astype(np.int64), columns - 1)
    order = np.argsort(column, kind="stable")
    column, mean, low, high = column[order], mean[order], low[order], high[order]
    kept, starts, counts = np.unique(column, return_index=True, return_counts=True)
    if not len(kept):
        return Columns(column, mean, low, high)
    return Columns(
        kept,
        np.add.reduceat(mean, starts) / counts,
        np.minimum.reduceat(low, starts),
        np.maximum.reduceat(high, starts),
    )


def value_range(columns: Sequence[Columns]) -> Range:
    """Limits that show the curves well.

    They hold every newest value and nearly all of the rest: rare spikes may touch the frame, so
    that one wild step does not flatten a whole run. Losses near zero get an axis that starts at
    zero.
    """
    filled = [one for one in columns if len(one.column)]
    if not filled:
        return 0.0, 1.0
    low = min(
        min(np.quantile(one.mean, 0.005), np.quantile(one.low, 0.03), one.mean[-1])
        for one in filled
    )
    high = max(
        max(np.quantile(one.mean, 0.995), np.quantile(one.high, 0.97), one.mean[-1])
        for one in filled
    )
    low, high = float(low), float(high)
    if high == low:
        room = abs(high) * 0.1 or 0.5
        return low - room, high + room
    room = (high - low) * 0.05
    starts_at_zero = 0 <= low < high / 2
    return 0.0 if starts_at_zero else low - room, high + room


def _x_range(series: Sequence[Series]) -> Range:
    ends = [
        x for one in series for x in (one.curve.x[:1], one.curve.x[-1:]) if np.isfinite(x).all()
    ]
    values = np.concatenate(ends) if ends else np.zeros(0)
    return (float(values.min()), float(values.max())) if len(values) else (0.0, 1.0)


def _to_dots(columns: Columns, y_range: Range, box: _Box) -> Columns:
    """Values as heights in braille dots, four a cell; what is out of range lies on the border."""
    low, high = y_range
    dots = 4 * box.height

    def place(values: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.clip((values - low) / (high - low) * dots, 0, dots - 1).astype(int) + 0.5

    return Columns(columns.column, *(place(part) for part in columns[1:]))


def _cell(value: float, limits: Range, cells: int) -> int:
    """The cell, counted from the lower limit, in which a value lies."""
    low, high = limits
    share = (value - low) / (high - low) if high > low else 0.5
    return min(max(int(share * cells), 0), cells - 1)


def _draw_ribbons(
    cells: Cells,
    box: _Box,
    series: Sequence[Series],
    columns: Sequence[Columns],
    dots: Sequence[Columns],
    colours: PlotColours,
) -> None:
    covered: dict[tuple[int, int], str] = {}
    for one, cut, dot in zip(series, columns, dots, strict=True):
        if not one.ribbon:
            continue
        tinted: set[tuple[int, int]] = set()
        for column, low, high in zip(cut.column, dot.low, dot.high, strict=True):
            x = box.left + int(column) // 2
            # a cell belongs to the ribbon if the middle of its four dots does
            bottom, top = math.ceil((low - 2) / 4), math.floor((high - 2) / 4)
            tinted.update((x, box.top + box.height - 1 - y) for y in range(bottom, top + 1))
        for place in tinted:
            covered[place] = mix(covered.get(place, colours.background), one.colour, 0.16)
    for (x, y), background in covered.items():
        cells.tint(x, y, background)


def _draw_curves(
    cells: Cells,
    box: _Box,
    series: Sequence[Series],
    dots: Sequence[Columns],
    mode: RenderMode,
) -> None:
    figure, marker = _canvas(box)
    for number, (one, dot) in enumerate(zip(series, dots, strict=True)):
        if not len(dot.column):
            continue
        signal = figure.signal(
            (dot.column + 0.5).tolist(),
            dot.mean.tolist(),
            marker=marker(_marker(one, number, mode), Color.parse(one.colour).rgb),
        )
        figure.draw(signal.lines())
    for y, line in enumerate(figure.build().string().split("\n")[: box.height]):
        x = box.left
        for text, style, _ in parse_line(line):
            if text.strip() and style is not None and style.color is not None:
                colour = style.color.get_truecolor().hex
                for offset, character in enumerate(text):
                    if character != " ":
                        cells.write(x + offset, box.top + y, character, colour)
            x += len(text)


def _marker(one: Series, number: int, mode: RenderMode) -> str:
    if one.letter and not (mode.unicode and mode.colour):
        return one.letter
    return curve_glyph(number, mode, "braille")


def curve_glyph(number: int, mode: RenderMode, line: str = "━") -> str:
    """What the ``number``-th curve is drawn with: ``line`` where colours tell curves apart."""
    if mode.unicode:
        return line if mode.colour or number == 0 else "•×"[(number - 1) % 2]
    return "*o+"[number % 3]


def _canvas(box: _Box) -> tuple[Any, Callable[[str, tuple[int, int, int]], Any]]:
    """plotext's figure, emptied, without any decoration, one unit a braille dot."""
    # Here, because loading it takes longer than a first frame may.
    import plotext  # type: ignore[import-untyped]

    plotext.terminal.limit(False, False)  # or the real terminal's size clips the plot
    figure = plotext.figure
    figure.clear()
    figure.plot_size(box.width, box.height)
    figure.canvas("default")
    figure.axes(False)
    for axis, dots in (("x", 2 * box.width), ("y", 4 * box.height)):
        figure.ruler(axis).frequency(0)
        figure.ruler(axis).lim(0, dots)
        figure.ruler(axis).alignment(lim="edge")

    def marker(glyph: str, rgb: tuple[int, int, int]) -> Any:
        return plotext.marker(glyph, pixel=plotext.pixel(rgb))

    return figure, marker


def _draw_frame(cells: Cells, box: _Box, colours: PlotColours, mode: RenderMode) -> None:
    upright, corner, level = "│└─" if mode.unicode else "|+-"
    for y in range(box.top, box.top + box.height):
        cells.write(box.left - 1, y, upright, colours.axis)
    floor = box.top + box.height
    cells.write(box.left - 1, floor, corner + level * box.width, colours.axis)


def _draw_x_ticks(
    cells: Cells, box: _Box, x_range: Range, axes: Axes, colours: PlotColours, mode: RenderMode
) -> None:
    ticks = nice_ticks(*x_range, max(2, box.width // 8), whole=axes.whole_x)
    floor = box.top + box.height
    free_from = 0
    for value, label in zip(ticks, axes.x_labels(ticks), strict=True):
        x = box.left + _cell(value, x_range, box.width)
        start = min(max(x - len(label) // 2, 0), cells.width - len(label))
        if start < free_from:
            continue
        cells.write(x, floor, "┬" if mode.unicode else "+", colours.axis)
        cells.write(start, floor + 1, label, colours.text)
        free_from = start + len(label) + 1


def _draw_cursor(
    cells: Cells, box: _Box, column: int, colours: PlotColours, mode: RenderMode
) -> None:
    x = box.left + column
    for y in range(box.top, box.top + box.height):
        if cells.is_blank(x, y):
            cells.write(x, y, "│" if mode.unicode else "|", colours.text)
    cells.write(x, box.top + box.height, "┴" if mode.unicode else "^", colours.text)


def _draw_marks(
    cells: Cells,
    box: _Box,
    x_range: Range,
    marks: Sequence[Mark],
    colours: PlotColours,
    mode: RenderMode,
) -> None:
    labels: dict[int, str] = {}
    for mark in marks:
        if x_range[0] <= mark.x <= x_range[1]:
            labels[box.left + _cell(mark.x, x_range, box.width)] = mark.label  # the newest stays
    free_to = cells.width
    for x in sorted(labels, reverse=True):  # where labels collide, the newer one is readable
        for y in range(box.top, box.top + box.height):
            if cells.is_blank(x, y):
                cells.write(x, y, "┊" if mode.unicode else ":", colours.mark)
        label = labels[x]
        start = min(x, cells.width - len(label))
        if start + len(label) <= free_to:
            cells.write(start, box.top - 1, label, colours.mark, bold=True)
            free_to = start - 1


def _draw_letters(
    cells: Cells,
    box: _Box,
    series: Sequence[Series],
    columns: Sequence[Columns],
    dots: Sequence[Columns],
) -> None:
    """Put each letter to the right of its curve's end, or as near to it as there is room."""
    taken: set[tuple[int, int]] = set()
    for one, cut, dot in zip(series, columns, dots, strict=True):
        if not one.letter or not len(cut.column):
            continue
        x = box.left + int(cut.column[-1]) // 2 + 1
        end = box.height - 1 - int(dot.mean[-1]) // 4
        nearest = sorted(range(box.height), key=lambda row: abs(row - end))
        row = next((row for row in nearest if (x, row) not in taken), end)
        taken.add((x, row))
        cells.write(x, box.top + row, one.letter, one.colour, bold=True)
