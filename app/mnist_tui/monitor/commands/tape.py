"""What can be done where the tape of a step is read."""

from __future__ import annotations

from typing import Protocol

from mnist_tui.monitor.commands.command import Command
from mnist_tui.monitor.commands.viewing import Viewing


class Reading(Viewing, Protocol):
    """What the screen that shows a tape offers. ``source`` is "key" or "palette"."""

    def choose(self, rows: int) -> None:
        """Choose an operation so many rows below, or above."""

    def check(self) -> None:
        """Check the derivatives of the chosen operation."""

    def next_tape(self) -> None:
        """Show the tape of the other network."""

    def record(self) -> None:
        """Record a step with the weights as they are now."""

    def toggle_pause(self, source: str) -> None:
        """Pause training, or go on."""

    def step_once(self, source: str) -> None:
        """Do one step of training, then stay paused."""

    def close(self) -> None:
        """Go back to the run."""


def _choose(name: str, keys: tuple[str, ...], help: str, rows: int) -> Command[Reading]:
    return Command(name, keys, "", help, lambda screen, _: screen.choose(rows), places=("tape",))


ALL = 1 << 30

TAPE: tuple[Command[Reading], ...] = (
    Command(
        "Check the derivatives",
        ("enter",),
        "check",
        "check the chosen operation's derivatives on the spot, by difference quotients",
        lambda screen, _: screen.check(),
        places=("tape",),
    ),
    Command(
        "The other network's tape",
        ("tab",),
        "D or G",
        "show the tape of the other network's loss",
        lambda screen, _: screen.next_tape(),
        places=("tape",),
        task="gan",
    ),
    Command(
        "Record again",
        ("r",),
        "again",
        "record a step with the weights as they are now",
        lambda screen, _: screen.record(),
        places=("tape",),
    ),
    Command(
        "Pause or go on",
        ("space", "p"),
        "pause",
        "pause training before its next step, or go on",
        lambda screen, source: screen.toggle_pause(source),
        other_label="go on",
        places=("tape",),
        running=True,
        id="pause-at-tape",
    ),
    Command(
        "Single step",
        ("n",),
        "step",
        "do one step of training, and record anew",
        lambda screen, source: screen.step_once(source),
        places=("tape",),
        running=True,
        id="step-at-tape",
    ),
    _choose("Operation above", ("up",), "choose the operation above", -1),
    _choose("Operation below", ("down",), "choose the operation below", 1),
    _choose("Ten operations up", ("pageup",), "ten operations up", -10),
    _choose("Ten operations down", ("pagedown",), "ten operations down", 10),
    _choose("First operation", ("home",), "choose the first operation", -ALL),
    _choose("Last operation", ("end",), "choose the last operation", ALL),
    Command(
        "Back from the tape",
        ("escape", "q", "i"),
        "back",
        "go back to the run",
        lambda screen, _: screen.close(),
        blind=True,
        places=("tape",),
    ),
)
