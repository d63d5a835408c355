"""Measures of generated digits while training goes on, at a cost that stays in bounds.

The cheap ones come every so many steps; FID, which needs ten times as many digits, at the ends of
epochs, as often as its share of the time allows. Numbers for it are drawn apart from those of
training, so that a run's weights do not depend on how often it was measured.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from mnist_engine.data.dataset import Examples
from mnist_engine.metrics.generated import Standard, class_measures, spread
from mnist_engine.metrics.judge import Judge
from mnist_engine.recipes.schema import MeasuresTable
from mnist_engine.training.randomness import at_step

FEW = 1000
"""Digits for the cheap measures."""

MANY = 10_000
"""Digits for FID, if there are as many test images to compare them with."""

LIKELY_COST = 3.0
"""Seconds that FID may take, as long as it was not measured."""

AT_ONCE = 1000
"""Digits that are generated together."""

Draw = Callable[[int, np.random.Generator], tuple[NDArray[np.uint8], NDArray[np.integer] | None]]
"""So many generated pictures, (n, pixels) bytes, and the classes asked for if any were."""


class Examiner:
    """Measures what ``draw`` generates against real ``examples``, as ``table`` says.

    ``judge`` is None where the data are not what it knows: then only their spread is measured.
    ``shares`` are the classes' in the training images, which a generator is to have too: "class KL"
    is from them. MNIST's test images, whose shares
    :func:`~mnist_engine.metrics.generated.compare` takes, are but 0.0002 from them. ``seed`` is the
    run's.

    What was spent on FID is counted from :meth:`resume_at` on, as is the time it is a share of:
    a run that goes on from a checkpoint does not know what it cost before.
    """

    def __init__(
        self,
        draw: Draw,
        judge: Judge | None,
        examples: Examples,
        shares: NDArray[np.float64],
        table: MeasuresTable,
        seed: int,
    ) -> None:
        self._draw = draw
        self._judge = judge
        self._examples = examples
        self._shares = shares
        self._table = table
        self._seed = seed
        self._standard: Standard | None = None
        self._seconds_spent = 0.0
        self._seconds_before = 0.0
        self._last_cost = LIKELY_COST

    def resume_at(self, seconds: float) -> None:
        """Training goes on after so many ``seconds``: FID may take its share of those to come."""
        self._seconds_before = seconds
        self._seconds_spent = 0.0

    def is_due(self, step: int) -> bool:
        """Whether the cheap measures are taken after this step."""
        return step % self._table.every == 0

    def few(self, step: int) -> dict[str, float]:
        """The cheap measures, on FEW digits."""
        images, labels = self._draw(FEW, at_step(self._seed, "measures", step))
        measures = {"pairwise distance": spread(images)}
        if self._judge is not None:
            probabilities = self._judge.look(images).probabilities
            measures |= class_measures(probabilities, self._shares, labels)
        return measures

    def many(self, step: int, seconds: float) -> dict[str, float]:
        """FID, or nothing where it would take more than its share of ``seconds`` of training."""
        if self._judge is None or not self._table.fid_share:
            return {}
        allowed = self._table.fid_share * (seconds - self._seconds_before)
        if self._seconds_spent + self._last_cost > allowed:
            return {}
        begin = time.perf_counter()
        measures = self.frechet_distance(step)
        self._last_cost = time.perf_counter() - begin
        self._seconds_spent += self._last_cost
        return measures

    def frechet_distance(self, step: int) -> dict[str, float]:
        """FID of as many digits as there are test images, MANY at most; nothing without a judge."""
        if self._judge is None:
            return {}
        if self._standard is None:
            self._standard = Standard.of(self._judge, self._examples, len(self._shares))
        rng = at_step(self._seed, "measures", step)
        count = min(MANY, len(self._examples))
        counts = [min(AT_ONCE, count - begin) for begin in range(0, count, AT_ONCE)]
        images = np.concatenate([self._draw(some, rng)[0] for some in counts])
        return {"FID": self._standard.frechet_distance(self._judge.look(images))}
