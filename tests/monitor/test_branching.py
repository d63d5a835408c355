"""From a replay a new run begins at a checkpoint, from which there is something left to train."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import msgspec
import pytest

from mnist_engine.recipes import load_recipe, recipe_text
from mnist_engine.runs.checkpoints import Details, Saved, save_checkpoint
from mnist_engine.runs.directory import RunDirectory
from mnist_engine.training.control import TrainControl
from mnist_engine.training.state import Progress
from mnist_tui.monitor.apps.replay import ReplayApp
from mnist_tui.monitor.screens.branch import BranchDialog

from .desk import Desk
from .scripted import ScriptedTrainer, write_down

RECIPE = msgspec.structs.replace(load_recipe("conditional-dense"), epochs=3)


def save(run: RunDirectory, step: int, factor: float = 1.0) -> None:
    """A checkpoint without weights: nobody trains here."""
    factors = {"discriminator": 1.0, "generator": factor}
    progress = Progress(steps=step, seconds=0.0, streams={}, factors=factors, updates={})
    save_checkpoint(run, Saved({}, Details(progress=progress, recipe=recipe_text(RECIPE), data="")))


@pytest.fixture
def replay(run: RunDirectory) -> Callable[..., AsyncIterator[Desk]]:
    """A replay of 3 epochs of 4 steps, at its end: ``async with replay(steps=(4, 12)) as desk``."""

    @asynccontextmanager
    async def open_desk(
        steps: tuple[int, ...] = (4, 8, 12), size: tuple[int, int] = (80, 24), factor: float = 1.0
    ) -> AsyncIterator[Desk]:
        trainer = ScriptedTrainer("gan", TrainControl())
        trainer.allow(12)
        write_down(trainer, run)
        for step in steps:
            save(run, step, factor)
        app = ReplayApp(run)
        async with app.run_test(size=size, notifications=True) as pilot:
            desk = Desk(app, pilot, trainer)
            await desk.sees("step 12 of 12")
            yield desk

    return open_desk


async def test_near_the_end_it_is_the_nearest_with_steps_left(replay):
    async with replay() as desk:
        await desk.press("left", "b")
        await desk.sees("A new run begins at the nearest checkpoint, step 8.")
        await desk.press("enter")
        assert await desk.left() == 0
        assert desk.app.branching.saved.details.progress.steps == 8
        assert desk.app.branching.recipe == RECIPE


async def test_at_the_end_a_run_is_made_longer(replay):
    async with replay() as desk:
        await desk.press("b")
        await desk.sees("From the end, step 12, a new run needs more epochs.")
        await desk.press("enter")
        assert await desk.left() == 0
        assert desk.app.branching.saved.details.progress.steps == 12
        assert desk.app.branching.recipe.epochs == 6


async def test_where_only_the_end_is_kept_more_epochs_are_asked_for_too(replay):
    async with replay(steps=(12,)) as desk:
        await desk.press("home", "b")
        await desk.sees("From the end, step 12, a new run needs more epochs.")


async def test_too_few_epochs_are_told_at_once(replay):
    async with replay() as desk:
        await desk.press("b", "backspace", "3", "enter")
        await desk.sees("3 epochs end at step 12: nothing would be left to be")
        await desk.press("backspace", "x", "enter")
        await desk.sees("epochs: 'x' is no whole number")
        await desk.press("backspace", "4", "enter")
        assert await desk.left() == 0
        assert desk.app.branching.recipe.epochs == 4


async def test_what_no_checkpoint_can_give_is_told_at_once(replay):
    async with replay() as desk:
        await desk.press("b", "tab", *"seed=5", "enter")
        await desk.sees("seed: chance goes on from where the checkpoint has it")
        assert isinstance(desk.app.screen, BranchDialog)


async def test_the_factor_that_goes_on_is_named_and_a_rate_can_be_changed(replay):
    async with replay(factor=0.5) as desk:
        await desk.press("left", "b")
        await desk.sees(
            "learning rate of the generator (× 0.5 while it stays)",
            "learning rate of the discrimin",
        )
        assert desk.text.count("while it stays") == 1
        await desk.press(*["backspace"] * 5, *"1e-4", "enter")
        assert await desk.left() == 0
        assert desk.app.branching.recipe.generator.optimizer.learning_rate == 1e-4


async def test_all_of_it_is_seen_in_a_small_terminal(replay):
    async with replay() as desk:
        await desk.press("b", "tab", *"seed=5", "enter")
        await desk.sees(
            "From the end", "learning rate of the gen", "epochs,", "other settings", "(--seed)",
            "enter begins, tab next line, esc stays",
        )  # fmt: skip


async def test_a_run_without_a_checkpoint_has_no_branch(replay):
    async with replay(steps=()) as desk:
        await desk.press("b")
        await desk.sees("No branch")
        (told,) = desk.app._notifications  # on the screen a long path breaks the line anywhere
        assert "holds no checkpoint" in told.message
