"""The part of a run's screen on which its panels lie."""

from __future__ import annotations

from collections.abc import Sequence

from textual import events
from textual.app import ComposeResult
from textual.geometry import NULL_OFFSET, NULL_SPACING, Region, Size
from textual.layout import ArrangeResult, Layout, WidgetPlacement
from textual.widget import Widget

from mnist_engine.runs.state import Snapshot
from mnist_engine.training.events import Task
from mnist_tui.monitor.board.arranging import Rectangle, arrange
from mnist_tui.monitor.panels.kinds import KINDS, PanelKind
from mnist_tui.monitor.panels.log import LogPanel
from mnist_tui.monitor.panels.panel import RunPanel
from mnist_tui.terminal import RenderMode


class Board(Widget):
    """Shows as many panels as have room, those first that a person asked for.

    One can be zoomed to all of the room. Panels that are not seen are not drawn.
    """

    def __init__(self, mode: RenderMode, task: Task | None = None) -> None:
        super().__init__(id="board")
        self._known_task = task
        self._panels = {kind: kind.make(mode, task) for kind in KINDS}
        for kind, panel in self._panels.items():
            panel.number = str(kind.number)
        self._run_task = task
        self._wanted: list[int] = []
        self._unwanted: set[int] = set()
        self._zoomed: int | None = None
        self._layout = _BoardLayout()

    @property
    def layout(self) -> Layout:
        """How it places its panels."""
        return self._layout

    @property
    def panels(self) -> tuple[RunPanel, ...]:
        """All of them, of either task, seen or not."""
        return tuple(self._panels.values())

    @property
    def kinds(self) -> tuple[PanelKind, ...]:
        """Those of this run's task."""
        return tuple(kind for kind in self._panels if kind.belongs(self._run_task))

    @property
    def zoomed(self) -> PanelKind | None:
        """The one that has all of the room."""
        return next((kind for kind in self.kinds if kind.number == self._zoomed), None)

    @property
    def chosen(self) -> PanelKind | None:
        """The one whose own keys work: it is zoomed, or focused."""
        if self.zoomed is not None:
            return self.zoomed
        return next((kind for kind in self.kinds if self._panels[kind].has_focus), None)

    @property
    def seen(self) -> tuple[PanelKind, ...]:
        """Those that have room."""
        return tuple(kind for kind in self.kinds if self._panels[kind].display)

    def panel(self, name: str) -> RunPanel:
        """The one of that name, of this run's task."""
        return next(self._panels[kind] for kind in self.kinds if kind.name == name)

    def compose(self) -> ComposeResult:
        """Every panel, once."""
        yield from self.panels

    def show(self, snapshot: Snapshot, whole: Snapshot | None = None) -> None:
        """Show the run on every panel."""
        task = snapshot.started.task if snapshot.started else self._known_task
        if task != self._run_task:
            self._run_task = task
            self._place()
        for kind in self.kinds:
            self._panels[kind].show(snapshot, whole)

    def show_reading(self, reading: bool) -> None:
        """Say that the log is being read, or no more."""
        for panel in self.panels:
            panel.show_reading(reading)

    def hear(self, lines: list[str]) -> None:
        """Write down in the log what was printed."""
        log = self.panel("log")
        assert isinstance(log, LogPanel)
        log.hear(lines)

    def toggle(self, number: int) -> None:
        """Show the panel of that number, or put it away; the last one that is seen stays."""
        if number not in {kind.number for kind in self.kinds}:
            return
        seen = {kind.number for kind in self.seen}
        if self._zoomed is not None and self._zoomed != number:
            self._zoomed = number
        elif number not in seen:
            self._unwanted.discard(number)
            self._wanted.append(number)
        elif self._zoomed is None and len(seen) > 1:
            self._wanted = [one for one in self._wanted if one != number]
            self._unwanted.add(number)
        self._place()

    def reveal(self, names: Sequence[str]) -> None:
        """Show the panels of these names, the first of them if only one has room."""
        known = {kind.name: kind.number for kind in self.kinds}
        numbers = [known[name] for name in names if name in known]
        self._wanted = [one for one in self._wanted if one not in numbers] + numbers[::-1]
        self._unwanted -= set(numbers)
        if self._zoomed not in numbers:
            self._zoomed = None
        self._place()

    def zoom(self) -> None:
        """Give all of the room to the focused panel, or else the first; or take it back."""
        chosen = self.chosen or (self.seen or self.kinds)[0]
        self._zoomed = None if self._zoomed is not None else chosen.number
        self._place()

    def leave(self) -> bool:
        """Go back from a zoomed panel, else from a focused one; False where there is neither."""
        if self._zoomed is not None:
            self._zoomed = None
            self._place()
            return True
        if self.chosen is not None:
            self.screen.set_focus(None)
            return True
        return False

    def on_resize(self, event: events.Resize) -> None:
        """Find out anew which have room."""
        self._place()

    def _place(self) -> None:
        """Show those that have room, where they belong."""
        places = self.places(self.size)
        for kind, panel in self._panels.items():
            panel.display = kind in places
        self.refresh(layout=True)

    def places(self, size: Size) -> dict[PanelKind, Rectangle]:
        """Where which panel lies in so much room."""
        if self.zoomed is not None:
            return {self.zoomed: Rectangle(0, 0, *size)}
        kinds = {kind.number: kind for kind in self.kinds}
        slots = {number: kind.slot for number, kind in kinds.items()}
        places = arrange(slots, *size, wanted=self._wanted, unwanted=self._unwanted)
        return {kinds[number]: place for number, place in places.items()}

    def placements(self, size: Size) -> list[WidgetPlacement]:
        """The same, as Textual wants it."""
        return [
            WidgetPlacement(Region(*place), NULL_OFFSET, NULL_SPACING, self._panels[kind])
            for kind, place in self.places(size).items()
        ]


class _BoardLayout(Layout):
    name = "board"

    def arrange(
        self, parent: Widget, children: list[Widget], size: Size, greedy: bool = True
    ) -> ArrangeResult:
        assert isinstance(parent, Board)
        return [one for one in parent.placements(size) if one.widget in children]
