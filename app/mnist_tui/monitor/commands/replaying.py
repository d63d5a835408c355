"""What can be done with a run that nobody trains: to go about in its time."""

from __future__ import annotations

from typing import Protocol

from mnist_tui.monitor.commands.command import Command
from mnist_tui.monitor.commands.viewing import Viewing


class Replaying(Viewing, Protocol):
    """What the screen of a run that nobody trains offers: to go about in its time."""

    def toggle_play(self) -> None:
        """Let time pass, or hold it."""

    def scrub(self, hundredths: int) -> None:
        """Go so many hundredths of the run on, or back."""

    def scrub_epochs(self, epochs: int) -> None:
        """Go on to the end of an epoch, or back to one."""

    def go_to(self, share: float) -> None:
        """Go to the beginning (0), the end (1) or between."""

    def branch(self) -> None:
        """Leave, to train another way from this step."""


REPLAYING: tuple[Command[Replaying], ...] = (
    Command(
        "Play or hold",
        ("space",),
        "play",
        "play the run in half a minute, or hold it",
        lambda screen, _: screen.toggle_play(),
        other_label="hold",
        places=("replay",),
        id="play",
    ),
    Command(
        "Back",
        ("left",),
        "back",
        "a hundredth of the run back",
        lambda screen, _: screen.scrub(-1),
        places=("replay",),
        id="back",
    ),
    Command(
        "On",
        ("right",),
        "on",
        "a hundredth of the run on",
        lambda screen, _: screen.scrub(1),
        places=("replay",),
        id="on",
    ),
    Command(
        "Back an epoch",
        ("shift+left", "pageup"),
        "epoch",
        "back to the end of an epoch",
        lambda screen, _: screen.scrub_epochs(-1),
        places=("replay",),
        id="back-epoch",
    ),
    Command(
        "On an epoch",
        ("shift+right", "pagedown"),
        "epoch",
        "on to the end of an epoch",
        lambda screen, _: screen.scrub_epochs(1),
        places=("replay",),
        id="on-epoch",
    ),
    Command(
        "To the beginning",
        ("home",),
        "",
        "to the first step",
        lambda screen, _: screen.go_to(0),
        places=("replay",),
        id="beginning",
    ),
    Command(
        "To the end",
        ("end",),
        "",
        "to the last step",
        lambda screen, _: screen.go_to(1),
        places=("replay",),
        id="end",
    ),
    Command(
        "Branch from here",
        ("b",),
        "branch",
        "begin a new run from the nearest checkpoint",
        lambda screen, _: screen.branch(),
        places=("replay",),
        id="branch",
    ),
)
