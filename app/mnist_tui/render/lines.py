"""Curves as braille lines, and the ribbons between their lowest and highest values."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from mnist_tui.render.braille import DOTS_ACROSS, DOTS_UP, FIRST, braille, line_dots
from mnist_tui.render.cells import Cells
from mnist_tui.render.colours import mix
from mnist_tui.render.columns import Columns, Range
from mnist_tui.render.parts import Box, PlotColours, Series
from mnist_tui.terminal import RenderMode


def to_dots(columns: Columns, y_range: Range, box: Box) -> Columns:
    """Values as heights in braille dots, four a cell; what is out of range lies on the border."""
    low, high = y_range
    dots = 4 * box.height

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
) -> None:
    """Draw curves that are cut to columns, their values as heights in ``dots``.

    In braille, or each with a character of its own where colours cannot tell them apart.
    """
    drawn = np.full((box.height, box.width), FIRST)
    for number, (one, dot) in enumerate(zip(series, dots, strict=True)):
        glyph = _marker(one, number, mode)
        if glyph:
            columns, rows = _by_cell(dot)
            seen = line_dots(columns, rows, (box.width, box.height))
        else:
            size = (DOTS_ACROSS * box.width, DOTS_UP * box.height)
            characters = braille(line_dots(dot.column, dot.mean, size))
            seen = characters > FIRST
            drawn |= characters
        for y, x in np.argwhere(seen).tolist():
            cells.write(box.left + x, box.top + y, glyph or chr(drawn[y, x]), one.colour)


def _by_cell(dot: Columns) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """The columns of cells that a curve goes through, and its mean height there in cells."""
    column, starts, counts = np.unique(
        dot.column // DOTS_ACROSS, return_index=True, return_counts=True
    )
    if not len(column):
        return column, dot.mean
    return column, np.add.reduceat(dot.mean, starts) / counts / DOTS_UP


def _marker(one: Series, number: int, mode: RenderMode) -> str:
    """The character that a curve is drawn with; none for braille."""
    if one.letter and not (mode.unicode and mode.colour):
        return one.letter
    return curve_glyph(number, mode, "")


def curve_glyph(number: int, mode: RenderMode, line: str = "━") -> str:
    """What the ``number``-th curve is drawn with: ``line`` where colours tell curves apart."""
    if mode.unicode:
        return line if mode.colour or number == 0 else "•×"[(number - 1) % 2]
    return "*o+"[number % 3]
