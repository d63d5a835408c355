"""The pictures: digits that a generator made, or that a classifier judged."""

from __future__ import annotations

import numpy as np
from textual.strip import Strip

from mnist_engine.runs.state import Snapshot
from mnist_engine.training.events import SamplesDrawn, Task
from mnist_tui.monitor.panels.panel import RunPanel
from mnist_tui.render.digits import Digits
from mnist_tui.render.pixels import DigitColours
from mnist_tui.render.sheet import digit_strips
from mnist_tui.terminal import RenderMode


class DigitGrid(RunPanel):
    """The newest samples, as large as they fit."""

    def __init__(
        self, mode: RenderMode, task: Task | None = None, *, id: str | None = None
    ) -> None:
        super().__init__(mode, task, id=id)
        self._first: int | None = None

    def expect(self, step: int | None) -> None:
        """Say, before that, that the first digits are at ``step``."""
        if step != self._first:
            self._first = step
            self.redraw()

    def show_news(self, before: Snapshot, now: Snapshot) -> None:
        """Draw new samples."""
        if before.samples != now.samples or before.started != now.started:
            self.redraw()

    def draw(self, width: int, height: int) -> list[Strip]:
        """The grid, or what it waits for."""
        samples, palette = self.snapshot.samples, self.palette
        self.set_title(_titles(self.is_gan, samples))
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
        return digit_strips(digits, width, height, DigitColours.of(palette), self.mode)


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
