"""Two histograms over one axis, one upwards and one downwards."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from textual.strip import Strip

from mnist_tui.render.cells import Cells
from mnist_tui.render.columns import Range
from mnist_tui.render.parts import PlotColours, cell_of
from mnist_tui.terminal import RenderMode

RISING = " ▁▂▃▄▅▆▇█"
"""How a cell fills from below."""


@dataclass(frozen=True)
class Mirrored:
    """Counts in bins of equal width over ``limits``, and a value where a line stands.

    ``colours`` are those of the two. ``labels`` stand at the ends of the axis, and ``line_label``
    where the line crosses it.
    """

    up: Sequence[int]
    down: Sequence[int]
    limits: Range
    colours: tuple[str, str]
    labels: tuple[str, str]
    line: float | None = None
    line_label: str = ""


def mirrored_histogram(
    one: Mirrored, width: int, height: int, colours: PlotColours, mode: RenderMode
) -> list[Strip]:
    """Both histograms to one scale in ``height`` strips of ``width`` cells.

    Heights are shares of each one's own total, so that unlike totals can be compared. Bins are as
    wide as each other but for a cell; what holds anything is seen.
    """
    cells = Cells(width, height)
    if height < 3 or width < len(one.up) or not one.up:
        return cells.strips()
    axis = (height - 1) // 2
    shares = [_shares(counts) for counts in (one.up, one.down)]
    largest = max(float(part.max()) for part in shares) or 1.0
    bins = np.arange(width) * len(one.up) // width
    for part, colour, upwards in zip(shares, one.colours, (True, False), strict=True):
        levels = part[bins] / largest * axis
        for x, level in enumerate(levels.tolist()):
            _draw_column(cells, x, axis, level, colour, upwards, colours.background, mode)
    _draw_axis(cells, axis, one, colours, mode)
    return cells.strips()


def _shares(counts: Sequence[int]) -> NDArray[np.float64]:
    values = np.asarray(counts, np.float64)
    return values / max(float(values.sum()), 1.0)


def _draw_column(
    cells: Cells,
    x: int,
    axis: int,
    level: float,
    colour: str,
    upwards: bool,
    background: str,
    mode: RenderMode,
) -> None:
    """Fill ``level`` cells from the axis on.

    There are no characters that fill a cell by eighths from above. With colours those from below
    stand for them, ink and paper exchanged; else there are halves.
    """
    direction = -1 if upwards else 1
    if not mode.unicode:
        full = round(level) or int(level > 0)
        for row in range(1, full + 1):
            cells.write(x, axis + direction * row, "#" if upwards else "o", colour)
        return
    steps = 8 if mode.colour else 2
    full, rest = divmod(max(round(level * steps), int(level > 0)), steps)
    for row in range(1, full + 1):
        cells.write(x, axis + direction * row, "█", colour)
    if not rest:
        return
    y = axis + direction * (full + 1)
    if upwards or not mode.colour:
        part = RISING[rest * 8 // steps] if upwards else "▀"
        cells.write(x, y, part, colour)
    else:
        cells.write(x, y, RISING[8 - rest], background)
        cells.tint(x, y, colour)


def _draw_axis(
    cells: Cells, axis: int, one: Mirrored, colours: PlotColours, mode: RenderMode
) -> None:
    level, upright = "─┊" if mode.unicode else "-:"
    width = cells.width
    cells.write(0, axis, level * width, colours.axis)
    first, last = one.labels
    cells.write(0, axis, f"{first} ", colours.text)
    cells.write(width - len(last) - 1, axis, f" {last}", colours.text)
    low, high = one.limits
    if one.line is None or not low <= one.line <= high:
        return
    x = cell_of(one.line, one.limits, width)
    for y in range(cells.height):
        if y != axis and cells.is_blank(x, y):
            cells.write(x, y, upright, colours.text)
    label = f" {one.line_label} "
    start = x - len(label) // 2
    if start > len(first) and start + len(label) < width - len(last):
        cells.write(start, axis, label, colours.text)
