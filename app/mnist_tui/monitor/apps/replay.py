"""The monitor of a run that nobody trains: it goes about in the run's time."""

from __future__ import annotations

from typing import NamedTuple

from mnist_engine.errors import BadInput
from mnist_engine.recipes import AnyRecipe, recipe_from_text
from mnist_engine.recipes.overrides import override
from mnist_engine.runs.checkpoints import Saved, nearest_whole
from mnist_engine.runs.directory import RunDirectory
from mnist_tui.monitor.apps.run import RunApp
from mnist_tui.monitor.screens.branch import BranchDialog
from mnist_tui.monitor.screens.replay import ReplayScreen
from mnist_tui.monitor.sessions.replay import Replay
from mnist_tui.monitor.standing import standing_of
from mnist_tui.monitor.themes import DEFAULT_THEME
from mnist_tui.terminal import RenderMode


class Branching(NamedTuple):
    """A run to be: its recipe, and the checkpoint of this one from which it begins."""

    recipe: AnyRecipe
    saved: Saved


class ReplayApp(RunApp):
    """Shows a run that nobody trains at any of its steps.

    After ``run()``, ``branching`` says what a person wants to train from there on; None where
    nobody does.
    """

    def __init__(
        self, run: RunDirectory, mode: RenderMode | None = None, theme: str = DEFAULT_THEME
    ) -> None:
        super().__init__(theme)
        self.branching: Branching | None = None
        self._run = run
        self._mode = mode or RenderMode()
        self.session: Replay = Replay(run, self.wake)
        self.run_screen = ReplayScreen(self.session, self._mode, standing_of(run, "replay"))

    def action_branch(self, step: int) -> None:
        """Ask what shall be otherwise, and leave to train it from the nearest checkpoint."""
        try:
            saved = nearest_whole(self._run, step)
            recipe = recipe_from_text(saved.details.recipe, str(self._run.recipe))
        except BadInput as error:
            self.notify(str(error), title="No branch", severity="error", markup=False)
            return

        def change(settings: list[str]) -> AnyRecipe:
            return override(recipe, settings=settings)

        def begin(changed: AnyRecipe | None) -> None:
            if changed is not None:
                self.branching = Branching(changed, saved)
                self.exit(return_code=0)

        at = saved.details.progress.steps
        self.push_screen(BranchDialog(self._mode, at, recipe, change), begin)
