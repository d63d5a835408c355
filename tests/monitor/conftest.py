"""Monitors to use, and screens to compare."""

from __future__ import annotations

import math
import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from mnist_engine.runs import record as recording
from mnist_engine.runs import restoring
from mnist_engine.runs.directory import RunDirectory
from mnist_engine.training.control import TrainControl
from mnist_engine.training.events import Task
from mnist_tui.monitor import pace
from mnist_tui.monitor.apps.training import MonitorApp
from mnist_tui.monitor.commands import COMMANDS
from mnist_tui.monitor.commands.command import Command
from mnist_tui.monitor.guiding.card import Course
from mnist_tui.terminal import RenderMode

from .desk import Desk
from .real import open_real, trainer_of
from .scripted import DEADLINE, ScriptedTrainer
from .small_runs import replaying, train_and_keep

SNAPSHOTS = Path(__file__).parent / "snapshots"

Monitor = Callable[..., AsyncIterator[Desk]]


@pytest.fixture(autouse=True)
def no_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    """Screens look for news as often as they can: nobody waits longer than need be."""
    monkeypatch.setattr(pace, "LOOKING_SHARE", math.inf)
    monkeypatch.setattr(pace, "VIEWING_SHARE", math.inf)


@pytest.fixture
def monitor() -> Monitor:
    """Open the app on a scripted trainer: ``async with monitor("gan") as desk``.

    Further arguments: ``size``, ``mode``, ``theme``, ``commands``, ``course``, ``offers_tour``, and
    whatever is to be set on the trainer.
    """

    @asynccontextmanager
    async def open_desk(
        task: Task = "gan",
        size: tuple[int, int] = (120, 36),
        mode: RenderMode | None = None,
        theme: str = "mnist-dark",
        commands: tuple[Command, ...] = COMMANDS,
        course: Course | None = None,
        offers_tour: bool = False,
        **settings: object,
    ) -> AsyncIterator[Desk]:
        control = TrainControl()
        trainer = ScriptedTrainer(task, control)
        for name, value in settings.items():
            setattr(trainer, name, value)
        app = MonitorApp(trainer, control, Path("runs/scripted"), mode, theme=theme)
        app.run_screen.course, app.run_screen.offers_tour = course, offers_tour
        app.commands = commands
        try:
            async with app.run_test(size=size, notifications=True) as pilot:
                desk = Desk(app, pilot, trainer)
                if trainer.may_load.is_set():
                    await desk.until(
                        lambda: app.run_screen.snapshot.version >= 2
                    )  # started, first samples
                yield desk
        finally:
            for gate in (trainer.may_load, trainer.may_save):
                gate.set()
            control.stop()
            app.session.join(DEADLINE)
            assert app.session.ended or app.session._thread.ident is None

    return open_desk


@pytest.fixture
def paused(make_recipe: Any, make_dataset: Any) -> Monitor:
    """Open the app on a small real training, paused: ``async with paused("gan") as desk``.

    Further arguments: ``size``, ``mode``, and what is to be otherwise in the recipe.
    """

    def open_desk(
        task: Task,
        size: tuple[int, int] = (120, 36),
        mode: RenderMode | None = None,
        **changes: Any,
    ) -> Any:
        return open_real(trainer_of(make_recipe(task, **changes), make_dataset()), size, mode)

    return open_desk


@pytest.fixture
def small_run(
    make_recipe: Any, make_dataset: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., RunDirectory]:
    """Makes a run of 8 steps with checkpoints at 4 and 8, whose data can be read again."""
    monkeypatch.setattr(recording, "LARGEST_SHARE", math.inf)
    monkeypatch.setattr(restoring, "load_dataset", lambda directory: make_dataset())

    def make(task: Task = "classify") -> RunDirectory:
        return train_and_keep(make_recipe(task), make_dataset(), tmp_path / "small")

    return make


@pytest.fixture
def replayed(small_run: Callable[..., RunDirectory]) -> Monitor:
    """A replay of such a run: ``async with replayed("gan") as desk``."""

    def open_desk(
        task: Task = "classify",
        size: tuple[int, int] = (120, 36),
        mode: RenderMode | None = None,
    ) -> Any:
        return replaying(small_run(task), size, mode)

    return open_desk


@pytest.fixture
def matches_snapshot() -> Callable[[str, str], None]:
    """Compare a screen's text with ``snapshots/<name>.txt``; UPDATE_SNAPSHOTS=1 writes the file."""

    def compare(text: str, name: str) -> None:
        path = SNAPSHOTS / f"{name}.txt"
        if os.environ.get("UPDATE_SNAPSHOTS"):
            path.parent.mkdir(exist_ok=True)
            path.write_text(text + "\n", encoding="utf-8")
        assert path.exists(), f"no snapshot {path}; write it with UPDATE_SNAPSHOTS=1"
        assert text + "\n" == path.read_text(encoding="utf-8")

    return compare


@pytest.fixture
def run(tmp_path: Path) -> RunDirectory:
    """The empty directory of a run."""
    directory = RunDirectory(tmp_path / "a-run")
    directory.path.mkdir()
    return directory
