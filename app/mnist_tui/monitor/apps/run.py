"""A full-screen view of one run."""

from __future__ import annotations

from mnist_engine.errors import BadInput
from mnist_engine.runs.state import Snapshot
from mnist_tui.monitor.apps.viewing import ViewingApp
from mnist_tui.monitor.pace import Pace
from mnist_tui.monitor.screens.run import RunScreen
from mnist_tui.monitor.sessions.session import Session
from mnist_tui.monitor.themes import DEFAULT_THEME


class RunApp(ViewingApp):
    """Shows what ``session`` sees on ``run_screen``; both are made by the subclass.

    After ``run()``, ``failure`` is the exception that ended the session, if one did.
    """

    session: Session
    run_screen: RunScreen

    def __init__(self, theme: str = DEFAULT_THEME, pace: Pace | None = None) -> None:
        super().__init__(theme)
        self._seen: tuple[Snapshot | None, bool] = (None, False)
        self._pace = pace or Pace()

    @property
    def main_screen(self) -> RunScreen:
        """The run's."""
        return self.run_screen

    @property
    def failure(self) -> Exception | None:
        """What ended the session, if it was not its own end."""
        return self.session.failure

    def begin(self) -> None:
        """Start the session."""
        self.session.start()

    def is_due(self) -> bool:
        """Training would like to have the time that drawing takes."""
        return self._pace.is_due(self.run_screen.snapshot.phase == "training")

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

    def hear(self, lines: list[str]) -> None:
        """What is printed stands in the log."""
        self.run_screen.hear(lines)

    def on_end(self) -> None:
        """Nothing more comes from the session."""

    def _failure_line(self) -> str:
        failure = self.failure
        if failure is None:
            return ""
        text = " ".join(str(failure).split())
        return text if isinstance(failure, BadInput) else f"{type(failure).__name__}: {text}"
