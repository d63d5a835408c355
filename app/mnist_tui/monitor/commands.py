"""Everything that a person can do, in one table.

Key bindings, the footer, the help screen and the command palette are all made from ``COMMANDS``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Protocol, runtime_checkable

from textual.binding import Binding, BindingType
from textual.command import DiscoveryHit, Hit, Hits, Provider

from mnist_engine.runs.state import Snapshot
from mnist_engine.training.events import Task


@runtime_checkable
class Steering(Protocol):
    """What a command may do; the training screen offers it. ``source`` is "key" or "palette"."""

    def offered_commands(self) -> tuple[Command, ...]:
        """The commands that make sense now."""

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

    def ask_to_quit(self) -> None:
        """Leave, after a question if training still runs."""

    def show_help(self) -> None:
        """List the keys."""

    def open_palette(self) -> None:
        """Open the command palette."""

    def choose_theme(self) -> None:
        """Open the list of themes."""

    def save_screenshot(self) -> None:
        """Write the screen to an SVG file."""


@dataclass(frozen=True)
class Command:
    """Something that a person can do.

    ``name`` stands in the palette, ``label`` in the footer ("" keeps it out), ``help`` on the help
    screen. ``running`` commands make sense only until training has ended; ``task`` limits a command
    to one task.
    """

    name: str
    keys: tuple[str, ...]
    label: str
    help: str
    do: Callable[[Steering, str], None]
    running: bool = True
    task: Task | None = None

    @property
    def key_names(self) -> tuple[str, ...]:
        """The keys as people write them."""
        names = {"question_mark": "?", "ctrl+p": "^p"}
        return tuple(names.get(key, key) for key in self.keys)

    def offered(self, task: Task | None, ended: bool) -> bool:
        """Whether it can be done now."""
        return not (self.running and ended) and self.task in (None, task)


COMMANDS: tuple[Command, ...] = (
    Command(
        "Pause or go on",
        ("space", "p"),
        "pause",
        "pause training before its next step, or go on",
        lambda screen, source: screen.toggle_pause(source),
    ),
    Command(
        "Single step",
        ("n",),
        "step",
        "do one step and stay paused",
        lambda screen, source: screen.step_once(source),
    ),
    Command(
        "Decay the learning rate",
        ("d",),
        "rate ×0.5",
        "halve the learning rate (×0.5)",
        lambda screen, source: screen.scale_learning_rate(0.5, source),
    ),
    Command(
        "Raise the learning rate",
        ("u",),
        "×2",
        "double the learning rate (×2)",
        lambda screen, source: screen.scale_learning_rate(2.0, source),
    ),
    Command(
        "Back to the schedule",
        ("r",),
        "schedule",
        "take the learning rate back to its schedule (×1)",
        lambda screen, source: screen.reset_learning_rate(source),
    ),
    Command(
        "Choose the network to turn",
        ("t",),
        "turn",
        "choose the network that d, u and r turn: both, D or G",
        lambda screen, _: screen.turn_next_network(),
        task="gan",
    ),
    Command(
        "Quit",
        ("q", "ctrl+c", "ctrl+q"),
        "quit",
        "leave; while training runs, ask first, and save the weights",
        lambda screen, _: screen.ask_to_quit(),
        running=False,
    ),
    Command(
        "Help",
        ("question_mark",),
        "help",
        "show these keys",
        lambda screen, _: screen.show_help(),
        running=False,
    ),
    Command(
        "Command palette",
        ("ctrl+p",),
        "palette",
        "find any command by its name",
        lambda screen, _: screen.open_palette(),
        running=False,
    ),
    Command(
        "Change the theme",
        (),
        "",
        "dark, light and many more",
        lambda screen, _: screen.choose_theme(),
        running=False,
    ),
    Command(
        "Save a screenshot",
        (),
        "",
        "write this screen to an SVG file",
        lambda screen, _: screen.save_screenshot(),
        running=False,
    ),
)


def bindings() -> list[BindingType]:
    """Key bindings for all commands; each runs the action ``command(number)``."""
    return [
        Binding(key, f"command({number})", command.name, show=False)
        for number, command in enumerate(COMMANDS)
        for key in command.keys
    ]


def footer_label(command: Command, snapshot: Snapshot) -> str:
    """The footer's word for a command, as things stand."""
    if command.label == "pause" and snapshot.phase == "paused":
        return "go on"
    return command.label


class CommandProvider(Provider):
    """The commands, for the palette."""

    async def discover(self) -> Hits:
        """All that can be done now, before anything is typed."""
        for command, run in self._offered():
            yield DiscoveryHit(command.name, run, help=command.help)

    async def search(self, query: str) -> Hits:
        """Commands whose name matches."""
        matcher = self.matcher(query)
        for command, run in self._offered():
            if (score := matcher.match(command.name)) > 0:
                yield Hit(score, matcher.highlight(command.name), run, help=command.help)

    def _offered(self) -> list[tuple[Command, Callable[[], None]]]:
        if not isinstance(self.screen, Steering):
            return []
        screen: Steering = self.screen
        return [
            (command, partial(command.do, screen, "palette"))
            for command in screen.offered_commands()
            if "ctrl+p" not in command.keys
        ]
