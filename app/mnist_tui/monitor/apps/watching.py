"""Looking at a run that this process does not train."""

from __future__ import annotations

from mnist_engine.errors import BadInput
from mnist_engine.runs.directory import RunDirectory
from mnist_engine.runs.finding import name_of
from mnist_engine.training.events import Task
from mnist_tui.monitor.apps.run import RunApp
from mnist_tui.monitor.standing import Place, Standing


class WatchingApp(RunApp):
    """Leaving it changes nothing for the run."""

    def action_ask_to_quit(self) -> None:
        """Leave."""
        self.exit(return_code=0)

    def on_signal(self, number: int) -> None:
        """Leave with 128 + ``number``."""
        self.exit(return_code=128 + number)


def standing_of(run: RunDirectory, place: Place) -> Standing:
    """How things stand before anything was read."""
    return Standing(run.path, run.path.resolve().name, place, name_of(run), task=_task_of(run))


def _task_of(run: RunDirectory) -> Task | None:
    try:
        return run.read_recipe().task
    except BadInput:
        return None  # the log will say, and whoever needs the recipe what is wrong with it
