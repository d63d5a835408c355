"""The pictures: digits that a generator made, or that a classifier judged."""

from __future__ import annotations

import numpy as np
from textual.strip import Strip

from mnist_engine.runs.state import Snapshot
from mnist_engine.training.events import SamplesDrawn, Task
from mnist_tui.monitor.widgets.panel import Panel
from mnist_tui.render.digits import DigitColours, Digits
from mnist_tui.render.sheet import digit_strips
from mnist_tui.terminal import RenderMode


class DigitGrid(Panel):
    """The newest samples, as large as they fit."""

    def __init__(
        self, mode: RenderMode, task: Task | None = None, *, id: str | None = None
    ) -> None:
        super().__init__(mode, id=id)
        self._run_task = task  # where it is known before a snapshot says so
        self._snapshot = Snapshot()
        self._first: int | None = None

    def expect(self, step: int | None) -> None:
        """Say, before that, that the first digits are at ``step``."""
        if step != self._first:
            self._first = step
            self.redraw()

    def show(self, snapshot: Snapshot) -> None:
        """Draw the samples of ``snapshot``."""
        before, self._snapshot = self._snapshot, snapshot
        if before.samples != snapshot.samples or before.started != snapshot.started:
            self.redraw()

    def draw(self, width: int, height: int) -> list[Strip]:
        """The grid, or what it waits for."""
        snapshot, samples, palette = self._snapshot, self._snapshot.samples, self.palette
        gan = (snapshot.started.task if snapshot.started else self._run_task) != "classify"
        self.set_title(_titles(gan, samples))
        if samples is None or not samples.images:
            first = f"first digits at step {self._first:,}" if self._first else "no digits yet"
            return self.message(first, width, height)
        images = np.frombuffer(samples.images, dtype=np.uint8)
        digits = Digits(
            images.reshape(samples.count, *samples.image_shape),
            samples.columns,
            samples.captions,
            samples.wrong,
        )
        colours = DigitColours(
            palette.paper, palette.ink, palette.background, palette.quiet, palette.bad
        )
        return digit_strips(digits, width, height, colours, self.mode)


def _titles(gan: bool, samples: SamplesDrawn | None) -> tuple[str, ...]:
    name = "Generated digits" if gan else "Validation digits"
    if samples is None:
        return (name,)
    when = f"epoch {samples.epoch}"
    if samples.wrong:
        mistakes = sum(samples.wrong)
        told = f"{mistakes} of {samples.count} wrong" if mistakes else "none wrong"
        return (f"{name}, {when}: {told}", f"{name}, {when}", name)
    return (f"{name}, {when}", name)
