"""Everything that a person can do, in one table.

Key bindings, the footer, the help screen and the command palette are all made from ``COMMANDS``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, Generic, Protocol, TypeVar, runtime_checkable

from textual.binding import Binding, BindingType
from textual.command import DiscoveryHit, Hit, Hits, Provider

from mnist_engine.training.events import Task
from mnist_tui.monitor.standing import Place


@runtime_checkable
class Viewing(Protocol):
    """What every screen of a run offers."""

    def offered_commands(self) -> tuple[Command[Any], ...]:
        """The commands that make sense now."""

    def ask_to_quit(self) -> None:
        """Leave, after a question if that would end training."""

    def show_help(self) -> None:
        """List the keys."""

    def open_palette(self) -> None:
        """Open the command palette."""

    def choose_theme(self) -> None:
        """Open the list of themes."""

    def save_screenshot(self) -> None:
        """Write the screen to an SVG file."""


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


ScreenType = TypeVar("ScreenType", contravariant=True)


@dataclass(frozen=True)
class Command(Generic[ScreenType]):
    """Something that a person can do.

    ``name`` stands in the palette, ``label`` in the footer ("" keeps it out; ``other_label`` takes
    its place while the run is paused, or plays), ``help`` on the help screen. ``places`` says where
    it is offered. ``running`` commands make sense only until training has ended; ``task`` limits a
    command to one task.
    """

    name: str
    keys: tuple[str, ...]
    label: str
    help: str
    do: Callable[[ScreenType, str], None]
    other_label: str = ""
    places: tuple[Place, ...] = ("live", "attached", "replay", "comparison")
    running: bool = False
    task: Task | None = None

    def key_names(self, unicode: bool) -> tuple[str, ...]:
        """The keys as people write them."""
        names = _SIGNS if unicode else _WORDS
        return tuple(names.get(key, key) for key in self.keys)

    def belongs(self, place: Place, task: Task | None) -> bool:
        """Whether it can ever be done there."""
        return place in self.places and self.task in (None, task)

    def offered(self, place: Place, task: Task | None, ended: bool) -> bool:
        """Whether it can be done now."""
        return self.belongs(place, task) and not (self.running and ended)


_WORDS = {"question_mark": "?", "ctrl+p": "^p"}
_SIGNS = {
    **_WORDS, "left": "←", "right": "→", "shift+left": "⇧←", "shift+right": "⇧→"
}  # fmt: skip

_TRAINING: tuple[Place, ...] = ("live", "attached")

STEERING: tuple[Command[Steering], ...] = (
    Command(
        "Pause or go on",
        ("space", "p"),
        "pause",
        "pause training before its next step, or go on",
        lambda screen, source: screen.toggle_pause(source),
        other_label="go on",
        places=_TRAINING,
        running=True,
    ),
    Command(
        "Single step",
        ("n",),
        "step",
        "do one step and stay paused",
        lambda screen, source: screen.step_once(source),
        places=_TRAINING,
        running=True,
    ),
    Command(
        "Decay the learning rate",
        ("d",),
        "rate ×0.5",
        "halve the learning rate (×0.5)",
        lambda screen, source: screen.scale_learning_rate(0.5, source),
        places=_TRAINING,
        running=True,
    ),
    Command(
        "Raise the learning rate",
        ("u",),
        "×2",
        "double the learning rate (×2)",
        lambda screen, source: screen.scale_learning_rate(2.0, source),
        places=_TRAINING,
        running=True,
    ),
    Command(
        "Back to the schedule",
        ("r",),
        "schedule",
        "take the learning rate back to its schedule (×1)",
        lambda screen, source: screen.reset_learning_rate(source),
        places=_TRAINING,
        running=True,
    ),
    Command(
        "Choose the network to turn",
        ("t",),
        "turn",
        "choose the network that d, u and r turn: both, D or G",
        lambda screen, _: screen.turn_next_network(),
        places=_TRAINING,
        running=True,
        task="gan",
    ),
    Command(
        "Save a checkpoint now",
        ("c",),
        "checkpoint",
        "save a checkpoint before the next step",
        lambda screen, source: screen.save_checkpoint(source),
        places=_TRAINING,
        running=True,
    ),
    Command(
        "Stop the run",
        ("s",),
        "stop",
        "end training, after a question; the weights are saved",
        lambda screen, source: screen.ask_to_stop(source),
        places=("attached",),
        running=True,
    ),
)

REPLAYING: tuple[Command[Replaying], ...] = (
    Command(
        "Play or hold",
        ("space",),
        "play",
        "play the run in half a minute, or hold it",
        lambda screen, _: screen.toggle_play(),
        other_label="hold",
        places=("replay",),
    ),
    Command(
        "Back",
        ("left",),
        "back",
        "a hundredth of the run back",
        lambda screen, _: screen.scrub(-1),
        places=("replay",),
    ),
    Command(
        "On",
        ("right",),
        "on",
        "a hundredth of the run on",
        lambda screen, _: screen.scrub(1),
        places=("replay",),
    ),
    Command(
        "Back an epoch",
        ("shift+left", "pageup"),
        "epoch",
        "back to the end of an epoch",
        lambda screen, _: screen.scrub_epochs(-1),
        places=("replay",),
    ),
    Command(
        "On an epoch",
        ("shift+right", "pagedown"),
        "epoch",
        "on to the end of an epoch",
        lambda screen, _: screen.scrub_epochs(1),
        places=("replay",),
    ),
    Command(
        "To the beginning",
        ("home",),
        "",
        "to the first step",
        lambda screen, _: screen.go_to(0),
        places=("replay",),
    ),
    Command(
        "To the end",
        ("end",),
        "",
        "to the last step",
        lambda screen, _: screen.go_to(1),
        places=("replay",),
    ),
    Command(
        "Branch from here",
        ("b",),
        "branch",
        "begin a new run from the nearest checkpoint",
        lambda screen, _: screen.branch(),
        places=("replay",),
    ),
)

COMPARING: tuple[Command[Comparing], ...] = (
    Command(
        "Another loss",
        ("l",),
        "loss",
        "show another loss in the left chart",
        lambda screen, _: screen.next_loss(),
        places=("comparison",),
    ),
    Command(
        "Another value",
        ("v",),
        "value",
        "show another value in the right chart",
        lambda screen, _: screen.next_value(),
        places=("comparison",),
    ),
    Command(
        "Steps, epochs or time",
        ("x",),
        "axis",
        "draw over steps, over epochs or over training time",
        lambda screen, _: screen.next_axis(),
        places=("comparison",),
    ),
    Command(
        "Zoom",
        ("z",),
        "zoom",
        "all of the axis, logarithmic, or to the shortest run's end",
        lambda screen, _: screen.next_extent(),
        places=("comparison",),
    ),
    Command(
        "How the recipes differ",
        ("d",),
        "recipes",
        "say in which settings the recipes differ",
        lambda screen, _: screen.show_differences(),
        places=("comparison",),
    ),
)

VIEWING: tuple[Command[Viewing], ...] = (
    Command(
        "Quit",
        ("q", "ctrl+c", "ctrl+q"),
        "quit",
        "leave; while training runs, ask first, and save the weights",
        lambda screen, _: screen.ask_to_quit(),
        places=("live",),
    ),
    Command(
        "Leave",
        ("q", "ctrl+c", "ctrl+q"),
        "leave",
        "leave; training goes on without you",
        lambda screen, _: screen.ask_to_quit(),
        places=("attached",),
    ),
    Command(
        "Leave",
        ("q", "ctrl+c", "ctrl+q"),
        "leave",
        "leave; the run stays as it is",
        lambda screen, _: screen.ask_to_quit(),
        places=("replay",),
    ),
    Command(
        "Leave",
        ("q", "ctrl+c", "ctrl+q"),
        "leave",
        "leave; runs that train go on",
        lambda screen, _: screen.ask_to_quit(),
        places=("comparison",),
    ),
    Command(
        "Help",
        ("question_mark",),
        "help",
        "show these keys",
        lambda screen, _: screen.show_help(),
    ),
    Command(
        "Command palette",
        ("ctrl+p",),
        "palette",
        "find any command by its name",
        lambda screen, _: screen.open_palette(),
    ),
    Command(
        "Change the theme",
        (),
        "",
        "dark, light and many more",
        lambda screen, _: screen.choose_theme(),
    ),
    Command(
        "Save a screenshot",
        (),
        "",
        "write this screen to an SVG file",
        lambda screen, _: screen.save_screenshot(),
    ),
)

COMMANDS: tuple[Command[Any], ...] = (*STEERING, *REPLAYING, *COMPARING, *VIEWING)


def bindings() -> list[BindingType]:
    """A binding for every key of the table; each runs the action ``key(key)``."""
    keys = dict.fromkeys(key for command in COMMANDS for key in command.keys)
    return [Binding(key, f"key({key!r})", show=False) for key in keys]


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

    def _offered(self) -> list[tuple[Command[Any], Callable[[], None]]]:
        if not isinstance(self.screen, Viewing):
            return []
        screen: Viewing = self.screen
        return [
            (command, partial(command.do, screen, "palette"))
            for command in screen.offered_commands()
            if "ctrl+p" not in command.keys
        ]
