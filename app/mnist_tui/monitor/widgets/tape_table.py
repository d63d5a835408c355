"""The operations of a tape, one a line, one of them chosen."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from textual import events
from textual.message import Message
from textual.strip import Strip

from mnist_engine.inspection.recorded import Row
from mnist_tui.monitor.widgets.panel import Panel
from mnist_tui.render.text import Piece, line, shorten
from mnist_tui.terminal import RenderMode

HEAD = 1
"""Lines of names above the operations."""

WIDE = 104
"""Cells from which on the shapes of inputs have room, and whole names."""


@dataclass(frozen=True)
class Column:
    """A column: its name, its width in cells, and what stands there; numbers stand to the right."""

    name: str
    width: int
    text: Callable[[Row], str]
    is_number: bool = True


class TapeTable(Panel):
    """As many operations as there is room for, around the chosen one."""

    class Chosen(Message):
        """Another operation was chosen, with the mouse."""

    def __init__(self, mode: RenderMode, *, id: str | None = None) -> None:
        super().__init__(mode, id=id)
        self.rows: Sequence[Row] = ()
        self.chosen = 0
        self._first = 0  # of those that are seen
        self._caption = ""
        self._waits = ""

    @property
    def row(self) -> Row | None:
        """The chosen operation."""
        return self.rows[self.chosen] if self.rows else None

    def show(self, rows: Sequence[Row], name: str, waits: str = "") -> None:
        """Show ``rows``, of the tape of that name; ``waits`` says why there are none."""
        self.rows, self._caption, self._waits = rows, name, waits
        self.chosen = min(self.chosen, max(len(rows) - 1, 0))
        self.redraw()

    def choose(self, number: int) -> None:
        """Choose the operation of that number, or the nearest that there is."""
        self.chosen = min(max(number, 0), max(len(self.rows) - 1, 0))
        self.redraw()

    def on_click(self, event: events.Click) -> None:
        """Choose the operation under the mouse."""
        number = self._first + event.y - self.gutter.top - HEAD
        if event.y >= self.gutter.top + HEAD and number < len(self.rows):
            self.choose(number)
            self.post_message(self.Chosen())

    def on_mouse_scroll_down(self) -> None:
        """The next operation."""
        self.choose(self.chosen + 1)
        self.post_message(self.Chosen())

    def on_mouse_scroll_up(self) -> None:
        """The one before."""
        self.choose(self.chosen - 1)
        self.post_message(self.Chosen())

    def draw(self, width: int, height: int) -> list[Strip]:
        """Names of columns, then operations."""
        self.set_title((self._caption,))
        if not self.rows:
            return self.message(self._waits, width, height)
        room = height - HEAD
        self._first = min(self._first, self.chosen, max(len(self.rows) - room, 0))
        self._first = max(self._first, self.chosen - room + 1)
        columns = _columns(width, self.mode)
        palette = self.palette
        strips = [self._line([one.name for one in columns], columns, width, palette.quiet, False)]
        for row in self.rows[self._first : self._first + room]:
            texts = [one.text(row) for one in columns]
            is_chosen = row.number == self.chosen
            colour = palette.text if row.gradient_norm is not None else palette.quiet
            strips.append(self._line(texts, columns, width, colour, is_chosen))
        return strips + [line([], width)] * (height - len(strips))

    def _line(
        self, texts: list[str], columns: list[Column], width: int, colour: str, chosen: bool
    ) -> Strip:
        marker = ("▸" if self.mode.unicode else ">") if chosen else " "
        pieces = [Piece(marker, self.palette.accent, chosen)]
        for text, column in zip(texts, columns, strict=True):
            text = shorten(text, column.width, self.mode.ellipsis)
            text = text.rjust(column.width) if column.is_number else text.ljust(column.width)
            pieces.append(Piece(text, colour, chosen, gap=1))
        return line(pieces, width, self.mode.ellipsis)


def _columns(width: int, mode: RenderMode) -> list[Column]:
    times = "×" if mode.unicode else "x"
    micro = "µs" if mode.unicode else "us"

    def shape(sizes: tuple[int, ...]) -> str:
        return times.join(map(str, sizes)) or "1"

    def units(row: Row) -> str:
        if row.quiet is None:
            return ""
        return f"{row.quiet:.0%} {'dead' if row.name == 'ReLU' else 'sat.'}"

    wide = width >= WIDE
    inputs = Column(
        "inputs", min(max(width - 88, 18), 40), lambda row: "  ".join(map(shape, row.inputs)), False
    )
    return [
        Column("", 3, lambda row: str(row.number + 1)),
        Column("operation", 28 if wide else 19, lambda row: row.name, False),
        *([inputs] if wide else []),
        Column("output", 14 if wide else 13, lambda row: shape(row.output), False),
        Column("|output|", 9, lambda row: f"{row.output_norm:.4g}"),
        Column("|gradient|", 10, lambda row: _norm(row.gradient_norm)),
        Column("units", 9, units),
        Column(micro, 6 if wide else 5, lambda row: _time(row.microseconds)),
    ]


def _time(microseconds: float) -> str:
    if microseconds < 10:
        return f"{microseconds:.1f}"
    return f"{microseconds:.0f}" if microseconds < 1e5 else f"{microseconds / 1e3:.0f}k"


def _norm(value: float | None) -> str:
    return "-" if value is None else f"{value:.4g}"
