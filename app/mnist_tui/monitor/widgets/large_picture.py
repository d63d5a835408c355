"""One picture, as large as it fits."""

from __future__ import annotations

from textual.strip import Strip

from mnist_tui.monitor.widgets.panel import Panel
from mnist_tui.render.digits import Digits, Images
from mnist_tui.render.grid import Grid
from mnist_tui.render.pixels import DigitColours
from mnist_tui.render.sheet import Sheet
from mnist_tui.terminal import RenderMode


class LargePicture(Panel):
    """A picture (height, width), enlarged where there is room, under a title."""

    def __init__(self, mode: RenderMode, *, id: str | None = None) -> None:
        super().__init__(mode, id=id)
        self._picture: Images | None = None
        self._titles: tuple[str, ...] = ("",)

    def show(self, picture: Images | None, *titles: str) -> None:
        """Show it; None waits for one. ``titles`` say the same ever shorter."""
        self._picture, self._titles = picture, titles
        self.redraw()

    def draw(self, width: int, height: int) -> list[Strip]:
        """The picture in the middle."""
        self.set_title(self._titles)
        if self._picture is None:
            return self.message("waiting for the networks", width, height)
        rows, columns = self._picture.shape
        scale = min(width / columns, 2 * height / rows)
        side, tall = max(int(columns * scale), 1), max(int(rows * scale), 1)
        grid = Grid(1, 1, side, tall, tall + 1, captioned=False)
        sheet = Sheet(width, height, grid)
        digits = Digits(self._picture[None], 1)
        return sheet.strips(digits, DigitColours.of(self.palette), self.mode)
