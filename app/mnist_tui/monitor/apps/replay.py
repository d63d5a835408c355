"""The monitor of a run that nobody trains: it goes about in the run's time."""

from __future__ import annotations

from typing import Any, NamedTuple

from mnist_engine.errors import BadInput
from mnist_engine.recipes import AnyRecipe, recipe_from_text
from mnist_engine.recipes.overrides import override
from mnist_engine.runs.beginning import check_branch
from mnist_engine.runs.checkpoints import Saved, nearest_whole
from mnist_engine.runs.directory import RunDirectory
from mnist_tui.figures import counted
from mnist_tui.monitor.apps.run import RunApp
from mnist_tui.monitor.looking import SavedNetworks
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
        self._networks = SavedNetworks(run)
        standing = standing_of(run, "replay")
        self.run_screen = ReplayScreen(self.session, self._mode, standing, self._networks)

    def run(self, *args: Any, **kwargs: Any) -> None:
        """Run the app until the person leaves."""
        try:
            super().run(*args, **kwargs)
        finally:
            self._networks.close()

    def action_branch(self, step: int) -> None:
        """Ask what shall be otherwise, and leave to train it from the nearest checkpoint.

        The last one is taken at the end of the run alone: there whoever asks wants to train longer.
        """
        whole = self.session.whole
        started = None if whole is None else whole.started
        end = None if started is None else started.total_steps
        try:
            saved = nearest_whole(self._run, step, None if step == end else end)
            recipe = recipe_from_text(saved.details.recipe, str(self._run.recipe))
        except BadInput as error:
            self.notify(str(error), title="No branch", severity="error", markup=False)
            return
        at = saved.details.progress.steps

        def change(settings: list[str]) -> AnyRecipe:
            changed = override(recipe, settings=settings)
            check_branch(changed, recipe)
            if started is not None and changed.data == recipe.data:  # else only the trainer knows
                check_steps_left(at, changed.epochs, started.steps_per_epoch)
            return changed

        def begin(changed: AnyRecipe | None) -> None:
            if changed is not None:
                self.branching = Branching(changed, saved)
                self.exit(return_code=0)

        over = end is not None and at >= end
        self.push_screen(BranchDialog(self._mode, saved.details, recipe, over, change), begin)


def check_steps_left(step: int, epochs: int, steps_per_epoch: int) -> None:
    """Raises BadInput where ``epochs`` end at ``step`` or before."""
    end = epochs * steps_per_epoch
    if end <= step:
        raise BadInput(
            f"{counted(epochs, 'epoch')} end{'s' * (epochs == 1)} at step {end:,}: nothing would "
            f"be left to be trained from step {step:,} on; give it more"
        )
