"""What else can be done to a run that is being trained: steps by kind, remedies, settings."""

from __future__ import annotations

from typing import Protocol

from mnist_tui.monitor.commands.command import Command
from mnist_tui.monitor.commands.viewing import Viewing
from mnist_tui.monitor.standing import TRAINING


class Acting(Viewing, Protocol):
    """What the screen of a run that is being trained offers besides ``Steering``."""

    def step_network(self, network: str, source: str) -> None:
        """Do a step that moves one network alone, then stay paused."""

    def next_stage(self, source: str) -> None:
        """Do the next stage of a step, then wait in the midst of it."""

    def show_settings(self) -> None:
        """List the numbers that can be turned, to turn them."""

    def apply_remedy(self, source: str) -> None:
        """Do what helps against the trouble that the status line names."""


def _step_of(network: str, key: str) -> Command[Acting]:
    return Command(
        f"Step of the {network} alone",
        (key,),
        "",
        f"do one step of the {network} alone and stay paused",
        lambda screen, source: screen.step_network(network, source),
        places=TRAINING,
        running=True,
        task="gan",
        id=f"step-{network}",
    )


ACTING: tuple[Command[Acting], ...] = (
    _step_of("discriminator", "D"),
    _step_of("generator", "G"),
    Command(
        "Slow motion",
        ("s",),
        "slow",
        "do a step in its stages: the next of them, then wait",
        lambda screen, source: screen.next_stage(source),
        places=TRAINING,
        running=True,
        id="stage",
    ),
    Command(
        "Settings",
        ("e",),
        "settings",
        "turn learning rates, dropout, noise ... while it trains",
        lambda screen, _: screen.show_settings(),
        places=TRAINING,
        running=True,
        id="settings",
    ),
    Command(
        "Remedy",
        ("f",),
        "",
        "do what helps against the trouble that is named above",
        lambda screen, source: screen.apply_remedy(source),
        places=TRAINING,
        id="remedy",
    ),
)
