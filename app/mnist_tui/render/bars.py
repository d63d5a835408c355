"""Bars of block characters: with a label, a value, and a tick that they are to be compared with."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from textual.strip import Strip

from mnist_tui.render.cells import Cells
from mnist_tui.terminal import RenderMode

EIGHTHS = " ▏▎▍▌▋▊▉█"
"""How a cell fills from the left."""

BETWEEN = 3
"""Cells between two columns of bars."""


@dataclass(frozen=True)
class Bar:
    """A bar of ``share`` (0 to 1) of the room, and a ``tick`` at such a share, if there is one.

    Numbers outside of 0 to 1 lie on the border; one that is not finite has no bar.
    """

    label: str
    share: float
    value: str = ""
    tick: float | None = None


@dataclass(frozen=True)
class BarColours:
    """Of bars, of ticks, of labels and of values; ``ground`` is what all lies on."""

    ground: str
    bar: str
    tick: str
    label: str
    value: str


def bar_text(share: float, width: int, mode: RenderMode) -> str:
    """``share`` (0 to 1) of ``width`` cells, filled up with blanks; what is above 0 is seen."""
    share = min(max(share, 0.0), 1.0) if math.isfinite(share) else 0.0
    if not mode.unicode:
        full = round(share * width)
        return ("#" * full or "." * (share > 0)).ljust(width)[:width]
    eighths = max(round(share * width * 8), int(share > 0))
    full, rest = divmod(eighths, 8)
    return ("█" * full + EIGHTHS[rest] * (rest > 0)).ljust(width)[:width]


def bar_strips(
    bars: Sequence[Bar], width: int, height: int, colours: BarColours, mode: RenderMode
) -> list[Strip]:
    """Bars below each other, in as many columns as it takes to get them into ``height`` rows.

    They stand in the middle of ``height`` strips of ``width`` cells, with blank rows between them
    where there is room.
    """
    cells = Cells(width, height)
    if not bars or height < 1:
        return cells.strips()
    columns = math.ceil(len(bars) / height)
    rows = math.ceil(len(bars) / columns)
    column_width = (width - BETWEEN * (columns - 1)) // columns
    labels = max(len(one.label) for one in bars)
    values = max(len(one.value) for one in bars)
    room = column_width - labels - 1 - (values + 1 if values else 0)
    pitch = 2 if height >= 2 * rows - 1 else 1
    top = (height - (rows - 1) * pitch - 1) // 2
    for number, one in enumerate(bars):
        column, row = divmod(number, rows)
        x, y = column * (column_width + BETWEEN), top + row * pitch
        cells.write(x, y, one.label.rjust(labels), colours.label)
        draw_bar(cells, x + labels + 1, y, max(room, 0), one, colours, mode)
        cells.write(x + column_width - values, y, one.value.rjust(values), colours.value)
    return cells.strips()


def draw_bar(
    cells: Cells, x: int, y: int, width: int, bar: Bar, colours: BarColours, mode: RenderMode
) -> None:
    """The bar alone, with its tick, ``width`` cells from ``x`` on."""
    text = bar_text(bar.share, width, mode)
    cells.write(x, y, text, colours.bar)
    if bar.tick is None or not math.isfinite(bar.tick) or width < 1:
        return
    cell = min(int(min(max(bar.tick, 0.0), 1.0) * width), width - 1)
    covered = text[cell] == "█"
    cells.write(x + cell, y, tick_glyph(mode), colours.ground if covered else colours.tick, True)
    if covered:
        cells.tint(x + cell, y, colours.bar)


def tick_glyph(mode: RenderMode) -> str:
    """What a tick is drawn with."""
    return "│" if mode.unicode else "|"
