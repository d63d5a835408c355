"""A rectangle of coloured cells that is painted on and then handed over as strips."""

from __future__ import annotations

from itertools import groupby

from rich.segment import Segment
from textual.strip import Strip

from mnist_tui.render.colours import style


class Cells:
    """``height`` rows of ``width`` cells, each a character, its colour and its background."""

    def __init__(self, width: int, height: int) -> None:
        self.width = width
        self.height = height
        self._characters = [[" "] * width for _ in range(height)]
        self._styles = [[("", "", False)] * width for _ in range(height)]

    def write(self, x: int, y: int, text: str, colour: str = "", bold: bool = False) -> None:
        """Put ``text`` at column ``x`` of row ``y``; what falls outside is cut off."""
        if not 0 <= y < self.height:
            return
        for column, character in enumerate(text, x):
            if 0 <= column < self.width:
                self._characters[y][column] = character
                background = self._styles[y][column][1]
                self._styles[y][column] = (colour, background, bold)

    def tint(self, x: int, y: int, background: str) -> None:
        """Colour the background of one cell."""
        colour, _, bold = self._styles[y][x]
        self._styles[y][x] = (colour, background, bold)

    def is_blank(self, x: int, y: int) -> bool:
        """Whether nothing is written in a cell."""
        return self._characters[y][x] == " "

    def strips(self) -> list[Strip]:
        """The rows, neighbouring cells of one style merged into one segment."""
        return [
            Strip(list(_merge(characters, styles)), self.width)
            for characters, styles in zip(self._characters, self._styles, strict=True)
        ]


def _merge(characters: list[str], styles: list[tuple[str, str, bool]]) -> list[Segment]:
    segments = []
    start = 0
    for key, run in groupby(styles):
        end = start + sum(1 for _ in run)
        segments.append(Segment("".join(characters[start:end]), style(*key)))
        start = end
    return segments
