"""A square table of counts, the diagonal apart from what is beside it."""

from __future__ import annotations

from collections.abc import Sequence

from textual.strip import Strip

from mnist_tui.render.cells import Cells
from mnist_tui.render.colours import mix
from mnist_tui.render.palette import Palette
from mnist_tui.terminal import RenderMode

Counts = Sequence[Sequence[int]]

WIDEST_CELL = 6
DEEPEST_TINT = 0.75


def fits(counts: Counts, width: int) -> bool:
    """Whether every count has room in ``width`` cells, and a blank before it."""
    return _cell_width(counts, width) > _longest(counts)


def count_matrix(
    counts: Counts, width: int, height: int, palette: Palette, mode: RenderMode, percent: bool
) -> list[Strip]:
    """``counts`` (classes, classes) with a headline of classes and their numbers to the left.

    Off the diagonal the background of a cell says how its count compares with the largest there;
    0 is a dot. With ``percent`` shares of each row are written, rounded: what is less than half a
    percent is a dot too. Strips are ``height``, of ``width`` cells.
    """
    cells = Cells(width, height)
    digits = 3 if percent else _longest(counts)
    size, cell = len(counts), _cell_width(counts, width)
    if not size or cell < 2:
        return cells.strips()
    labels = len(str(size - 1))
    left = (width - labels - 1 - size * cell) // 2
    top = max((height - size - 1) // 2, 0)
    first = left + labels + 1
    largest = max((counts[i][j] for i in range(size) for j in range(size) if i != j), default=0)
    for number in range(size):
        cells.write(
            first + number * cell, top, str(number).rjust(digits).center(cell), palette.quiet
        )
    for label, row in enumerate(counts):
        y = top + 1 + label
        if y >= height:
            break
        cells.write(left, y, str(label).rjust(labels), palette.quiet)
        total = max(sum(row), 1)
        for answer, count in enumerate(row):
            x = first + answer * cell
            shown = round(100 * count / total) if percent else count
            right = label == answer
            colour = palette.quiet if right else palette.text if shown else palette.faint
            zero = "·" if mode.unicode else "."
            text = str(shown) if shown else zero
            cells.write(x, y, text.rjust(digits).center(cell), colour)
            if not right and count and mode.shades:
                share = DEEPEST_TINT * count / largest
                for column in range(x, x + cell):
                    cells.tint(column, y, mix(palette.background, palette.bad, share))
    return cells.strips()


def _longest(counts: Counts) -> int:
    """Digits of the largest count."""
    return max((len(str(count)) for row in counts for count in row), default=1)


def _cell_width(counts: Counts, width: int) -> int:
    size = max(len(counts), 1)
    return min((width - len(str(size - 1)) - 1) // size, WIDEST_CELL)
