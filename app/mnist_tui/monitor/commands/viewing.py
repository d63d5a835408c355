"""What can be done on every screen of runs."""

from __future__ import annotations

from typing import Any, Protocol, runtime_checkable

from mnist_tui.monitor.commands.command import Command
from mnist_tui.monitor.standing import Place
from mnist_tui.terminal import RenderMode


@runtime_checkable
class Viewing(Protocol):
    """What every screen of a run offers."""

    mode: RenderMode

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


def _way_out(place: Place, help: str, name: str = "Leave") -> Command[Viewing]:
    """The command that leaves a screen; what becomes of the run depends on the place."""
    return Command(
        name,
        ("q", "ctrl+c", "ctrl+q"),
        name.lower(),
        help,
        lambda screen, _: screen.ask_to_quit(),
        blind=True,
        places=(place,),
        id="quit",
    )


VIEWING: tuple[Command[Viewing], ...] = (
    _way_out("live", "leave; while training runs, ask first, and save the weights", name="Quit"),
    _way_out("attached", "leave; training goes on without you"),
    _way_out("replay", "leave; the run stays as it is"),
    _way_out("comparison", "leave; runs that train go on"),
    Command(
        "Help",
        ("question_mark",),
        "help",
        "show these keys",
        lambda screen, _: screen.show_help(),
        id="help",
    ),
    Command(
        "Command palette",
        ("ctrl+p",),
        "palette",
        "find any command by its name",
        lambda screen, _: screen.open_palette(),
        id="palette",
    ),
    Command(
        "Change the theme",
        (),
        "",
        "dark, light and many more",
        lambda screen, _: screen.choose_theme(),
        id="theme",
    ),
    Command(
        "Save a screenshot",
        (),
        "",
        "write this screen to an SVG file",
        lambda screen, _: screen.save_screenshot(),
        id="screenshot",
    ),
)
