"""What stands around the curves of a plot: the frame, ticks, marks, the cursor, letters."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from mnist_tui.render.cells import Cells
from mnist_tui.render.columns import Columns, Range
from mnist_tui.render.parts import AND, Box, Mark, PlotColours, Series, cell_of
from mnist_tui.terminal import RenderMode


def draw_frame(cells: Cells, box: Box, colours: PlotColours, mode: RenderMode) -> None:
    """A line to the left of the canvas and one below it."""
    upright, corner, level = "│└─" if mode.unicode else "|+-"
    for y in range(box.top, box.top + box.height):
        cells.write(box.left - 1, y, upright, colours.axis)
    floor = box.top + box.height
    cells.write(box.left - 1, floor, corner + level * box.width, colours.axis)


def draw_y_ticks(
    cells: Cells,
    box: Box,
    rows: Sequence[int],
    labels: Sequence[str],
    colours: PlotColours,
    mode: RenderMode,
) -> None:
    """Ticks in these rows, counted from the floor, with labels to the left of the canvas."""
    for number, label in zip(rows, labels, strict=True):
        row = box.top + box.height - 1 - number
        cells.write(box.left - 1 - len(label), row, label, colours.text)
        cells.write(box.left - 1, row, "┤" if mode.unicode else "+", colours.axis)


def draw_x_ticks(
    cells: Cells,
    box: Box,
    columns: Sequence[int],
    labels: Sequence[str],
    colours: PlotColours,
    mode: RenderMode,
) -> None:
    """Ticks in these columns below the canvas, with labels where there is room."""
    floor = box.top + box.height
    free_from = 0
    for column, label in zip(columns, labels, strict=True):
        x = box.left + column
        start = min(max(x - len(label) // 2, 0), cells.width - len(label))
        if start < free_from:
            continue
        cells.write(x, floor, "┬" if mode.unicode else "+", colours.axis)
        cells.write(start, floor + 1, label, colours.text)
        free_from = start + len(label) + 1


def draw_cursor(
    cells: Cells, box: Box, column: int, colours: PlotColours, mode: RenderMode
) -> None:
    """A line where the cursor is, behind the curves."""
    x = box.left + column
    for y in range(box.top, box.top + box.height):
        if cells.is_blank(x, y):
            cells.write(x, y, "│" if mode.unicode else "|", colours.text)
    cells.write(x, box.top + box.height, "┴" if mode.unicode else "^", colours.text)


def draw_marks(
    cells: Cells,
    box: Box,
    x_range: Range,
    marks: Sequence[Mark],
    colours: PlotColours,
    mode: RenderMode,
) -> None:
    """A dotted line at each mark, behind the curves, with as much of its label on top as fits."""
    labels: dict[int, str] = {}
    for mark in marks:
        if x_range[0] <= mark.x <= x_range[1]:
            labels[box.left + cell_of(mark.x, x_range, box.width)] = mark.label  # the newest stays
    free_to = cells.width
    for x in sorted(labels, reverse=True):  # where labels collide, the newer one is readable
        for y in range(box.top, box.top + box.height):
            if cells.is_blank(x, y):
                cells.write(x, y, "┊" if mode.unicode else ":", colours.mark)
        for label in _ever_shorter(labels[x], mode.ellipsis):
            start = min(x, cells.width - len(label))
            if start >= 0 and start + len(label) <= free_to:
                cells.write(start, box.top - 1, label, colours.mark, bold=True)
                free_to = start - 1
                break


def _ever_shorter(label: str, ellipsis: str) -> Iterator[str]:
    """A label, then with fewer and fewer of the things that it names, each of them whole."""
    yield label
    named = label.split(AND)
    for count in reversed(range(1, len(named))):
        yield f"{AND.join(named[:count])} {ellipsis}"


def draw_letters(
    cells: Cells,
    box: Box,
    series: Sequence[Series],
    columns: Sequence[Columns],
    dots: Sequence[Columns],
) -> None:
    """Put each letter to the right of its curve's end, or as near to it as there is room.

    Letters in one column stand in the order of their curves.
    """
    ends: dict[int, list[tuple[float, int, Series]]] = {}
    for one, cut, dot in zip(series, columns, dots, strict=True):
        if one.letter and len(cut.column):
            x = box.left + int(cut.column[-1]) // 2 + 1
            ends.setdefault(x, []).append((float(cut.mean[-1]), int(dot.mean[-1]) // 4, one))
    for x, at_one_place in ends.items():
        at_one_place.sort(key=lambda end: -end[0])
        wanted = [box.height - 1 - height for _, height, _ in at_one_place]
        for row, (*_, one) in zip(_apart(wanted, box.height), at_one_place, strict=True):
            cells.write(x, box.top + row, one.letter, one.colour, bold=True)


def _apart(rows: Sequence[int], height: int) -> list[int]:
    """Rows in this order, each its own as long as there are enough of them."""
    apart: list[int] = []
    for row in rows:
        apart.append(max(row, apart[-1] + 1) if apart else row)
    last = height
    for number in reversed(range(len(apart))):
        last = min(apart[number], last - 1)
        apart[number] = max(last, 0)
    return apart
