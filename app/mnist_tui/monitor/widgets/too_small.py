"""What is shown where the terminal has no room for the monitor."""

from __future__ import annotations

from textwrap import wrap

from textual.strip import Strip

from mnist_tui.monitor.widgets.canvas import Canvas
from mnist_tui.render.text import Piece, line
from mnist_tui.terminal import RenderMode

MIN_WIDTH, MIN_HEIGHT = 72, 20
"""The smallest terminal, in cells, on which everything can be read."""


class TooSmall(Canvas):
    """Says how much room there is and how much is needed, and how the run is meanwhile."""

    def __init__(self, mode: RenderMode, *, id: str | None = None) -> None:
        super().__init__(mode, id=id)
        self._meanwhile = ""

    def show(self, meanwhile: str) -> None:
        """Say in a sentence how the run is."""
        if meanwhile != self._meanwhile:
            self._meanwhile = meanwhile
            self.redraw()

    def draw(self, width: int, height: int) -> list[Strip]:
        """A few centred lines, of fewer words where there is not even room for them."""
        palette = self.palette
        sign = "×" if self.mode.unicode else "x"
        here, needed = f"{width} {sign} {height}", f"{MIN_WIDTH} {sign} {MIN_HEIGHT}"
        texts = [
            ("This terminal is too small.", palette.text),
            (f"It is {here};", palette.quiet),
            (f"the monitor needs {needed}.", palette.accent),
            ("", palette.quiet),
        ]
        if width < max(len(text) for text, _ in texts) or height <= len(texts):
            texts = [("Too small:", palette.text), (f"{here}, not {needed}", palette.accent)]
        texts += [(text, palette.quiet) for text in wrap(self._meanwhile, max(width, 1))]
        texts = texts[: max(height, 1)]
        above = max((height - len(texts)) // 2, 0)
        rows = [line([Piece(text.center(width), colour)], width) for text, colour in texts]
        blank = line([], width)
        return ([blank] * above + rows + [blank] * height)[:height]
