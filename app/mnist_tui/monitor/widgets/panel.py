"""A canvas with a frame, a title with a legend, and a word in the middle while it is empty."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.cells import cell_len
from textual.content import Content
from textual.strip import Strip

from mnist_tui.monitor.widgets.canvas import Canvas
from mnist_tui.render.text import Piece, line


@dataclass(frozen=True)
class LegendEntry:
    """A curve in a legend: its glyph in its colour, its name, its newest value."""

    glyph: str
    colour: str
    name: str
    value: str


class Panel(Canvas):
    """A framed canvas."""

    _title = Content()

    def set_title(self, titles: Sequence[str], legend: Sequence[LegendEntry] = ()) -> None:
        """Write the title, then the legend, into the upper border.

        ``titles`` say the same ever shorter; the first that fits is taken, and values give way before
        the last of them does.
        """
        for values in (True, False):
            for title in titles:
                content = _title(title, legend, values, self.palette.quiet)
                if cell_len(content.plain) <= self.outer_size.width - 6:
                    self._write_title(content)
                    return
        self._write_title(Content(titles[-1]))

    def _write_title(self, content: Content) -> None:
        if content != self._title or content.spans != self._title.spans:  # writing it repaints all
            self._title = content
            self.border_title = content

    def message(self, text: str, width: int, height: int) -> list[Strip]:
        """A quiet word in the middle of an empty panel."""
        palette = self.palette
        blank = line([], width)
        row = line([Piece(text.center(width), palette.quiet)], width, self.mode.ellipsis)
        above = (height - 1) // 2
        return ([blank] * above + [row] + [blank] * (height - above - 1))[:height]


def _title(title: str, legend: Sequence[LegendEntry], values: bool, quiet: str) -> Content:
    parts: list[Content | str | tuple[str, str]] = [title]
    for entry in legend:
        if parts[0] or len(parts) > 1:
            parts.append("  ")
        parts += [(entry.glyph, entry.colour), f" {entry.name}"]
        if values and entry.value:
            parts.append((f" {entry.value}", quiet))
    return Content.assemble(*parts)
