"""Commands in the palette, found by their names."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from textual import events
from textual.await_complete import AwaitComplete
from textual.command import CommandPalette, DiscoveryHit, Hit, Hits, Provider
from textual.errors import NoWidget
from textual.worker import Worker

from mnist_tui.monitor.commands.command import Command
from mnist_tui.monitor.commands.viewing import Viewing
from mnist_tui.render.spelling import spelled


class Palette(CommandPalette):
    """Textual's, which breaks at a click or an answer before it lies on the screen, or after."""

    def on_click(self, event: events.Click) -> None:
        """Leave a click alone that is not on the palette as it is seen."""
        try:
            self.get_widget_at(event.screen_x, event.screen_y)
        except NoWidget:
            event.prevent_default()
        if not self.is_active:
            event.prevent_default()

    def dismiss(self, result: Any = None) -> AwaitComplete:
        """Close it, where it lies on top: see ``Dialog``."""
        return super().dismiss(result) if self.is_active else AwaitComplete()

    def run_worker(self, *args: Any, **settings: Any) -> Worker[Any]:
        """Look for commands, in vain where the list for them is taken down already.

        It is where the palette was closed at once; Textual would end the program for that.
        """
        return super().run_worker(*args, **settings | {"exit_on_error": False})


class CommandProvider(Provider):
    """The commands, for the palette."""

    async def discover(self) -> Hits:
        """All that can be done now, before anything is typed."""
        for command, run in self._offered():
            yield DiscoveryHit(command.name, run, help=self._spelled(command))

    async def search(self, query: str) -> Hits:
        """Commands whose name matches."""
        matcher = self.matcher(query)
        for command, run in self._offered():
            if (score := matcher.match(command.name)) > 0:
                yield Hit(score, matcher.highlight(command.name), run, help=self._spelled(command))

    def _spelled(self, command: Command[Any]) -> str:
        """What it does, in characters that the terminal has."""
        assert isinstance(self.screen, Viewing)  # nothing is offered elsewhere
        return spelled(command.help, self.screen.mode)

    def _offered(self) -> list[tuple[Command[Any], Callable[[], None]]]:
        if not isinstance(self.screen, Viewing):
            return []
        screen: Viewing = self.screen
        return [
            (command, partial(command.do, screen, "palette"))
            for command in screen.offered_commands()
            if "ctrl+p" not in command.keys
        ]
