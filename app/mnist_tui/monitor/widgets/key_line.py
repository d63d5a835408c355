"""The last line of the screen: keys, and what they do now."""

from __future__ import annotations

from textual.strip import Strip

from mnist_engine.runs.state import Snapshot
from mnist_tui.monitor.commands import COMMANDS, Command, footer_label
from mnist_tui.monitor.widgets.canvas import Canvas
from mnist_tui.render.text import Piece, line
from mnist_tui.terminal import RenderMode

_IMPORTANCE = {"quit": 0, "help": 0, "pause": 0, "palette": 3, "schedule": 2}


class KeyLine(Canvas):
    """The footer. A click on a key is as good as the key."""

    def __init__(self, mode: RenderMode, *, id: str | None = None) -> None:
        super().__init__(mode, id=id)
        self._snapshot = Snapshot()
        self._offered: tuple[Command, ...] = ()

    def show(self, snapshot: Snapshot, offered: tuple[Command, ...]) -> None:
        """Show the commands that can be given now."""
        if (snapshot.phase, offered) != (self._snapshot.phase, self._offered):
            self._snapshot, self._offered = snapshot, offered
            self.redraw()

    def draw(self, width: int, height: int) -> list[Strip]:
        """One line."""
        palette = self.palette
        pieces = []
        for command in self._offered:
            if not command.label:
                continue
            click = f"screen.command({COMMANDS.index(command)})"
            importance = _IMPORTANCE.get(command.label, 1)
            label = footer_label(command, self._snapshot)
            if not self.mode.unicode:
                label = label.replace("×", "x")
            pieces += [
                Piece(command.key_names[0], palette.accent, True, importance, 2, click),
                Piece(label, palette.quiet, False, importance, 1, click),
            ]
        return [line(pieces, width, self.mode.ellipsis)] * height
