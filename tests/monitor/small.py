"""A monitor of a small training that is real, for what a scripted one cannot show."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

from mnist_engine.training import Trainer
from mnist_engine.training.events import Event
from mnist_tui.monitor.apps.training import MonitorApp
from mnist_tui.terminal import RenderMode

from .desk import Desk
from .scripted import DEADLINE


class Kept:
    """The events of a trainer, and the one to iterate them."""

    def __init__(self, trainer: Trainer) -> None:
        self.trainer = trainer
        self.events: list[Event] = []

    def __call__(self) -> Iterator[Event]:
        for event in self.trainer:
            self.events.append(event)
            yield event


@asynccontextmanager
async def paused_monitor(
    trainer: Trainer, folder: Path, size: tuple[int, int], mode: RenderMode | None
) -> AsyncIterator[Desk]:
    """The app on ``trainer``, which is paused before its first step."""
    control = trainer.control
    control.pause()
    kept = Kept(trainer)
    task = "gan" if "generator" in trainer.learners else "classify"
    app = MonitorApp(kept, control, folder, mode, task=task)
    try:
        async with app.run_test(size=size, notifications=True) as pilot:
            desk = Desk(app, pilot, trainer)
            desk.events = kept.events
            await desk.sees("paused")
            yield desk
    finally:
        control.stop()
        app.session.join(DEADLINE)
