"""What leads from a run's screen to its networks."""

from __future__ import annotations

from typing import Protocol

from mnist_tui.monitor.commands.command import Command
from mnist_tui.monitor.commands.viewing import Viewing
from mnist_tui.monitor.standing import RUNS


class Inspecting(Viewing, Protocol):
    """What a screen with networks offers."""

    def draw_digit(self) -> None:
        """Draw a digit and see what it is taken for."""

    def read_tape(self) -> None:
        """See what a step computes, and check its derivatives."""

    def walk(self) -> None:
        """Walk through the generator's latent space."""


NETWORKS: tuple[Command[Inspecting], ...] = (
    Command(
        "Draw a digit",
        ("a",),
        "draw",
        "draw a digit and see what the networks take it for",
        lambda screen, _: screen.draw_digit(),
        places=RUNS,
        looking=True,
    ),
    Command(
        "Inspect a step",
        ("i",),
        "inspect",
        "read the tape of a step, and check its derivatives",
        lambda screen, _: screen.read_tape(),
        places=RUNS,
        looking=True,
    ),
    Command(
        "Walk through latent space",
        ("k",),
        "walk",
        "walk from digit to digit through the generator's latent space",
        lambda screen, _: screen.walk(),
        places=RUNS,
        task="gan",
        looking=True,
    ),
)
