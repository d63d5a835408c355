"""What every screen offers: the commands of the table, by key, by click and in the palette."""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar

from textual import events
from textual.binding import BindingType
from textual.screen import Screen

from mnist_engine.errors import reason_of
from mnist_engine.training.events import Task
from mnist_tui.monitor.apps.viewing import ViewingApp
from mnist_tui.monitor.commands import COMMANDS, action_of, bindings, keys_of
from mnist_tui.monitor.commands.command import Command
from mnist_tui.monitor.screens.help import HelpScreen
from mnist_tui.monitor.standing import Place
from mnist_tui.monitor.widgets.too_small import MIN_HEIGHT, MIN_WIDTH
from mnist_tui.terminal import RenderMode


class ViewingScreen(Screen[None]):
    """A screen with commands: see ``Viewing``. The subclass says what it shows.

    Of handlers (``on_mount``) Textual calls that of every class, the subclass's first: none calls
    ``super()``, and one that is to stand alone prevents the default.
    """

    BINDINGS: ClassVar[list[BindingType]] = bindings()
    AUTO_FOCUS = ""

    def __init__(self, mode: RenderMode) -> None:
        super().__init__()
        self.mode = mode
        self.set_class(not mode.unicode, "-ascii")

    @property
    def commands(self) -> tuple[Command[Any], ...]:
        """The table, with a person's own keys."""
        assert isinstance(self.app, ViewingApp)
        return self.app.commands

    @property
    def place(self) -> Place:
        """Where its runs are seen, which says what can be done."""
        raise NotImplementedError

    @property
    def run_task(self) -> Task | None:
        """What is trained, once that is known. (To Textual a ``task`` is one of asyncio.)"""
        return None

    @property
    def folder(self) -> Path:
        """Where screenshots go, if it is there."""
        return Path()

    @property
    def busy(self) -> bool:
        """Whether nothing can be asked of a trainer any more."""
        return False

    def on_mount(self) -> None:
        """Listen to a person's own keys, too; what Textual draws itself is as plain as ours."""
        self.app.set_class(not self.mode.unicode, "-ascii")
        for key in set(keys_of(self.commands)) - set(keys_of(COMMANDS)):
            self._bindings.bind(key, action_of(key), show=False)

    def on_resize(self, event: events.Resize) -> None:
        """Give margins away where room is short, and everything where there is too little."""
        width, height = event.size
        self.set_class(width < MIN_WIDTH or height < MIN_HEIGHT, "-too-small")
        self.set_class(width < 100 or height < 30, "-tight")
        self.set_class(height >= 40, "-roomy")

    def action_key(self, key: str) -> None:
        """Do what ``key`` stands for, if it makes sense now."""
        for command in self.offered_commands():
            if key in command.keys:
                command.do(self, "key")
                return

    def offered_commands(self) -> tuple[Command[Any], ...]:
        """The commands that make sense now; where nothing can be seen, to leave alone does."""
        offered = (
            one for one in self.commands if one.offered(self.place, self.run_task, self.busy)
        )
        return tuple(one for one in offered if one.blind or not self.has_class("-too-small"))

    def ask_to_quit(self) -> None:
        """Leave, after a question if that would end training."""
        self.app.call_later(self.app.run_action, "app.ask_to_quit")

    def show_help(self) -> None:
        """List the keys; what is asked for there is done."""

        def do(asked: str | None) -> None:
            for command in self.offered_commands():
                if command.id == asked:
                    command.do(self, "key")

        help = HelpScreen(self.mode, self.place, self.run_task, self.commands)
        self.app.push_screen(help, do)

    def open_palette(self) -> None:
        """Open the command palette."""
        self.app.action_command_palette()

    def choose_theme(self) -> None:
        """Open the list of themes."""
        self.app.search_themes()

    def save_screenshot(self) -> None:
        """Write the screen to an SVG file."""
        folder = self.folder
        try:
            path = self.app.save_screenshot(path=str(folder) if folder.is_dir() else None)
        except OSError as error:
            self.notify(reason_of(error), title="No screenshot", severity="error", markup=False)
        else:
            self.notify(path, title="Screenshot saved", markup=False)
