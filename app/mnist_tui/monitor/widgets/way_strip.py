"""The pictures on a way, side by side."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from textual import events
from textual.strip import Strip

from mnist_tui.monitor.widgets.panel import Panel
from mnist_tui.render.digits import Digits, Images
from mnist_tui.render.pixels import DigitColours
from mnist_tui.render.sheet import Sheet, sheet_of
from mnist_tui.terminal import RenderMode

MOST = 15
"""More pictures are not told apart."""


class WayStrip(Panel):
    """As many of the pictures as fit into a row, equally far apart, among them both ends.

    A click on one calls ``go_to`` with its number.
    """

    can_focus = True

    def __init__(
        self, mode: RenderMode, go_to: Callable[[int], None], *, id: str | None = None
    ) -> None:
        super().__init__(mode, id=id)
        self._go_to = go_to
        self._pictures: Images | None = None
        self._position = 0
        self._titles: tuple[str, ...] = ("",)
        self._sheet = Sheet(0, 0, None)

    def show(self, pictures: Images | None, position: int, *titles: str) -> None:
        """Show ``pictures`` (n, height, width), the one at ``position`` or nearest to it marked."""
        moved = self._marked(position) != self._marked(self._position)
        same = pictures is self._pictures and titles == self._titles
        self._pictures, self._position, self._titles = pictures, position, titles
        if moved or not same:
            self.redraw()

    def draw(self, width: int, height: int) -> list[Strip]:
        """One row."""
        self.set_title(self._titles)
        if self._pictures is None:
            return self.message("", width, height)
        side = min(2 * height - 2, self._pictures.shape[2])
        seen = min(MOST, max((width + 1) // (side + 3), 2), len(self._pictures))
        numbers = np.linspace(0, len(self._pictures) - 1, seen).round().astype(int)
        self._numbers = numbers
        digits = Digits(self._pictures[numbers], seen, chosen=self._marked(self._position))
        self._sheet = sheet_of(digits, width, height, self.mode)
        return self._sheet.strips(digits, DigitColours.of(self.palette), self.mode)

    def on_click(self, event: events.Click) -> None:
        """Go to a picture."""
        place = event.get_content_offset(self)
        number = None if place is None else self._sheet.number_at(*place)
        if number is not None and number < len(self._numbers):
            self._go_to(int(self._numbers[number]))

    _numbers: np.ndarray[tuple[int], np.dtype[np.int64]] = np.zeros(1, np.int64)

    def _marked(self, position: int) -> int:
        return int(np.abs(self._numbers - position).argmin())
