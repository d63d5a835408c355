"""Curves as braille lines, and the ribbons between their lowest and highest values."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mnist_tui.render.ansi import parse_line
from mnist_tui.render.cells import Cells
from mnist_tui.render.colours import mix, rgb
from mnist_tui.render.columns import Columns, Range
from mnist_tui.render.parts import Box, PlotColours, Series
from mnist_tui.terminal import RenderMode

DOTS_ACROSS, DOTS_UP = 2, 4
"""Dots of a cell of braille."""


def to_dots(columns: Columns, y_range: Range, box: Box) -> Columns:
    """Values as heights in braille dots, four a cell; what is out of range lies on the border."""
    low, high = y_range
    dots = DOTS_UP * box.height

    def place(values: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.clip((values - low) / (high - low) * dots, 0, dots - 1).astype(int) + 0.5

    return Columns(columns.column, *(place(part) for part in columns[1:]))


def draw_ribbons(
    cells: Cells,
    box: Box,
    series: Sequence[Series],
    dots: Sequence[Columns],
    colours: PlotColours,
) -> None:
    """Shade what lies between the lowest and the highest values of curves that ask for it."""
    covered: dict[tuple[int, int], str] = {}
    for one, dot in zip(series, dots, strict=True):
        if not one.ribbon:
            continue
        # a cell belongs to the ribbon if the middle of its four dots does
        row = np.arange(box.height)[:, None]
        inside = (np.ceil((dot.low - 2) / DOTS_UP) <= row) & (row <= (dot.high - 2) // DOTS_UP)
        tinted = np.zeros((box.height, box.width), dtype=np.bool_)
        for part in range(DOTS_ACROSS):
            here = dot.column % DOTS_ACROSS == part
            tinted[:, dot.column[here] // DOTS_ACROSS] |= inside[:, here]
        for y, x in np.argwhere(tinted).tolist():
            place = box.left + x, box.top + box.height - 1 - y
            covered[place] = mix(covered.get(place, colours.background), one.colour, 0.16)
    for (x, y), background in covered.items():
        cells.tint(x, y, background)


def draw_curves(
    cells: Cells,
    box: Box,
    series: Sequence[Series],
    dots: Sequence[Columns],
    mode: RenderMode,
    behind: Sequence[tuple[Series, Columns]] = (),
) -> None:
    """Draw curves that are cut to columns, their values as heights in ``dots``.

    In braille, or each with a character of its own where colours cannot tell them apart. What is
    ``behind`` them is drawn first, and only where there are colours.
    """
    figure, marker = _canvas(box)
    above = list(zip(series, dots, strict=True))
    for number, (one, dot) in [*enumerate(behind), *enumerate(above)]:
        _draw(figure, marker(_marker(one, number, mode), rgb(one.colour)), dot)
    for y, line in enumerate(figure.build().string().split("\n")[: box.height]):
        x = box.left
        for text, style, _ in parse_line(line):
            if text.strip() and style is not None and style.color is not None:
                colour = style.color.get_truecolor().hex
                for offset, character in enumerate(text):
                    if character != " ":
                        cells.write(x + offset, box.top + y, character, colour)
            x += len(text)


def _draw(figure: Any, marker: Any, dot: Columns) -> None:
    if len(dot.column):
        column, row = dot.column + 0.5, dot.mean
        needed = np.ones(len(row), dtype=np.bool_)
        needed[1:-1] = (row[1:-1] != row[:-2]) | (row[1:-1] != row[2:])  # a level line has two ends
        signal = figure.signal(column[needed].tolist(), row[needed].tolist(), marker=marker)
        figure.draw(signal.lines())


def _marker(one: Series, number: int, mode: RenderMode) -> str:
    """The character that a curve is drawn with."""
    if one.letter and not (mode.unicode and mode.colour):
        return one.letter
    return curve_glyph(number, mode, "braille")


def curve_glyph(number: int, mode: RenderMode, line: str = "━") -> str:
    """What the ``number``-th curve is drawn with: ``line`` where colours tell curves apart."""
    if mode.unicode:
        return line if mode.colour or number == 0 else "•×"[(number - 1) % 2]
    return "*o+"[number % 3]


def _canvas(box: Box) -> tuple[Any, Callable[[str, tuple[int, int, int]], Any]]:
    """plotext's figure, emptied, one unit a braille dot; and its markers."""
    plotext = _plotext()
    figure = plotext.figure
    figure.clear.data()
    figure.plot_size(box.width, box.height)
    figure.ruler("x").lim(0, DOTS_ACROSS * box.width)
    figure.ruler("y").lim(0, DOTS_UP * box.height)

    def marker(glyph: str, rgb: tuple[int, int, int]) -> Any:
        return plotext.marker(glyph, pixel=plotext.pixel(rgb))

    return figure, marker


@cache
def _plotext() -> Any:
    """The library, its one figure without any decoration."""
    # Here, because loading it takes longer than a first frame may.
    import plotext  # type: ignore[import-untyped]

    plotext.terminal.limit(False, False)  # or the real terminal's size clips the plot
    figure = plotext.figure
    figure.canvas("default")
    figure.axes(False)
    for axis in "xy":
        figure.ruler(axis).frequency(0)
        figure.ruler(axis).alignment(lim="edge")
    return plotext
