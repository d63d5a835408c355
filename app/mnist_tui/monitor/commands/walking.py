"""What can be done on a walk through the latent space."""

from __future__ import annotations

from typing import Protocol

from mnist_tui.figures import a_digit
from mnist_tui.monitor.commands.command import Command
from mnist_tui.monitor.commands.viewing import Viewing


class Walking(Viewing, Protocol):
    """What the screen of a walk offers."""

    def move(self, columns: int, rows: int) -> None:
        """Go about in the focused panel."""

    def take(self) -> None:
        """Walk on to the chosen digit."""

    def toggle_play(self) -> None:
        """Walk, or stand."""

    def pick_class(self, label: int) -> None:
        """Let every picture be of that class, or again of those of the two digits."""

    def turn_back(self) -> None:
        """All coordinates as they were."""

    def toggle_all(self) -> None:
        """List all coordinates, or only those that matter most."""

    def next_panel(self) -> None:
        """Choose the next panel, in which the arrows then work."""

    def close(self) -> None:
        """Go back to the run."""


def _move(direction: str, columns: int, rows: int, help: str) -> Command[Walking]:
    return Command(
        f"Walk {direction}",
        (direction,),
        "",
        help,
        lambda screen, _: screen.move(columns, rows),
        places=("walk",),
    )


def _class(label: int) -> Command[Walking]:
    return Command(
        f"All of class {label}",
        (str(label),),
        "",
        f"make every picture {a_digit(label)}; once more: of the classes of the two digits",
        lambda screen, _: screen.pick_class(label),
        places=("walk",),
    )


WALKING: tuple[Command[Walking], ...] = (
    Command(
        "Walk on to the digit",
        ("enter",),
        "walk to it",
        "walk on from the last digit to the chosen one",
        lambda screen, _: screen.take(),
        places=("walk",),
    ),
    Command(
        "Walk or stand",
        ("space",),
        "stand",
        "walk to and fro, or stand",
        lambda screen, _: screen.toggle_play(),
        other_label="walk",
        places=("walk",),
    ),
    Command(
        "Next panel of the walk",
        ("tab",),
        "panels",
        "choose where the arrows work: digits, coordinates, the way",
        lambda screen, _: screen.next_panel(),
        places=("walk",),
    ),
    _move("left", -1, 0, "the digit to the left; turn the coordinate down; a picture back"),
    _move("right", 1, 0, "the digit to the right; turn the coordinate up; a picture on"),
    _move("up", 0, -1, "the digit above; the coordinate above"),
    _move("down", 0, 1, "the digit below; the coordinate below"),
    Command(
        "Turn coordinates back",
        ("r",),
        "turn back",
        "all coordinates as they were",
        lambda screen, _: screen.turn_back(),
        places=("walk",),
    ),
    Command(
        "All coordinates",
        ("l",),
        "all",
        "list all coordinates, or those that change pictures most",
        lambda screen, _: screen.toggle_all(),
        places=("walk",),
    ),
    *(_class(label) for label in range(10)),
    Command(
        "Back from the walk",
        ("escape", "q"),
        "back",
        "go back to the run",
        lambda screen, _: screen.close(),
        blind=True,
        places=("walk",),
    ),
)
"""Digits 0 to 9 stand for classes, where the generator is told them."""
