"""Digits in the middle of a panel, as many as look good there."""

from __future__ import annotations

from dataclasses import dataclass

from rich.segment import Segment
from textual.strip import Strip

from mnist_tui.render.colours import style
from mnist_tui.render.digits import Digits, digit_rows
from mnist_tui.render.grid import Grid, fit_grid
from mnist_tui.render.pixels import DigitColours
from mnist_tui.terminal import RenderMode


@dataclass(frozen=True)
class Sheet:
    """Where pictures lie in ``width`` x ``height`` cells: in a ``grid``, centred; None has no room.

    Where there are more pictures than have room, those from ``first`` on are seen, among them the
    chosen one.
    """

    width: int
    height: int
    grid: Grid | None
    first: int = 0

    @property
    def bottom(self) -> int:
        """The first row below the pictures."""
        return self._top(self.grid) + self.grid.cells_high if self.grid else self.height

    def number_at(self, x: int, y: int) -> int | None:
        """The picture at a cell, if there can be one."""
        if self.grid is None:
            return None
        number = self.grid.number_at(x - self._left(self.grid), y - self._top(self.grid))
        return None if number is None else self.first + number

    def moved(self, number: int, columns: int, rows: int) -> int:
        """The number of the picture so far on, as one reads, and so far below; it may be none's."""
        return number + columns + rows * (self.grid.columns if self.grid else 1)

    def strips(self, digits: Digits, colours: DigitColours, mode: RenderMode) -> list[Strip]:
        """``height`` strips of ``width`` cells."""
        blank = Strip([Segment(" " * self.width, style())], self.width)
        grid = self.grid
        if grid is None:
            return [blank] * self.height
        left, top = self._left(grid), self._top(grid)
        rows = digit_rows(digits.part(self.first, self.first + grid.count), grid, colours, mode)
        right = self.width - left - grid.cells_wide
        before, after = ([Segment(" " * room, style())] * (room > 0) for room in (left, right))
        padded = [Strip([*before, *row, *after], self.width) for row in rows]
        return [blank] * top + padded + [blank] * (self.height - top - len(padded))

    def _left(self, grid: Grid) -> int:
        return (self.width - grid.cells_wide) // 2

    def _top(self, grid: Grid) -> int:
        return (self.height - grid.cells_high) // 2


def sheet_of(digits: Digits, width: int, height: int, mode: RenderMode) -> Sheet:
    """The best sheet for ``digits`` in so much room."""
    count, *image_shape = digits.images.shape
    grid = fit_grid(
        count,
        (image_shape[0], image_shape[1]),
        digits.columns,
        width,
        height,
        captioned=bool(digits.captions),
        frame=(digits.framed, int(digits.framed and mode.half_blocks)),
    )
    if grid is None or digits.chosen is None or digits.chosen < grid.count:
        return Sheet(width, height, grid)
    row = digits.chosen // grid.columns
    return Sheet(width, height, grid, (row - grid.rows + 1) * grid.columns)


def digit_strips(
    digits: Digits, width: int, height: int, colours: DigitColours, mode: RenderMode
) -> list[Strip]:
    """As many pictures as look good, centred in ``height`` strips of ``width`` cells."""
    return sheet_of(digits, width, height, mode).strips(digits, colours, mode)
