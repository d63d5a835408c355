"""What every full-screen view is made of: themes, keys, signals, and looking for news."""

from __future__ import annotations

import asyncio
import gc
from pathlib import Path
from typing import Any, ClassVar

from textual.app import App
from textual.await_complete import AwaitComplete
from textual.binding import Binding, BindingType
from textual.command import CommandPalette
from textual.driver import Driver
from textual.screen import Screen
from textual.theme import ThemeProvider

from mnist_engine.runs.directory import RunDirectory
from mnist_tui.endings import STOP_SIGNALS
from mnist_tui.monitor.commands import COMMANDS
from mnist_tui.monitor.commands.palette import CommandProvider, Palette
from mnist_tui.monitor.driver import outliving
from mnist_tui.monitor.messages import RunChanged
from mnist_tui.monitor.stray import StrayOutput
from mnist_tui.monitor.themes import DEFAULT_THEME, OWN_THEMES, palette_of

SETTLED_SECONDS = 3.0
"""After so long what a screen is made of is there, and training's modules are loaded."""


class ViewingApp(App[None]):
    """Shows :attr:`main_screen`, and looks for news with :meth:`pull`.

    Leaving changes nothing for a run, unless the subclass says otherwise in
    :meth:`action_ask_to_quit` and :meth:`on_signal`. ``commands`` are what can be done; they may be
    replaced by the same ones with other keys before the app runs. ``stray`` is what keeps others'
    words off the screen, if anything does; ``own_run`` the run that this process trains.
    """

    pulls_per_second: ClassVar[float] = 5
    """Each look redraws what changed; training would like to have those milliseconds for itself."""

    own_run: RunDirectory | None = None
    stray: StrayOutput | None = None

    ENABLE_COMMAND_PALETTE = True
    COMMANDS = {CommandProvider}  # noqa: RUF012 (Textual declares it so)
    CSS_PATH = Path(__file__).with_name("viewing.tcss")  # subclasses in other folders have it too
    TITLE = "mnist-tui"
    # Textual's own two ways out lead to ours; they work on every screen.
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+q,ctrl+c", "insist_on_quitting", show=False, priority=True)
    ]

    def __init__(self, theme: str = DEFAULT_THEME) -> None:
        super().__init__()
        self.commands = COMMANDS
        for own in OWN_THEMES:
            self.register_theme(own)
        self.theme = theme

    @property
    def main_screen(self) -> Screen[Any]:
        """The screen on which dialogs lie."""
        raise NotImplementedError

    @property
    def failure(self) -> Exception | None:
        """What broke off what is shown, if anything did."""
        return None

    @property
    def terminal(self) -> Any:
        """The stream to draw on; None for standard error."""
        return None if self.stray is None else self.stray.terminal

    def begin(self) -> None:
        """Start what is shown; the first frame is on the screen."""
        raise NotImplementedError

    def pull(self) -> None:
        """Look for news and show them; called several times a second."""
        raise NotImplementedError

    def is_due(self) -> bool:
        """Whether it is time again for a pull that nothing calls for."""
        return True

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """Colours that our style sheets name, for themes that are not ours."""
        return {"frame": self.current_theme.panel or "#808080"}

    def get_css_variables(self) -> dict[str, str]:
        """Those of the theme, but with colours that can be read."""
        variables = super().get_css_variables()
        palette = palette_of(variables, self.current_theme.dark)
        told = {"foreground": palette.text, "accent": palette.accent, "error": palette.bad}
        if self.current_theme.name.startswith("ansi"):  # its colours are the terminal's own
            return variables
        return variables | told | {"text-muted": palette.quiet}

    def action_command_palette(self) -> None:
        """Open the command palette."""
        if not isinstance(self.screen, CommandPalette):
            # Without Textual's id for it: one that has closed keeps that until it is taken down.
            self.push_screen(Palette(placeholder="Search for commands"))

    def search_themes(self) -> None:
        """Open the list of themes."""
        self.push_screen(Palette([ThemeProvider], placeholder="Search for themes"))

    def get_driver_class(self) -> type[Driver]:
        """The platform's driver, made to outlive a terminal that is closed."""
        return outliving(super().get_driver_class())

    def on_mount(self) -> None:
        """Show the first frame, then begin."""
        self.push_screen(self.main_screen)
        self._handle_signals()
        if self.stray is not None:
            self.stray.take_over()
        self.set_interval(1 / self.pulls_per_second, self._look)
        self.set_timer(SETTLED_SECONDS, self._settle)
        self.call_after_refresh(self.begin)

    def on_unmount(self) -> None:
        """Let go of what belonged to this screen: training may go on in another."""
        gc.unfreeze()

    def hear(self, lines: list[str]) -> None:
        """Show what others in this process print; nothing need be done."""

    def on_run_changed(self) -> None:
        """See at once what a session's thread says is worth seeing."""
        self.pull()

    def pop_screen(self) -> AwaitComplete:
        """Close what lies on the main screen, which itself stays.

        A dialog that is dismissed twice in one moment would else take it away.
        """
        return AwaitComplete() if self.screen is self.main_screen else super().pop_screen()

    def action_ask_to_quit(self) -> None:
        """Leave."""
        self.exit(return_code=0)

    def action_insist_on_quitting(self) -> None:
        """Leave; where there is a question, a second time is an answer: yes."""
        self.action_ask_to_quit()

    def on_signal(self, number: int) -> None:
        """Leave with 128 + ``number``."""
        self.exit(return_code=128 + number)

    def wake(self) -> None:
        """Look for news soon; the one call into Textual that any thread may make."""
        self.post_message(RunChanged())

    def _look(self) -> None:
        if self.stray is not None and (lines := self.stray.news()):
            self.hear(lines)
        if self.is_due():
            self.pull()

    def _settle(self) -> None:
        """Take what is there by now out of the garbage collector's sight.

        A full collection looks at 100,000 objects then, most of them modules and style sheets that
        stay for good. It comes every few seconds, takes 30 to 70 ms, and keys wait.
        """
        gc.collect()
        gc.freeze()

    def _handle_signals(self) -> None:
        loop = asyncio.get_running_loop()
        for number in STOP_SIGNALS:
            try:
                loop.add_signal_handler(number, self.on_signal, int(number))
            except (NotImplementedError, RuntimeError, ValueError):
                return  # Windows, or not the main thread: Textual's own handling stays
