"""How many pictures fit into a panel, how large, in which columns."""

from __future__ import annotations

from dataclasses import dataclass, replace

SMALLEST_SIDE = 10
"""Below so many pixels a digit is no longer told at a glance."""

ENOUGH = 20
"""More pictures than this are not worth making them smaller."""


@dataclass(frozen=True)
class Grid:
    """A grid of pictures in pixels; a cell is one pixel wide and two high.

    ``width`` and ``height`` are a picture's size, ``pitch`` the distance of one row to the next,
    ``captioned`` whether each has a line of text below, ``framed`` whether there is room for a
    frame around each, one pixel at the sides and ``frame_high`` above and below.
    """

    columns: int
    rows: int
    width: int
    height: int
    pitch: int
    captioned: bool
    framed: bool = False
    frame_high: int = 0

    @property
    def count(self) -> int:
        """How many pictures there is room for."""
        return self.columns * self.rows

    @property
    def cells_wide(self) -> int:
        """Width of the whole grid in cells."""
        return self.columns * self._across - 1

    @property
    def cells_high(self) -> int:
        """Height of the whole grid in cells, captions included."""
        last = self.pitch if self.captioned else self.height + 2 * self.frame_high
        return ((self.rows - 1) * self.pitch + last + 1) // 2

    @property
    def _across(self) -> int:
        """From one picture to the next in its row."""
        return self.width + 1 + 2 * self.framed

    def corner(self, number: int) -> tuple[int, int]:
        """Left and top pixel of a picture."""
        row, column = divmod(number, self.columns)
        return column * self._across + self.framed, row * self.pitch + self.frame_high

    def number_at(self, x: int, y: int) -> int | None:
        """The picture to which a cell belongs; None where there is no room for one."""
        row, column = 2 * y // self.pitch, x // self._across
        if not (0 <= row < self.rows and 0 <= column < self.columns):
            return None
        return row * self.columns + column


def fit_grid(
    count: int,
    image_shape: tuple[int, int],
    columns: int,
    width: int,
    height: int,
    captioned: bool = False,
    frame: tuple[bool, int] = (False, 0),
) -> Grid | None:
    """The best grid for pictures in ``width`` x ``height`` cells; None where not one fits.

    ``frame`` says whether there must be room for frames, and how high it is above and below.

    Larger pictures are better, and so are more of them up to ``ENOUGH``; a number of columns that
    divides ``columns``, the grid as it was meant, keeps what belongs together in line.
    """
    best, best_worth = None, 0.0
    image_height, image_width = image_shape
    for side in range(image_width, min(SMALLEST_SIDE, image_width) - 1, -1):
        tall = max(1, round(side * image_height / image_width))
        grid = _grid_of(side, tall, width, height, captioned, frame, count)
        if grid is None:
            continue
        for across in range(grid.columns, 0, -1):
            rows = min(grid.rows, -(-count // across))
            shown = min(count, across * rows)
            in_line = columns % across == 0 or across % max(columns, 1) == 0
            worth = side * min(shown, ENOUGH) ** 0.85 * (1.2 if in_line else 1.0)
            if worth > best_worth:
                best_worth = worth
                best = replace(grid, columns=across, rows=rows)
    return best


def full_grid(
    count: int, image_shape: tuple[int, int], columns: int, width: int, captioned: bool = False
) -> Grid:
    """A grid of all pictures in ``width`` cells, however high: for text that is printed.

    It has ``columns`` columns, or the most of their divisors that leaves each picture its
    SMALLEST_SIDE. More pictures than ENOUGH are shown at half their size at most.
    """
    height, side = image_shape
    largest = side if count <= ENOUGH else max(side // 2, SMALLEST_SIDE)
    across = next(
        (n for n in range(columns, 1, -1) if columns % n == 0 and _room(n, width) >= SMALLEST_SIDE),
        1,
    )
    side = max(1, min(_room(across, width), largest, side))
    tall = max(1, round(side * height / image_shape[1]))
    if captioned:
        tall += tall % 2  # text starts on a whole cell
    pitch = tall + 2 if captioned else tall + 1
    return Grid(across, -(-count // across), side, tall, pitch, captioned)


def _room(columns: int, width: int) -> int:
    """The width that each of ``columns`` pictures may have, with a cell between them."""
    return (width + 1) // columns - 1


def _grid_of(
    side: int,
    tall: int,
    width: int,
    height: int,
    captioned: bool,
    frame: tuple[bool, int],
    count: int,
) -> Grid | None:
    framed, frame_high = frame
    if captioned:
        tall += tall % 2  # text starts on a whole cell
    outer = tall + 2 * frame_high
    pitch = outer + 2 if captioned else outer + 1
    columns = min((width + 1) // (side + 1 + 2 * framed), count)
    rows = 2 * height // pitch if captioned else (2 * height + 1) // pitch
    if not (columns and rows):
        return None
    return Grid(columns, rows, side, tall, pitch, captioned, framed, frame_high)
