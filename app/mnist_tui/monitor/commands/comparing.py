"""What can be done with several runs: to choose what is compared."""

from __future__ import annotations

from typing import Protocol

from mnist_tui.monitor.commands.command import Command
from mnist_tui.monitor.commands.viewing import Viewing


class Comparing(Viewing, Protocol):
    """What the screen of several runs offers: to choose what is compared."""

    def next_loss(self) -> None:
        """Show another loss in the left chart."""

    def next_value(self) -> None:
        """Show another value in the right chart."""

    def next_axis(self) -> None:
        """Draw over steps, over epochs or over time."""

    def next_extent(self) -> None:
        """See the axis as a whole, logarithmically, or as far as the shortest run."""

    def show_differences(self) -> None:
        """Say in which settings the recipes differ."""


COMPARING: tuple[Command[Comparing], ...] = (
    Command(
        "Another loss",
        ("l",),
        "loss",
        "show another loss in the left chart",
        lambda screen, _: screen.next_loss(),
        places=("comparison",),
        id="next-loss",
    ),
    Command(
        "Another value",
        ("v",),
        "value",
        "show another value in the right chart",
        lambda screen, _: screen.next_value(),
        places=("comparison",),
        id="next-value",
    ),
    Command(
        "Steps, epochs or time",
        ("x",),
        "axis",
        "draw over steps, over epochs or over training time",
        lambda screen, _: screen.next_axis(),
        places=("comparison",),
        id="axis",
    ),
    Command(
        "Zoom",
        ("z",),
        "zoom",
        "all of the axis, logarithmic, or to the shortest run's end",
        lambda screen, _: screen.next_extent(),
        places=("comparison",),
        id="extent",
    ),
    Command(
        "How the recipes differ",
        ("d",),
        "recipes",
        "say in which settings the recipes differ",
        lambda screen, _: screen.show_differences(),
        places=("comparison",),
        id="recipes",
    ),
)
