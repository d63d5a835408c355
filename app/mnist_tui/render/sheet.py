"""Digits in the middle of a panel, as many as look good there."""

from __future__ import annotations

from rich.segment import Segment
from textual.strip import Strip

from mnist_tui.render.colours import style
from mnist_tui.render.digits import DigitColours, Digits, digit_rows
from mnist_tui.render.grid import fit_grid
from mnist_tui.terminal import RenderMode


def digit_strips(
    digits: Digits, width: int, height: int, colours: DigitColours, mode: RenderMode
) -> list[Strip]:
    """As many pictures as look good, centred in ``height`` strips of ``width`` cells."""
    count, *image_shape = digits.images.shape
    grid = fit_grid(
        count,
        (image_shape[0], image_shape[1]),
        digits.columns,
        width,
        height,
        captioned=bool(digits.captions),
    )
    blank = Strip([Segment(" " * width, style())], width)
    if grid is None:
        return [blank] * height
    left = (width - grid.cells_wide) // 2
    top = (height - grid.cells_high) // 2
    rows = digit_rows(digits, grid, colours, mode)
    right = width - left - grid.cells_wide
    before, after = ([Segment(" " * room, style())] * (room > 0) for room in (left, right))
    padded = [Strip([*before, *row, *after], width) for row in rows]
    return [blank] * top + padded + [blank] * (height - top - len(padded))
