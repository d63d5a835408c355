"""Lines as dots, and dots as the cells that hold them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Dots = NDArray[np.bool_]

DOTS_ACROSS, DOTS_UP = 2, 4
"""Dots of a cell of braille."""

_BITS = np.array([[0x01, 0x08], [0x02, 0x10], [0x04, 0x20], [0x40, 0x80]])
"""What each dot of a cell adds to the number of its character (Unicode, chapter 21.1)."""

FIRST = 0x2800
"""The number of the empty one."""


def line_dots(columns: NDArray[np.int64], rows: NDArray[np.float64], size: tuple[int, int]) -> Dots:
    """A line through points as dots, (height, width) from the top.

    ``columns`` rise, and ``rows`` are counted from the floor. Points that are not neighbours are
    joined by a straight line, and where it is steep each column fills its half of the way.
    """
    width, height = size
    if not len(columns):
        return np.zeros((height, width), dtype=np.bool_)
    every = np.arange(columns[0], columns[-1] + 1)
    row = np.interp(every, columns, rows).astype(np.int64)
    here, there = row[:-1], row[1:]
    middle = (here + there) // 2  # the lower point's column ends there, the higher one's above it
    low, high = row.copy(), row.copy()
    for part, ends in ((np.s_[:-1], middle + (there < here)), (np.s_[1:], middle + (there > here))):
        low[part] = np.minimum(low[part], ends)
        high[part] = np.maximum(high[part], ends)
    dots = np.zeros((height, width), dtype=np.bool_)
    up = np.arange(height)[:, None]
    dots[:, every[0] : every[-1] + 1] = (low <= up) & (up <= high)
    return dots[::-1]


def braille(dots: Dots) -> NDArray[np.int64]:
    """The numbers of the braille characters that hold ``dots``, (rows, columns) of cells."""
    height, width = dots.shape
    cells = dots.reshape(height // DOTS_UP, DOTS_UP, width // DOTS_ACROSS, DOTS_ACROSS)
    numbers: NDArray[np.int64] = FIRST + np.einsum("ydxe,de->yx", cells, _BITS)
    return numbers
