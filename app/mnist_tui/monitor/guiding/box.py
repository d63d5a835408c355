"""The card on the screen."""

from __future__ import annotations

from collections.abc import Callable
from string import Formatter

from textual.content import Content
from textual.geometry import Size
from textual.widget import Widget
from textual.widgets import Static

from mnist_engine.runs.state import Snapshot
from mnist_tui.monitor.board.board import Board
from mnist_tui.monitor.guiding.card import Card, Course
from mnist_tui.monitor.guiding.placing import beside
from mnist_tui.monitor.standing import Standing
from mnist_tui.monitor.themes import palette_of
from mnist_tui.render.spelling import spelled
from mnist_tui.terminal import RenderMode

WIDTHS = (46, 38, 32, 62)
"""Cells, frame included, those first that read best; others may fit beside a panel."""

FRAME = 4
"""Cells of a card's border and padding, left and right."""


class CardBox(Static):
    """Shows the cards of a course beside the panels that they are about.

    ``lines`` are what a card may point at besides the panels of ``board``. ``hold`` is told when
    training should wait for a person, or go on.
    """

    def __init__(
        self,
        mode: RenderMode,
        board: Board,
        lines: dict[str, Widget],
        hold: Callable[[bool], None],
    ) -> None:
        super().__init__(id="card")
        self.course: Course | None = None
        self._mode = mode
        self._board = board
        self._lines = lines
        self._hold = hold
        self._snapshot = Snapshot()
        self._standing: Standing | None = None
        self._shown: tuple[object, ...] = ()

    @property
    def card(self) -> Card | None:
        """The one that lies there, if any does."""
        return self.course.card if self.course else None

    @property
    def is_for_reading(self) -> bool:
        """Whether a person turns the card that lies there."""
        return self.course is not None and self.course.is_for_reading

    def begin(self, course: Course) -> None:
        """Turn up the first card."""
        self._put_away()
        self.course = course
        self._turned()

    def show(self, snapshot: Snapshot, standing: Standing) -> None:
        """Look at the run: a condition may hold now."""
        self._snapshot, self._standing = snapshot, standing
        if self.course is not None and self.course.see(snapshot):
            self._turned()
        else:
            self.write()

    def read(self) -> None:
        """The card was read: turn up the next one, if it is not one that waits for something."""
        if self.course is not None:
            self.course.read(self._snapshot)
            self._turned()

    def leave(self) -> None:
        """Put the cards away."""
        if self.course is not None and self.card is not None:
            held = self.card.holds
            self.course = None
            self._put_away()
            if held:
                self._hold(False)

    def _turned(self) -> None:
        card = self.card
        self._put_away()
        if card is None:
            was = self.course.cards[-1] if self.course else None
            self.course = None
            if was is not None and was.holds:
                self._hold(False)
            return
        self._board.reveal([name for name in card.at if name not in self._lines])
        for name in card.at[:1]:
            self._target(name).add_class("-pointed")
        if card.holds is not None:
            self._hold(card.holds)
        self.write()

    def _put_away(self) -> None:
        self.remove_class("-shown")
        self._shown = ()
        for widget in (*self._board.panels, *self._lines.values()):
            widget.remove_class("-pointed")

    def _target(self, name: str) -> Widget:
        return self._lines[name] if name in self._lines else self._board.panel(name)

    def write(self) -> None:
        """Say what the card says now, and find a place for it, if anything is new."""
        card, course, standing = self.card, self.course, self._standing
        if card is None or course is None or standing is None:
            return
        told = course.told(self._snapshot)
        lie = [self._target(name).region for name in card.at]
        room = self.screen.size, self._board.zoomed
        shown = (card, told, standing.keys, self.app.theme, room, lie)
        if shown == self._shown:
            return
        self._shown = shown
        palette = palette_of(self.app.theme_variables, self.app.current_theme.dark)
        key = f"bold {palette.accent}"
        parts = [(f"{card.title}\n", f"bold {palette.text}")]
        for text, command, _, _ in Formatter().parse(card.text):
            parts.append((text, palette.text))
            if command:
                parts.append((standing.key(command) or command, key))
        if told:
            parts.append((f"\n\n{told}", palette.quiet))
        content = Content.assemble(*((spelled(text, self._mode), style) for text, style in parts))
        self.border_title = f"{course.name} {course.number + 1}/{len(course.cards)}"
        self.border_subtitle = self._ways_on(standing, key)
        self.update(content)
        self.call_after_refresh(self._place, content)

    def _ways_on(self, standing: Standing, key: str) -> Content:
        """What turns the card, and what puts it away or the zoom; keys in the style ``key``."""
        course = self.course
        assert course is not None
        last = course.number + 1 == len(course.cards)
        ways = {"next-card": "ends" if last else "next", "leave-cards": "leaves"}
        if self._board.zoomed is not None:
            ways = {"next-card": ways["next-card"], "all-panels": "all panels"}
        if not course.is_for_reading:
            del ways["next-card"]
        parts: list[str | tuple[str, str]] = []
        for command, words in ways.items():
            if name := standing.key(command):
                parts += ["  " if parts else "", (name, key), f" {words}"]
        return Content.assemble(*parts)

    def _place(self, content: Content) -> None:
        """Lie beside what the card is about, when that has its own place."""
        card = self.card
        if card is None:
            return
        screen = self.screen.size
        widths = [min(width, screen.width) for width in WIDTHS]
        sizes = [Size(width, content.get_height({}, width - FRAME) + 2) for width in widths]
        targets = [self._target(name).region for name in card.at]
        place = beside(sizes, [one for one in targets if one.area], self._board.content_region)
        self.styles.width, self.styles.height = place.size
        self.styles.offset = place.offset
        self.add_class("-shown")
