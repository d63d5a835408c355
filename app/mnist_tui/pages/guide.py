"""What prints a page, and counts how many of its derivatives agreed with their checks.

Functions that a page shows have no docstrings: the page explains them.
"""

from __future__ import annotations

import inspect
import io
import textwrap
from collections.abc import Callable, Sequence

import numpy as np
from rich.console import Console
from rich.segment import Segment, Segments
from rich.table import Table
from rich.text import Text

from mnist_engine.autograd import Array

TOLERANCE = 1e-6
"""How far a derivative may lie from a finite difference: absolutely up to 1, relatively above."""

STEP = 1e-6
"""Of finite differences."""

WIDTH = 78
TEXT_INDENT = 3
CODE_INDENT = 6


class Guide:
    """Prints, and keeps count of what agreed; at the end it says ``where_to_read_on``."""

    def __init__(self, console: Console, where_to_read_on: str) -> None:
        self._console = console
        self._width = min(WIDTH, console.width)
        self._where_to_read_on = where_to_read_on
        self._chapters = 0
        self.comparisons = 0
        self.disagreements = 0
        self.worst = 0.0

    def chapter(self, title: str) -> None:
        """A numbered heading."""
        self._chapters += 1
        self._console.print()
        self._console.print(Text.assemble((f"{self._chapters}  ", "cyan"), (title, "bold")))

    def say(self, text: str) -> None:
        """A paragraph; the line breaks of the source do not count."""
        self._print(Text(textwrap.fill(" ".join(text.split()), max(self._width - TEXT_INDENT, 1))))

    def show(self, *functions: Callable[..., object]) -> None:
        """The source of ``functions``: what is read is what runs."""
        sources = [textwrap.dedent(inspect.getsource(function)) for function in functions]
        self._print(Text("\n".join(sources).rstrip(), "cyan"), CODE_INDENT)

    def table(self, *columns: str, rows: Sequence[Sequence[str | Text]], left: int = 1) -> None:
        """``rows`` under ``columns``: the first ``left`` hold words, the others numbers."""
        table = Table(box=None, header_style="dim", padding=(0, 2, 0, 0), pad_edge=False)
        for number, column in enumerate(columns):
            table.add_column(column, justify="left" if number < left else "right", no_wrap=True)
        for row in rows:
            table.add_row(*(Text(cell) if isinstance(cell, str) else cell for cell in row))
        self._print(table, CODE_INDENT)

    def compare(self, found: float | Array, expected: float | Array) -> Text:
        """Note whether two derivatives agree; the gap between them, for a table."""
        gap = float(np.max(np.abs(np.subtract(found, expected))))
        allowed = TOLERANCE * max(1.0, float(np.max(np.abs(expected))))
        return self.note(gap <= allowed, f"{gap:.0e}" if gap else "0", gap)

    def note(self, agreed: bool, text: str, gap: float = 0.0) -> Text:
        """Count one check and mark ``text`` with how it went."""
        self.comparisons += 1
        self.disagreements += not agreed
        self.worst = max(self.worst, gap)
        return Text(f"{text} ✓", "green") if agreed else Text(f"{text} ✗", "bold red")

    def put(self, text: Text) -> None:
        """One line as it is."""
        self._print(text, CODE_INDENT)

    def farewell(self) -> None:
        """How it all went, and where to read on."""
        count, wrong = self.comparisons, self.disagreements
        self._console.print()
        if wrong:
            line = f"{wrong} of {count} checks disagree: they are marked ✗ above."
            self._print(Text(line, "bold red"))
        else:
            line = f"All {count} checks agree; the largest gap is {self.worst:.0e}."
            self._print(Text(line, "bold green"))
        self.say(self._where_to_read_on)

    def _print(self, content: Text | Table, indent: int = TEXT_INDENT) -> None:
        """``content`` indented, with no spaces at the ends of lines, and an empty line."""
        options = self._console.options.update_width(max(self._width - indent, 1))
        for line in self._console.render_lines(content, options, pad=False):
            margin = [Segment(" " * indent)] if any(segment.text for segment in line) else []
            self._console.print(Segments([*margin, *line, Segment.line()]), end="")
        self._console.print()


def tell(
    console: Console, chapters: Sequence[Callable[[Guide], None]], where_to_read_on: str
) -> bool:
    """Print the chapters of a page; True when every derivative agreed with its check."""
    if isinstance(console.file, io.TextIOWrapper):
        console.file.reconfigure(errors="replace")  # formulas, in a pipe that knows no ∂
    guide = Guide(console, where_to_read_on)
    for chapter in chapters:
        chapter(guide)
    guide.farewell()
    return guide.disagreements == 0
