"""Several runs on one screen, those that still train as they go on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from mnist_engine.recipes import AnyRecipe
from mnist_engine.runs.directory import RunDirectory
from mnist_engine.runs.inbox import RemoteControl
from mnist_tui.compare.screen import CompareScreen
from mnist_tui.monitor.apps.viewing import ViewingApp
from mnist_tui.monitor.sessions.following import Following
from mnist_tui.monitor.themes import DEFAULT_THEME
from mnist_tui.terminal import RenderMode

PATIENCE = 1.0
"""Seconds to wait for a thread that only reads: a disk that hangs is no reason to stay."""


class CompareApp(ViewingApp):
    """Follows the logs of ``runs``, one thread a run; leaving it changes nothing for them."""

    def __init__(
        self,
        runs: Sequence[RunDirectory],
        recipes: Sequence[AnyRecipe],
        mode: RenderMode | None = None,
        theme: str = DEFAULT_THEME,
    ) -> None:
        super().__init__(theme)
        self.sessions = [Following(run, RemoteControl(run), self.wake) for run in runs]
        names = [run.path.resolve().name for run in runs]
        self._screen = CompareScreen(names, recipes, mode or RenderMode())
        self._seen: tuple[object, ...] = ()

    @property
    def main_screen(self) -> CompareScreen:
        """The comparison."""
        return self._screen

    def run(self, *args: Any, **kwargs: Any) -> None:
        """Run the app until the person leaves."""
        try:
            super().run(*args, **kwargs)
        finally:
            self.leave()

    def leave(self) -> None:
        """Follow the logs no further."""
        for session in self.sessions:
            session.leave()
        for session in self.sessions:
            session.join(PATIENCE)

    def begin(self) -> None:
        """Read the logs."""
        for session in self.sessions:
            session.start()

    def pull(self) -> None:
        """Show the newest snapshots, if any is new."""
        states = [_state(session) for session in self.sessions]
        snapshots = [session.latest for session in self.sessions]
        seen = (*states, *(snapshot.version for snapshot in snapshots))
        if seen != self._seen:
            self._seen = seen
            self._screen.show(snapshots, states)


def _state(session: Following) -> str:
    """Where a run stands, in the words of the list of runs."""
    if session.failure is not None:
        return "damaged"
    phase = session.latest.phase
    if phase not in ("starting", "training", "paused"):
        return phase
    if session.ended:
        return "crashed"
    return "running" if phase == "training" else phase
