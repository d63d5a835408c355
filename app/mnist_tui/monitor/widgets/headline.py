"""The first line of the screen: what is running."""

from __future__ import annotations

from textual.strip import Strip

from mnist_engine.runs.state import Snapshot
from mnist_tui.monitor.standing import Place, Standing
from mnist_tui.monitor.widgets.canvas import Canvas
from mnist_tui.render.text import Piece, line
from mnist_tui.terminal import RenderMode

WATCHING: dict[Place, str] = {"live": "", "attached": "watching", "replay": "replay of"}


class Headline(Canvas):
    """The program, the task and recipe or the run's name, and the recipe in a line."""

    def __init__(self, mode: RenderMode, standing: Standing, *, id: str | None = None) -> None:
        super().__init__(mode, id=id)
        self._title = standing.title
        self._watching = WATCHING[standing.place]
        self._summary = ""
        self._networks: int | None = None
        self._tour = ""

    def show(self, snapshot: Snapshot) -> None:
        """Take the recipe from ``snapshot``, once that is known."""
        started = snapshot.started
        if started is not None and not self._summary:
            self._title = self._title or f"{started.task} {started.recipe}"
            self._summary = started.summary
            self.redraw()

    def look_into(self, step: int | None) -> None:
        """Say of which step the networks are that are looked into; None where there is no such."""
        if step != self._networks:
            self._networks = step
            self.redraw()

    def offer(self, key: str) -> None:
        """Say in place of the recipe that ``key`` begins a tour; an empty one takes that back."""
        if key != self._tour:
            self._tour = key
            self.redraw()

    def draw(self, width: int, height: int) -> list[Strip]:
        """One line."""
        palette = self.palette
        networks = "" if self._networks is None else f"networks of step {self._networks:,}"
        pieces = [
            Piece("mnist-tui", palette.quiet),
            Piece(self._watching, palette.quiet),
            Piece(self._title, palette.text, bold=True, gap=1 if self._watching else 2),
            Piece(networks, palette.text, gap=3),
            Piece("" if self._tour else self._summary, palette.quiet, gap=3),
            *self._offered(),
        ]
        return [line(pieces, width, self.mode.ellipsis)] * height

    def _offered(self) -> list[Piece]:
        palette = self.palette
        if not self._tour:
            return []
        return [
            Piece("new here?", palette.quiet, gap=3),
            Piece(self._tour, palette.accent, bold=True, gap=1),
            Piece("shows you round", palette.quiet, gap=1),
        ]
