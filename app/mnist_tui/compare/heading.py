"""The first line of the screen: what this is."""

from __future__ import annotations

from textual.strip import Strip

from mnist_tui.monitor.widgets.canvas import Canvas
from mnist_tui.render.text import Piece, line
from mnist_tui.terminal import RenderMode


class Heading(Canvas):
    """The program, and how many runs it compares."""

    def __init__(self, mode: RenderMode, runs: int, *, id: str | None = None) -> None:
        super().__init__(mode, id=id)
        self._runs = runs

    def draw(self, width: int, height: int) -> list[Strip]:
        """One line."""
        palette = self.palette
        pieces = [
            Piece("mnist-tui", palette.quiet),
            Piece("comparing", palette.quiet),
            Piece(f"{self._runs} runs", palette.text, bold=True, gap=1),
        ]
        return [line(pieces, width, self.mode.ellipsis)] * height
