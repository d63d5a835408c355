"""A desk from which to use a monitor, and to read its screen."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from textual.pilot import Pilot

from mnist_tui.monitor.apps.run import RunApp

from .scripted import DEADLINE, ScriptedTrainer


class Desk:
    """A running monitor with all that belongs to it."""

    def __init__(self, app: RunApp, pilot: Pilot[None], trainer: ScriptedTrainer) -> None:
        self.app = app
        self.pilot = pilot
        self.trainer = trainer
        self.control = trainer.control

    @property
    def snapshot(self):
        """The newest state that the training thread has published."""
        return self.app.session.latest

    @property
    def lines(self) -> list[str]:
        """The screen as text, a string a line."""
        strips = self.app.screen._compositor.render_strips()
        return [strip.text.rstrip() for strip in strips]

    @property
    def text(self) -> str:
        """The screen as text."""
        return "\n".join(self.lines)

    async def until(self, condition: Callable[[], object]) -> None:
        """Let the app work until ``condition`` holds; fail after a deadline, showing the screen."""
        deadline = time.monotonic() + DEADLINE
        while not condition():
            if time.monotonic() > deadline:
                pytest.fail(f"waited in vain; the screen shows\n{self.text}")
            await self.pilot.pause()

    async def sees(self, *words: str) -> None:
        """Wait until all ``words`` stand on the screen."""
        await self.until(lambda: all(word in self.text for word in words))

    async def press(self, *keys: str) -> None:
        """Press keys."""
        await self.pilot.press(*keys)

    async def train(self, steps: int) -> None:
        """Let the trainer do ``steps`` steps and wait for the screen to show them."""
        goal = self.trainer._step + steps
        self.trainer.allow(steps)
        await self.sees(f"{goal}/")

    async def left(self) -> int | None:
        """Wait until the app is gone, and tell its return code."""
        await self.until(lambda: not self.app.is_running or self.app._exit)
        return self.app.return_code
