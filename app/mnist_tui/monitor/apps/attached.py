"""The monitor of a run that another process trains."""

from __future__ import annotations

from typing import Any

from mnist_engine.runs.directory import RunDirectory
from mnist_engine.runs.inbox import RemoteControl
from mnist_tui.monitor.apps.run import RunApp
from mnist_tui.monitor.looking import SavedNetworks
from mnist_tui.monitor.pace import Pace
from mnist_tui.monitor.screens.quit import QuitDialog
from mnist_tui.monitor.screens.training import TrainingScreen
from mnist_tui.monitor.sessions.following import Following
from mnist_tui.monitor.standing import standing_of
from mnist_tui.monitor.themes import DEFAULT_THEME
from mnist_tui.terminal import RenderMode


class AttachedApp(RunApp):
    """Follows a run that another process trains, and passes on what a person asks of it."""

    pulls_per_second = 2  # to look costs that process nothing that can be measured

    def __init__(
        self, run: RunDirectory, mode: RenderMode | None = None, theme: str = DEFAULT_THEME
    ) -> None:
        super().__init__(theme, Pace(elsewhere=True))
        mode = mode or RenderMode()
        control = RemoteControl(run)
        self.session: Following = Following(run, control, self.wake)
        self._networks = SavedNetworks(run)
        standing = standing_of(run, "attached")
        self.run_screen = TrainingScreen(control, mode, standing, self._networks)

    def run(self, *args: Any, **kwargs: Any) -> None:
        """Run the app until the person leaves."""
        try:
            super().run(*args, **kwargs)
        finally:
            self._networks.close()
            self.session.leave()
            self.session.join()

    def on_end(self) -> None:
        """An open question has nothing left to stop."""
        if isinstance(self.screen, QuitDialog):
            self.screen.dismiss(False)
