"""A line of words."""

from __future__ import annotations

from collections.abc import Sequence

from textual.strip import Strip

from mnist_tui.monitor.widgets.canvas import Canvas
from mnist_tui.render.text import Piece, line
from mnist_tui.terminal import RenderMode


class Words(Canvas):
    """Pieces of text in one line; of a title, say."""

    def __init__(self, mode: RenderMode, *, id: str | None = None) -> None:
        super().__init__(mode, id=id)
        self._title = ""
        self._others: tuple[str, ...] = ()

    def show(self, title: str, others: Sequence[str] = ()) -> None:
        """Show ``title``, then quieter words; the last of them give way first."""
        if (title, tuple(others)) != (self._title, self._others):
            self._title, self._others = title, tuple(others)
            self.redraw()

    def draw(self, width: int, height: int) -> list[Strip]:
        """One line."""
        palette = self.palette
        pieces = [Piece(self._title, palette.text, bold=True)]
        pieces += [
            Piece(text, palette.quiet, importance=number, gap=3)
            for number, text in enumerate(self._others)
        ]
        return [line(pieces, width, self.mode.ellipsis)] * height
