"""The monitor: a full-screen view of a training run, and the keys that steer it."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, ClassVar

from textual.app import App
from textual.await_complete import AwaitComplete
from textual.binding import Binding, BindingType
from textual.driver import Driver

from mnist_engine.errors import BadInput
from mnist_engine.runs.state import Snapshot
from mnist_engine.training.control import TrainControl
from mnist_engine.training.events import Event
from mnist_tui.monitor.commands import CommandProvider
from mnist_tui.monitor.driver import outliving
from mnist_tui.monitor.messages import RunChanged
from mnist_tui.monitor.screens.quit import QuitDialog
from mnist_tui.monitor.screens.training import TrainingScreen
from mnist_tui.monitor.session import Session
from mnist_tui.monitor.standing import Standing
from mnist_tui.monitor.themes import OWN_THEMES
from mnist_tui.terminal import RenderMode

PULLS_PER_SECOND = 5
"""Each look redraws what changed; training would like to have those milliseconds for itself."""

STOP_SIGNALS = ("SIGINT", "SIGTERM", "SIGHUP")


class MonitorApp(App[None]):
    """Trains in a thread, shows how it goes, and lets a person steer.

    ``open_events`` returns the run's iterator of events; it is called and iterated in one worker
    thread, so it may load data. ``control`` is the one that the trainer obeys.

    After ``run()``, ``return_code`` is 0 for a run that was completed or stopped, 1 for one that
    failed or diverged, 2 where the failure is ``BadInput``, and 128 + n after signal n. ``failure``
    is the exception that ended training, if one did.
    """

    ENABLE_COMMAND_PALETTE = True
    COMMANDS = {CommandProvider}  # noqa: RUF012 (Textual declares it so)
    CSS_PATH = "app.tcss"
    TITLE = "mnist-tui"
    # Textual's own two ways out lead to our question; they work on every screen.
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+q,ctrl+c", "insist_on_quitting", show=False, priority=True)
    ]

    def __init__(
        self,
        open_events: Callable[[], Iterable[Event]],
        control: TrainControl,
        run_directory: Path,
        mode: RenderMode | None = None,
        title: str = "",
        theme: str = "mnist-dark",
    ) -> None:
        super().__init__()
        self.control = control
        self.mode = mode or RenderMode()
        self.session = Session(open_events, self._wake)
        for own in OWN_THEMES:
            self.register_theme(own)
        self.theme = theme
        self._standing = Standing(run_directory, title)
        self._leaving: int | None = None  # the return code that a person or a signal asked for
        self._seen: tuple[int, bool] = (-1, False)
        self._screen = TrainingScreen(control, self.mode, self._standing)

    @property
    def failure(self) -> Exception | None:
        """What ended training, if it was not the trainer's own end."""
        return self.session.failure

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """Colours that our style sheets name, for themes that are not ours."""
        return {"frame": self.current_theme.panel or "#808080"}

    def get_driver_class(self) -> type[Driver]:
        """The platform's driver, made to outlive a terminal that is closed."""
        return outliving(super().get_driver_class())

    def run(self, *args: Any, **kwargs: Any) -> None:
        """Run the app until the person leaves; the training thread has ended when this returns.

        Should the app itself break, the run is stopped and saved all the same.
        """
        try:
            super().run(*args, **kwargs)
        finally:
            if not self._forced:
                self.control.stop(source="exit")
                self.session.join()
            if self._leaving is not None and self._leaving > 128:
                self._return_code = self._leaving  # a closed terminal also breaks Textual's input

    _forced = False  # whether a second signal came before the weights were saved

    def on_mount(self) -> None:
        """Show the first frame, then begin."""
        self.push_screen(self._screen)
        self._handle_signals()
        self.set_interval(1 / PULLS_PER_SECOND, self.pull)
        self.call_after_refresh(self.session.start)

    def on_run_changed(self) -> None:
        """See at once what the training thread says is worth seeing."""
        self.pull()

    def pull(self) -> None:
        """Look at the latest snapshot; do nothing if it was seen before."""
        ended = self.session.ended  # asked first: what is read next is then the last word
        snapshot = self.session.latest
        if self._seen != (snapshot.version, ended):
            newly_ended = ended and not self._seen[1]
            self._seen = (snapshot.version, ended)
            self._screen.show(snapshot, self._failure_line(), ended)
            if newly_ended:
                self._on_end(snapshot)

    def pop_screen(self) -> AwaitComplete:
        """Close what lies on the training screen, which itself stays.

        A dialog that is dismissed twice in one moment would else take it away.
        """
        return AwaitComplete() if self.screen is self._screen else super().pop_screen()

    def action_insist_on_quitting(self) -> None:
        """Ask, as below; a second time is an answer: yes."""
        if isinstance(self.screen, QuitDialog) and not self.session.ended:
            self.screen.dismiss(True)
        else:
            self.action_ask_to_quit()

    def action_ask_to_quit(self) -> None:
        """Leave, after a question where training still runs."""
        if self.session.ended:
            self.exit(return_code=self._code_of_end(self.session.latest))
        elif self._leaving is None and not isinstance(self.screen, QuitDialog):
            self.push_screen(
                QuitDialog(self.mode, self._standing.run_directory), self._on_quit_answer
            )

    def on_signal(self, number: int) -> None:
        """Stop, save, then leave with 128 + ``number``. The second signal leaves at once."""
        if self._leaving is not None and self._leaving > 128:
            self._forced = True
            self.exit(return_code=128 + number)
            return
        self._leave(128 + number, source="signal")

    def _on_quit_answer(self, stop: bool | None) -> None:
        if stop and not self.session.ended:
            self._leave(0, source="key")
        elif stop:
            self.exit(return_code=self._code_of_end(self.session.latest))

    def _leave(self, return_code: int, source: str) -> None:
        self._leaving = return_code
        self.control.stop(source=source)
        if self.session.ended:
            self.exit(return_code=return_code)
        else:
            self._screen.ask("saving")

    def _on_end(self, snapshot: Snapshot) -> None:
        if self._leaving is not None and (self.failure is None or self._leaving > 128):
            self.exit(return_code=self._leaving)
        elif isinstance(self.screen, QuitDialog):
            self.screen.dismiss(False)  # there is nothing left to stop

    def _code_of_end(self, snapshot: Snapshot) -> int:
        if self.failure is not None:
            return 2 if isinstance(self.failure, BadInput) else 1
        return 1 if snapshot.phase == "diverged" else 0

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
