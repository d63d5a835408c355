"""What can be done with the panels of a run's screen."""

from __future__ import annotations

from typing import Protocol

from mnist_tui.monitor.commands.command import Command
from mnist_tui.monitor.commands.viewing import Viewing
from mnist_tui.monitor.panels.kinds import KINDS, PanelKind
from mnist_tui.monitor.standing import RUNS


class Arranging(Viewing, Protocol):
    """What a screen with panels offers."""

    def toggle_panel(self, number: int) -> None:
        """Show the panel of that number, or put it away."""

    def zoom_panel(self) -> None:
        """Give a panel all of the room, or take it back."""

    def leave_panel(self) -> None:
        """Go back to all panels."""

    def next_panel(self) -> None:
        """Choose the next panel; the keys of its own then work."""


def _toggle(kind: PanelKind) -> Command[Arranging]:
    return Command(
        f"Show or hide {kind.name}",
        (str(kind.number),),
        "",
        f"show or hide the {kind.name}",
        lambda screen, _: screen.toggle_panel(kind.number),
        places=RUNS,
        task=kind.task,
        id=f"show-{kind.name}".replace(" ", "-"),
    )


PANELS: tuple[Command[Arranging], ...] = (
    *(_toggle(kind) for kind in sorted(KINDS, key=lambda kind: kind.number)),
    Command(
        "Zoom a panel",
        ("enter",),
        "",
        "give a panel all of the room, or take it back",
        lambda screen, _: screen.zoom_panel(),
        places=RUNS,
        id="zoom",
    ),
    Command(
        "Next panel",
        ("tab",),
        "",
        "choose the next panel; its own keys then work",
        lambda screen, _: screen.next_panel(),
        places=RUNS,
        id="next-panel",
    ),
    Command(
        "Back to all panels",
        ("escape",),
        "",
        "go back to all panels",
        lambda screen, _: screen.leave_panel(),
        places=RUNS,
        id="all-panels",
    ),
)
