"""The monitor: a full-screen view of a training run, and the keys that steer it."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, NamedTuple

from mnist_engine.errors import BadInput
from mnist_engine.runs.checkpoints import Saved
from mnist_engine.runs.directory import RunDirectory
from mnist_engine.runs.going_back import last_good
from mnist_engine.training.control import TrainControl
from mnist_engine.training.events import Event, Task
from mnist_tui.monitor.apps.run import RunApp
from mnist_tui.monitor.guiding.card import Course
from mnist_tui.monitor.looking import LiveNetworks
from mnist_tui.monitor.screens.quit import QuitDialog
from mnist_tui.monitor.screens.training import TrainingScreen
from mnist_tui.monitor.sessions.session import TrainingSession
from mnist_tui.monitor.standing import Standing
from mnist_tui.monitor.themes import DEFAULT_THEME
from mnist_tui.terminal import RenderMode

HANGUP = getattr(signal, "SIGHUP", None)
"""The terminal is gone; Windows knows no such signal."""


class Goal(NamedTuple):
    """The checkpoint from which training is to begin again; None for the very beginning."""

    saved: Saved | None

    @property
    def words(self) -> str:
        """What is done there."""
        if self.saved is None:
            return "begins anew, with half the learning rate"
        step = self.saved.details.progress.steps
        return f"goes back to step {step:,}, with half the learning rate"


class MonitorApp(RunApp):
    """Trains in a thread, shows how it goes, and lets a person steer.

    Where there is a ``course``, its cards lie on the screen; where not, ``offers_tour`` says in a
    quiet word that there is a tour.

    ``open_events`` returns the run's iterator of events; it is called and iterated in one worker
    thread, so it may load data. ``control`` is the one that the trainer obeys. ``task`` is known
    before the first event, so that the screen has its panels from the beginning.

    After ``run()``, ``return_code`` is 0 for a run that was completed or stopped, 1 for one that
    failed or diverged, 2 where the failure is ``BadInput``, and 128 + n after signal n. ``failure``
    is the exception that ended training, if one did. ``going_back`` says from where a person wants
    to train again what has diverged; None where nobody does.
    """

    def __init__(
        self,
        open_events: Callable[[], Iterable[Event]],
        control: TrainControl,
        run_directory: Path,
        mode: RenderMode | None = None,
        title: str = "",
        theme: str = DEFAULT_THEME,
        task: Task | None = None,
        course: Course | None = None,
        offers_tour: bool = False,
    ) -> None:
        super().__init__(theme)
        self.control = control
        self.mode = mode or RenderMode()
        self.session = TrainingSession(open_events, self.wake)
        self.run_directory = run_directory
        self.own_run = RunDirectory(run_directory)
        self.run_screen = TrainingScreen(
            control,
            self.mode,
            Standing(run_directory, title, task=task),
            LiveNetworks(control.questions),
        )
        self.run_screen.course = course
        self.run_screen.offers_tour = offers_tour and course is None
        self.going_back: Goal | None = None
        self._goal: Goal | None = None  # where one could go back to
        self._leaving: int | None = None  # the return code that a person or a signal asked for
        self._forced = False  # whether a second signal came before the weights were saved

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

    def action_insist_on_quitting(self) -> None:
        """Ask, as below; a second time is an answer: yes."""
        if isinstance(self.screen, QuitDialog) and not self.session.ended:
            self.screen.dismiss(True)
        else:
            self.action_ask_to_quit()

    def action_ask_to_quit(self) -> None:
        """Leave, after a question where training still runs."""
        if self.session.ended:
            self.exit(return_code=self._code_of_end())
        elif self._leaving is None and not isinstance(self.screen, QuitDialog):
            failed = self.session.latest.saving_failed
            refused = failed.reason if failed else ""
            dialog = QuitDialog(self.mode, self.run_directory, refused)
            self.push_screen(dialog, self._on_quit_answer)

    def on_signal(self, number: int) -> None:
        """Stop, save, then leave with 128 + ``number``. The second signal leaves at once.

        That is but for a hangup: one closed window may send two of them, and nobody insists.
        """
        if self._leaving is not None and self._leaving > 128:
            if number != HANGUP:
                self._forced = True
                self.exit(return_code=128 + number)
            return
        self._leave(128 + number, source="signal")

    def on_end(self) -> None:
        """Leave where that was asked for."""
        if self._leaving is not None and (self.failure is None or self._leaving > 128):
            self.exit(return_code=self._leaving)
        elif isinstance(self.screen, QuitDialog):
            self.screen.dismiss(False)  # there is nothing left to stop
        self._offer_the_way_back()

    def action_go_back(self) -> None:
        """Leave, to train again from before training diverged."""
        if self._goal is not None and self.session.ended:
            self.going_back = self._goal
            self.exit(return_code=0)

    def _offer_the_way_back(self) -> None:
        """Where training has diverged: say from where it can go on, with lower learning rates."""
        run, end = RunDirectory(self.run_directory), self.session.latest
        if end.phase != "diverged" or not run.recipe.exists() or self._leaving is not None:
            return
        self._goal = Goal(last_good(run, end))
        self.run_screen.stand(way_back=self._goal.words)

    def _on_quit_answer(self, stop: bool | None) -> None:
        if stop and not self.session.ended:
            self._leave(0, source="key")
        elif stop:
            self.exit(return_code=self._code_of_end())

    def _leave(self, return_code: int, source: str) -> None:
        self._leaving = return_code
        self.control.stop(source=source)
        if self.session.ended:
            self.exit(return_code=return_code)
        else:
            self.run_screen.stand(asked="saving")

    def _code_of_end(self) -> int:
        if self.failure is not None:
            return 2 if isinstance(self.failure, BadInput) else 1
        return 1 if self.session.latest.phase == "diverged" else 0
