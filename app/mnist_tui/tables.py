"""Tables for a terminal, a file or a pipe."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from io import TextIOWrapper
from typing import Literal, TextIO

from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from mnist_engine.recipes.words import one_line

GAP = 2
"""Blanks between two columns."""

NARROWEST = 24
"""Cells to which a flexible column may shrink before others are left out."""


@dataclass(frozen=True)
class Column:
    """A column with its title and how its cells are set.

    ``right`` sets figures below each other. On a terminal that is too narrow, columns with an
    ``importance`` above 0 are left out, the highest number first. Long cells of the one column that
    is "cut" end in an ellipsis there, those of columns that "wrap" go on in the next line. A column
    without anything in it is not shown at all.
    """

    title: str
    right: bool = False
    importance: int = 0
    flexible: Literal["", "cut", "wrap"] = ""


def print_table(
    columns: Sequence[Column],
    rows: Sequence[Sequence[str]],
    output: TextIO,
    styles: Sequence[str] = (),
) -> None:
    """Write a table to ``output``: cut to its width and with colours where it is a terminal.

    Anywhere else every cell is whole and stands in a line. ``styles`` are Rich's, one a row.
    """
    if isinstance(output, TextIOWrapper):
        output.reconfigure(errors="replace")  # a letter in a name must not end an ASCII log
    rows = [[one_line(cell) for cell in row] for row in rows]  # names may hold escape sequences
    filled = [number for number in range(len(columns)) if any(row[number] for row in rows)]
    columns = [columns[number] for number in filled]
    rows = [[row[number] for number in filled] for row in rows]
    if output.isatty():
        _print_on_terminal(columns, rows, output, styles)
        return
    widths = widths_of(columns, rows)
    for row in ([column.title for column in columns], *rows):
        cells = zip(columns, row, widths, strict=True)
        print((" " * GAP).join(padded(*cell) for cell in cells).rstrip(), file=output)


def _print_on_terminal(
    columns: Sequence[Column],
    rows: Sequence[Sequence[str]],
    output: TextIO,
    styles: Sequence[str],
) -> None:
    console = Console(file=output)
    shown = fitting(columns, rows, console.width)
    widths = widths_of(columns, rows)
    spare = console.width - sum(widths[number] + GAP for number in shown) + GAP
    table = Table(box=None, padding=(0, GAP, 0, 0), pad_edge=False, header_style="bold")
    for number in shown:
        column = columns[number]
        table.add_column(
            column.title,
            justify="right" if column.right else "left",
            no_wrap=column.flexible != "wrap",
            overflow="fold" if column.flexible == "wrap" else "ellipsis",
            min_width=None if column.flexible else widths[number],
            max_width=widths[number] + min(spare, 0) if column.flexible == "cut" else None,
        )
    for number, row in enumerate(rows):
        style = styles[number] if styles else None
        table.add_row(*(Text(row[place]) for place in shown), style=style)
    console.print(table)


def widths_of(columns: Sequence[Column], rows: Sequence[Sequence[str]]) -> list[int]:
    """The cells that each column takes."""
    lines = [[column.title for column in columns], *rows]
    return [max(cell_len(line[number]) for line in lines) for number in range(len(columns))]


def fitting(columns: Sequence[Column], rows: Sequence[Sequence[str]], room: int) -> list[int]:
    """The numbers of the columns that are shown in ``room`` cells, from the left."""
    least_widths = [
        min(width, NARROWEST) if column.flexible else width
        for column, width in zip(columns, widths_of(columns, rows), strict=True)
    ]
    shown = list(range(len(columns)))
    while sum(least_widths[number] + GAP for number in shown) - GAP > room:
        least = max(shown, key=lambda number: (columns[number].importance, number))
        if not columns[least].importance:
            break
        shown.remove(least)
    return shown


def padded(column: Column, cell: str, width: int) -> str:
    """The text of a cell, filled up to ``width``."""
    blanks = " " * (width - cell_len(cell))
    return blanks + cell if column.right else cell + blanks
