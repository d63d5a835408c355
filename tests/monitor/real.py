"""A monitor on a small run that is really trained, so that its networks can be looked into."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from mnist_engine.training import TrainControl, Trainer, make_trainer
from mnist_tui.monitor.apps.training import MonitorApp
from mnist_tui.terminal import RenderMode

from .desk import Desk
from .scripted import DEADLINE


class RealDesk(Desk):
    """A desk whose trainer has networks."""

    trainer: Trainer

    def panel(self, name: str) -> Any:
        """A panel of the run's screen."""
        return self.app.run_screen.board.panel(name)

    async def zoom(self, name: str) -> None:
        """Give that panel all of the room."""
        self.panel(name).focus()
        await self.pilot.pause()
        await self.press("enter")
        await self.until(lambda: self.app.run_screen.board.zoomed is not None)


@asynccontextmanager
async def open_real(
    trainer: Trainer, size: tuple[int, int] = (120, 36), mode: RenderMode | None = None
) -> AsyncIterator[RealDesk]:
    """The monitor of ``trainer``, paused before the first step."""
    control = trainer.control
    assert isinstance(control, TrainControl)
    control.pause()
    app = MonitorApp(lambda: trainer, control, Path("runs/real"), mode)
    try:
        async with app.run_test(size=size, notifications=True) as pilot:
            desk = RealDesk(app, pilot, trainer)
            await desk.sees("paused")
            yield desk
    finally:
        control.stop()
        app.session.join(DEADLINE)


def trainer_of(recipe: Any, dataset: Any) -> Trainer:
    """A trainer with a control of its own."""
    return make_trainer(recipe, dataset, TrainControl())
