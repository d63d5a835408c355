"""Processor time of drawing the monitor's screen, in this process."""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import Callable
from pathlib import Path

from in_terminal import COLUMNS, LINES

from mnist_engine.data.dataset import load_dataset
from mnist_engine.recipes import load_recipe
from mnist_engine.recipes.overrides import override
from mnist_engine.training import TrainControl, make_trainer
from mnist_tui.monitor.apps.training import MonitorApp
from mnist_tui.monitor.widgets.canvas import Canvas

STEPS = 200
"""That are trained before: a plot has as many points then as it has room for."""

REPEATS = 30


async def redraws(recipe_name: str, threads: int) -> tuple[float, dict[str, float]]:
    """Medians in seconds: all of the screen to the bytes that a terminal takes, and by widget."""
    recipe = override(load_recipe(recipe_name), threads=threads, epochs=1000)
    control = TrainControl()
    trainer = make_trainer(recipe, load_dataset(recipe.data.directory), control)
    app = MonitorApp(lambda: trainer, control, Path("run"), task=recipe.task)
    try:
        async with app.run_test(size=(COLUMNS, LINES)) as pilot:
            await until(app, lambda: app.run_screen.snapshot.step >= STEPS)
            control.pause()
            await until(app, lambda: app.run_screen.snapshot.phase == "paused")
            await pilot.pause()
            canvases = [one for one in app.screen.query(Canvas) if one.display and one.size]
            screen = app.screen

            def draw_all() -> None:
                for canvas in canvases:
                    canvas.redraw()
                update = screen._compositor.render_update(full=True)
                update.render_segments(app.console)

            names = {panel: f"panel {panel.number}" for panel in app.run_screen.board.panels}
            widgets = {
                f"{names.get(one, '')} {type(one).__name__}".strip(): cost(one.redraw)
                for one in canvases
            }
            return cost(draw_all), widgets
    finally:
        control.stop()
        app.session.join()


async def until(app: MonitorApp, condition: Callable[[], bool]) -> None:
    """Wait for something that training brings about."""
    while not condition():
        if app.session.ended:
            raise SystemExit(f"training has ended: {app.failure}")
        await asyncio.sleep(0.05)


def cost(draw: Callable[[], object]) -> float:
    """The median of its processor time, in seconds."""
    times = []
    for _ in range(REPEATS):
        begin = time.thread_time()
        draw()
        times.append(time.thread_time() - begin)
    return statistics.median(times)
