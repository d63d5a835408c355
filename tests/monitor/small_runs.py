"""A run of small networks that is over, for screens that look into its checkpoints."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from mnist_engine.data.dataset import Dataset
from mnist_engine.recipes import AnyRecipe
from mnist_engine.runs.directory import RunDirectory, create_run
from mnist_engine.runs.record import Keeping, record
from mnist_engine.training import make_trainer
from mnist_engine.training.control import TrainControl
from mnist_tui.monitor.apps.replay import ReplayApp
from mnist_tui.terminal import RenderMode

from .desk import Desk


class Nobody:
    """Stands for the trainer of a run that is not trained here."""

    control = TrainControl()


def train_and_keep(recipe: AnyRecipe, dataset: Dataset, path: Path) -> RunDirectory:
    """A run of 8 steps that has come to its end."""
    run = create_run(recipe, path)
    for _ in record(make_trainer(recipe, dataset, TrainControl()), run, Keeping()):
        pass
    return run


@asynccontextmanager
async def replaying(
    run: RunDirectory, size: tuple[int, int], mode: RenderMode | None
) -> AsyncIterator[Desk]:
    """A replay of ``run``, at its end."""
    app = ReplayApp(run, mode)
    async with app.run_test(size=size, notifications=True) as pilot:
        desk = Desk(app, pilot, Nobody())
        await desk.until(lambda: app.session.whole is not None)
        await desk.sees("replay ")
        yield desk
