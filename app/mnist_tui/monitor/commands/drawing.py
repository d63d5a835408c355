"""What can be done where a digit is drawn."""

from __future__ import annotations

from typing import Protocol

from mnist_tui.monitor.commands.command import Command
from mnist_tui.monitor.commands.viewing import Viewing


class Drawing(Viewing, Protocol):
    """What the screen on which digits are drawn offers."""

    def move_pen(self, right: int, down: int) -> None:
        """Move the pen by so many pixels; it draws where it is down."""

    def toggle_pen(self) -> None:
        """Put the pen down, or lift it."""

    def clear(self) -> None:
        """Begin anew."""

    def go_through_checkpoints(self, later: int) -> None:
        """Ask an earlier checkpoint or a later one, behind the last the networks of now."""

    def close(self) -> None:
        """Go back to the run."""


def _move(direction: str, right: int, down: int) -> Command[Drawing]:
    return Command(
        f"Pen {direction}",
        (direction,),
        "",
        f"move the pen {direction}",
        lambda screen, _: screen.move_pen(right, down),
        places=("drawing",),
    )


DRAWING: tuple[Command[Drawing], ...] = (
    Command(
        "Pen down or up",
        ("space",),
        "pen down",
        "put the pen down, or lift it; the mouse draws too, and its right button rubs out",
        lambda screen, _: screen.toggle_pen(),
        other_label="pen up",
        places=("drawing",),
    ),
    _move("left", -1, 0),
    _move("right", 1, 0),
    _move("up", 0, -1),
    _move("down", 0, 1),
    Command(
        "Clear the drawing",
        ("x", "backspace"),
        "clear",
        "begin anew",
        lambda screen, _: screen.clear(),
        places=("drawing",),
    ),
    Command(
        "Earlier checkpoint",
        ("less_than_sign",),
        "earlier",
        "ask an earlier checkpoint",
        lambda screen, _: screen.go_through_checkpoints(-1),
        places=("drawing",),
    ),
    Command(
        "Later checkpoint",
        ("greater_than_sign",),
        "later",
        "ask a later checkpoint; behind the last are the networks as they are now",
        lambda screen, _: screen.go_through_checkpoints(1),
        places=("drawing",),
    ),
    Command(
        "Back from drawing",
        ("escape", "q"),
        "back",
        "go back to the run",
        lambda screen, _: screen.close(),
        blind=True,
        places=("drawing",),
    ),
)
