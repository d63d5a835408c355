"""Latent coordinates, a slider each."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from textual import events
from textual.strip import Strip

from mnist_tui.monitor.widgets.panel import Panel
from mnist_tui.render.text import Piece, line
from mnist_tui.terminal import RenderMode

REACH = 3.0
"""A slider goes from its negative to this: of normal numbers 3 in 1,000 lie beyond."""

VALUE = 6
"""Cells of "-1.25" and a blank."""


class Coordinates(Panel):
    """``numbers`` of the coordinates that are seen, those first that matter most."""

    can_focus = True

    def __init__(self, mode: RenderMode, *, id: str | None = None) -> None:
        super().__init__(mode, id=id)
        self._numbers: Sequence[int] = ()
        self._values: NDArray[np.float32] = np.zeros(0, np.float32)
        self._turned: NDArray[np.float32] | None = None
        self._titles: tuple[str, ...] = ("",)
        self._row = 0
        self._top = 0

    @property
    def chosen(self) -> int | None:
        """The coordinate that keys turn."""
        return self._numbers[self._row] if self._numbers else None

    def show(
        self,
        numbers: Sequence[int],
        values: NDArray[np.float32],
        turned: NDArray[np.float32] | None,
        *titles: str,
    ) -> None:
        """Show the ``values`` (latent,) of some, and which of them a person ``turned``."""
        self._numbers, self._values, self._turned = numbers, values, turned
        self._titles = titles
        self._row = min(self._row, max(len(numbers) - 1, 0))
        self.redraw()

    def choose(self, rows: int) -> None:
        """Choose the coordinate so many rows below."""
        self._row = min(max(self._row + rows, 0), max(len(self._numbers) - 1, 0))
        self.redraw()

    def on_click(self, event: events.Click) -> None:
        """Choose a coordinate."""
        place = event.get_content_offset(self)
        if place is not None and self._top + place.y < len(self._numbers):
            self._row = self._top + place.y
            self.redraw()

    def draw(self, width: int, height: int) -> list[Strip]:
        """A row each."""
        self.set_title(self._titles)
        if not self._numbers:
            return self.message("waiting for the networks", width, height)
        self._top = min(max(self._row - height + 1, self._top, 0), self._row)
        seen = self._numbers[self._top : self._top + height]
        name = len(f"z{len(self._values)}")
        rows = [
            self._slider(number, self._top + row == self._row, name, width)
            for row, number in enumerate(seen)
        ]
        return rows + [line([], width)] * (height - len(rows))

    def _slider(self, number: int, chosen: bool, name: int, width: int) -> Strip:
        palette, unicode = self.palette, self.mode.unicode
        value = float(self._values[number])
        turned = self._turned is not None and self._turned[number] != 0
        room = max(width - name - VALUE - 4, 3)
        rail, zero, knob = "─┼●" if unicode else "-+o"
        track = [rail] * room
        track[room // 2] = zero
        place = round((min(max(value / REACH, -1), 1) + 1) / 2 * (room - 1))
        before, after = "".join(track[:place]), "".join(track[place + 1 :])
        hand = palette.accent if chosen or turned else palette.text
        pointer = ("▸" if unicode else ">") if chosen else " "
        return line(
            [
                Piece(pointer, palette.accent, bold=True),
                Piece(f"z{number + 1}".ljust(name), hand, bold=chosen, gap=1),
                Piece(before, palette.faint, gap=1),
                Piece(knob, hand, bold=True, gap=0 if before else 1),
                Piece(after, palette.faint, gap=0),
                Piece(f"{value:+.2f}".rjust(VALUE), hand if turned else palette.quiet, gap=0),
            ],
            width,
            self.mode.ellipsis,
        )
