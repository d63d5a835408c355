"""What can be done to a run that is being trained."""

from __future__ import annotations

from typing import Protocol

from mnist_tui.monitor.commands.command import Command
from mnist_tui.monitor.commands.viewing import Viewing
from mnist_tui.monitor.standing import TRAINING


class Steering(Viewing, Protocol):
    """What the screen of a run that is being trained offers. ``source`` is "key" or "palette"."""

    def toggle_pause(self, source: str) -> None:
        """Pause, or go on."""

    def step_once(self, source: str) -> None:
        """Do one step, then stay paused."""

    def scale_learning_rate(self, factor: float, source: str) -> None:
        """Multiply the learning rate of the networks that the keys turn."""

    def reset_learning_rate(self, source: str) -> None:
        """Take their learning rate back to the schedule."""

    def turn_next_network(self) -> None:
        """Let the keys turn the next network, or both."""

    def save_checkpoint(self, source: str) -> None:
        """Save all that training goes on from."""

    def ask_to_stop(self, source: str) -> None:
        """End training, after a question."""


STEERING: tuple[Command[Steering], ...] = (
    Command(
        "Pause or go on",
        ("space", "p"),
        "pause",
        "pause training before its next step, or go on",
        lambda screen, source: screen.toggle_pause(source),
        other_label="go on",
        places=TRAINING,
        running=True,
        id="pause",
    ),
    Command(
        "Single step",
        ("n",),
        "step",
        "do one step and stay paused",
        lambda screen, source: screen.step_once(source),
        places=TRAINING,
        running=True,
        id="step",
    ),
    Command(
        "Decay the learning rate",
        ("d",),
        "rate ×0.5",
        "halve the learning rate (×0.5)",
        lambda screen, source: screen.scale_learning_rate(0.5, source),
        places=TRAINING,
        running=True,
        id="decay",
    ),
    Command(
        "Raise the learning rate",
        ("u",),
        "×2",
        "double the learning rate (×2)",
        lambda screen, source: screen.scale_learning_rate(2.0, source),
        places=TRAINING,
        running=True,
        id="raise",
    ),
    Command(
        "Back to the schedule",
        ("r",),
        "schedule",
        "take the learning rate back to its schedule (×1)",
        lambda screen, source: screen.reset_learning_rate(source),
        places=TRAINING,
        running=True,
        id="schedule",
    ),
    Command(
        "Choose the network to turn",
        ("t",),
        "turn",
        "choose whose learning rate is turned: both, D or G",
        lambda screen, _: screen.turn_next_network(),
        places=TRAINING,
        running=True,
        task="gan",
        id="turn",
    ),
    Command(
        "Save a checkpoint now",
        ("c",),
        "checkpoint",
        "save a checkpoint before the next step",
        lambda screen, source: screen.save_checkpoint(source),
        places=TRAINING,
        running=True,
        id="checkpoint",
    ),
    Command(
        "Stop the run",
        ("S",),
        "stop",
        "end training, after a question; the weights are saved",
        lambda screen, source: screen.ask_to_stop(source),
        places=("attached",),
        running=True,
        id="stop",
    ),
)
