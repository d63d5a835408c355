"""A canvas with a frame, a title with a legend, and a word in the middle while it is empty."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.cells import cell_len
from textual.content import Content, Span
from textual.strip import Strip
from textual.style import Style

from mnist_tui.monitor.widgets.canvas import Canvas
from mnist_tui.render.text import Piece, line


@dataclass(frozen=True)
class LegendEntry:
    """A curve in a legend: its glyph in its colour, its name, its newest value.

    A click on it does ``action``, if there is one: an action of the panel.
    """

    glyph: str
    colour: str
    name: str
    value: str
    action: str = ""


class Panel(Canvas):
    """A framed canvas. ``number`` is the key that shows it, and stands before its title.

    A sign before that says that it is chosen: not everybody sees a frame's shade. Another one says
    that a card is about it, where frames have but one form.
    """

    number = ""
    _reading = False
    _written: tuple[Content, Sequence[Span], str] = (Content(), (), "")

    def set_title(
        self,
        titles: Sequence[str],
        legend: Sequence[LegendEntry] = (),
        notes: Sequence[str] = (),
        values_first: bool = False,
    ) -> None:
        """Write the title, then the legend, into the upper border.

        ``titles`` say the same ever shorter. The first that fits is taken; then values give way;
        then the title moves to the lower border, but the legend always stays. With ``values_first``
        the title goes before the values do. As many of the ``notes`` as fit, the most important
        first, stand in the lower border.
        """
        shorter = [(title, True) for title in titles]
        if legend:
            rest = [(titles[-1], False), ("", True), ("", False)]
            shorter += [rest[1], rest[0], rest[2]] if values_first else rest
        room = self.outer_size.width - 6
        tries = [(*one, True) for one in shorter]
        if self.has_focus or self._is_pointed_at:
            # The sign takes the number's place rather than that words are cut.
            tries.append((*shorter[-1], False))
        for title, values, numbered in tries:
            content = self._title(title, legend, values, numbered)
            if cell_len(content.plain) <= room:
                break
        else:
            content = self._cut(content, room)
        moved = [] if titles[-1] in content.plain else [titles[-1]]
        below = [*moved, *notes]
        while len(below) > len(moved) and cell_len(", ".join(below)) > room:
            below.pop()
        self._write_title(content, ", ".join(below))

    def _title(
        self, title: str, legend: Sequence[LegendEntry], values: bool, numbered: bool
    ) -> Content:
        palette = self.palette
        parts: list[str | tuple[str, str | Style]] = []
        if self._is_pointed_at:
            parts.append((">> ", f"bold {palette.accent}"))
        elif self.has_focus:
            parts.append(("▸ " if self.mode.unicode else "> ", f"bold {palette.accent}"))
        if self.number and numbered:
            parts.append((f"{self.number} ", f"bold {palette.accent}"))
        parts.append(title)
        for entry in legend:
            if title or entry is not legend[0]:
                parts.append("  ")
            click = Style.from_meta({"@click": entry.action}) if entry.action else Style()
            parts.append((entry.glyph, Style.parse(entry.colour) + click))
            parts.append((f" {entry.name}", click))
            if values and entry.value:
                parts.append((f" {entry.value}", Style.parse(palette.quiet) + click))
        return Content.assemble(*parts)

    @property
    def _is_pointed_at(self) -> bool:
        return self.has_class("-pointed") and not self.mode.unicode

    def _cut(self, title: Content, room: int) -> Content:
        """What there is room for; Textual's own sign for the rest is not plain."""
        ellipsis = self.mode.ellipsis
        return title[: max(room - len(ellipsis), 0)] + Content(ellipsis)

    def _write_title(self, title: Content, below: str) -> None:
        if (title, title.spans, below) != self._written:  # writing repaints the whole panel
            self._written = (title, title.spans, below)
            self.border_title = title
            self.border_subtitle = below

    def show_reading(self, reading: bool) -> None:
        """Say, while there is nothing else to show, that the log is being read."""
        if reading != self._reading:
            self._reading = reading
            self.redraw()

    def message(self, text: str, width: int, height: int) -> list[Strip]:
        """A quiet word in the middle of an empty panel."""
        palette = self.palette
        text = f"reading the log{self.mode.ellipsis}" if self._reading else text
        blank = line([], width)
        row = line([Piece(text.center(width), palette.quiet)], width, self.mode.ellipsis)
        above = (height - 1) // 2
        return ([blank] * above + [row] + [blank] * (height - above - 1))[:height]
