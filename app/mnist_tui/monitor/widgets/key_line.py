"""The last line of the screen: keys, and what they do now."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from textual.strip import Strip

from mnist_tui.monitor.commands.command import Command
from mnist_tui.monitor.widgets.canvas import Canvas
from mnist_tui.render.spelling import spelled
from mnist_tui.render.text import Piece, fit, line
from mnist_tui.terminal import RenderMode

_IMPORTANCE = {
    **dict.fromkeys(("quit", "help", "pause", "play"), 0),
    **dict.fromkeys(("back-from-drawing", "back-from-the-walk", "back-from-the-tape"), 0),
    **dict.fromkeys(("schedule", "back-epoch", "on-epoch", "checkpoint", "turn"), 2),
    **dict.fromkeys(("turn-coordinates-back", "all-coordinates"), 2),
    **dict.fromkeys(("palette", "draw-a-digit", "inspect-a-step"), 3),
}
"""By the ids of commands; those of a chosen panel are as important as 0."""

_SHORT = {"checkpoint": "save", "schedule": "reset", "rate ×0.5": "×0.5"}
"""Labels where the others have no room; the line of the learning rate names its keys."""


class KeyLine(Canvas):
    """The footer. A click on a key is as good as the key."""

    def __init__(self, mode: RenderMode, *, id: str | None = None) -> None:
        super().__init__(mode, id=id)
        self._offered: tuple[Command[Any], ...] = ()
        self._held = False

    def show(self, offered: tuple[Command[Any], ...], held: bool) -> None:
        """Show the commands that can be given now; ``held`` asks for their other labels."""
        if (offered, held) != (self._offered, self._held):
            self._offered, self._held = offered, held
            self.redraw()

    def draw(self, width: int, height: int) -> list[Strip]:
        """One line."""
        pieces = self._pieces({})
        if len(fit(pieces, width)) < len(pieces):
            pieces = self._pieces(_SHORT)
        return [line(pieces, width, self.mode.ellipsis)] * height

    def _pieces(self, labels: Mapping[str, str]) -> list[Piece]:
        """The keys with what they do, some of it in other words."""
        palette = self.palette
        pieces: list[Piece] = []
        taken: set[str] = set()  # by commands that come before
        for command in self._offered:
            names = dict(zip(command.keys, command.key_names(self.mode.unicode), strict=True))
            key = next((key for key in names if key not in taken), None)
            taken.update(names)
            if not command.label or key is None:
                continue
            click = f"screen.key({key!r})"
            importance = 0 if command.panel else _IMPORTANCE.get(command.id, 1)
            label = (self._held and command.other_label) or command.label
            label = labels.get(label, label)
            pieces += [
                Piece(
                    names[key],
                    palette.accent,
                    True,
                    importance,
                    2,
                    click,
                ),
                Piece(spelled(label, self.mode), palette.quiet, False, importance, 1, click),
            ]
        return pieces
