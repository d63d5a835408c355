"""What every full-screen view of a run is made of: themes, keys, signals, and looking for news."""

from __future__ import annotations

import asyncio
import signal
from typing import ClassVar

from textual.app import App
from textual.await_complete import AwaitComplete
from textual.binding import Binding, BindingType
from textual.driver import Driver

from mnist_engine.errors import BadInput
from mnist_engine.runs.state import Snapshot
from mnist_tui.monitor.commands import CommandProvider
from mnist_tui.monitor.driver import outliving
from mnist_tui.monitor.messages import RunChanged
from mnist_tui.monitor.screens.run import RunScreen
from mnist_tui.monitor.session import Session
from mnist_tui.monitor.themes import OWN_THEMES

PULLS_PER_SECOND = 5
"""Each look redraws what changed; training would like to have those milliseconds for itself."""

STOP_SIGNALS = ("SIGINT", "SIGTERM", "SIGHUP")

DEFAULT_THEME = "mnist-dark"


class RunApp(App[None]):
    """Shows what ``session`` sees on ``run_screen``; both are made by the subclass.

    The subclass also says what leaving means: in :meth:`action_ask_to_quit` and :meth:`on_signal`.
    After ``run()``, ``failure`` is the exception that ended the session, if one did.
    """

    session: Session
    run_screen: RunScreen

    ENABLE_COMMAND_PALETTE = True
    COMMANDS = {CommandProvider}  # noqa: RUF012 (Textual declares it so)
    CSS_PATH = "app.tcss"
    TITLE = "mnist-tui"
    # Textual's own two ways out lead to ours; they work on every screen.
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+q,ctrl+c", "insist_on_quitting", show=False, priority=True)
    ]

    def __init__(self, theme: str = DEFAULT_THEME) -> None:
        super().__init__()
        for own in OWN_THEMES:
            self.register_theme(own)
        self.theme = theme
        self._seen: tuple[Snapshot | None, bool] = (None, False)

    @property
    def failure(self) -> Exception | None:
        """What ended the session, if it was not its own end."""
        return self.session.failure

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """Colours that our style sheets name, for themes that are not ours."""
        return {"frame": self.current_theme.panel or "#808080"}

    def get_driver_class(self) -> type[Driver]:
        """The platform's driver, made to outlive a terminal that is closed."""
        return outliving(super().get_driver_class())

    def on_mount(self) -> None:
        """Show the first frame, then begin."""
        self.push_screen(self.run_screen)
        self._handle_signals()
        self.set_interval(1 / PULLS_PER_SECOND, self.pull)
        self.call_after_refresh(self.session.start)

    def on_run_changed(self) -> None:
        """See at once what the session's thread says is worth seeing."""
        self.pull()

    def pull(self) -> None:
        """Look at the latest snapshot; do nothing if it was seen before."""
        ended = self.session.ended  # asked first: what is read next is then the last word
        snapshot = self.session.latest
        seen, had_ended = self._seen
        if snapshot is not seen or ended != had_ended:
            self._seen = (snapshot, ended)
            self.run_screen.show(snapshot, self._failure_line(), ended)
            if ended and not had_ended:
                self.on_end()

    def on_end(self) -> None:
        """Nothing more comes from the session."""

    def pop_screen(self) -> AwaitComplete:
        """Close what lies on the run's screen, which itself stays.

        A dialog that is dismissed twice in one moment would else take it away.
        """
        return AwaitComplete() if self.screen is self.run_screen else super().pop_screen()

    def action_ask_to_quit(self) -> None:
        """Leave, after a question if that would end training."""
        raise NotImplementedError

    def action_insist_on_quitting(self) -> None:
        """Leave; where there is a question, a second time is an answer: yes."""
        self.action_ask_to_quit()

    def on_signal(self, number: int) -> None:
        """Leave with 128 + ``number``."""
        raise NotImplementedError

    def _failure_line(self) -> str:
        failure = self.failure
        if failure is None:
            return ""
        text = " ".join(str(failure).split())
        return text if isinstance(failure, BadInput) else f"{type(failure).__name__}: {text}"

    def _wake(self) -> None:
        self.post_message(RunChanged())  # the one call into Textual that any thread may make

    def _handle_signals(self) -> None:
        loop = asyncio.get_running_loop()
        for name in STOP_SIGNALS:
            number = getattr(signal, name, None)
            if number is None:
                continue
            try:
                loop.add_signal_handler(number, self.on_signal, int(number))
            except (NotImplementedError, RuntimeError, ValueError):
                return  # Windows, or not the main thread: Textual's own handling stays
