"""Measures of generated digits while training goes on, at a cost that stays in bounds.

The cheap ones come every so many steps; FID, which needs ten times as many digits, at the ends of
epochs, as often as its share of the time allows. Numbers for it are drawn apart from those of
training, so that a run's weights do not depend on how often it was measured.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import msgspec
import numpy as np
from numpy.typing import NDArray

from mnist_engine.data.dataset import Examples
from mnist_engine.metrics.classes import class_shares
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


class Costs(msgspec.Struct, frozen=True, kw_only=True):
    """Seconds that FID has taken: so far in all, and the last time, or that it may take at first.

    They are saved with the run, which else would begin each of its lives with an FID, or wait
    longer for one than if nobody had interrupted it.
    """

    spent: float = 0.0
    last: float = LIKELY_COST


class Examiner:
    """Measures what ``draw`` generates against real ``examples``, as ``table`` says.

    ``judge`` is None where the data are not what it knows: then only their spread is measured.
    ``shares`` are the classes' in the training images, which a generator is to have too: "class KL"
    is from them. MNIST's test images, whose shares
    :func:`~mnist_engine.metrics.generated.compare` takes, are but 0.0002 from them. ``seed`` is the
    run's.

    ``costs`` are FID's; a run that goes on from a checkpoint begins with those that it had there.
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
        self.costs = Costs()

    def is_due(self, step: int) -> bool:
        """Whether the cheap measures are taken after this step."""
        return step % self._table.every == 0

    def few(self, step: int) -> tuple[dict[str, float], tuple[float, ...]]:
        """The cheap measures, on FEW digits, and the shares of the classes they are taken for."""
        images, labels = self._draw(FEW, at_step(self._seed, "measures", step))
        measures = {"pairwise distance": spread(images)}
        if self._judge is None:
            return measures, ()
        probabilities = self._judge.look(images).probabilities
        measures |= class_measures(probabilities, self._shares, labels)
        return measures, tuple(map(float, class_shares(probabilities)))

    def many(self, step: int, seconds: float) -> dict[str, float]:
        """FID, or nothing where it would take more than its share of ``seconds`` of training."""
        if self._judge is None or not self._table.fid_share:
            return {}
        if self.costs.spent + self.costs.last > self._table.fid_share * seconds:
            return {}
        self._see_real_digits(self._judge)
        begin = time.perf_counter()
        measures = self.frechet_distance(step)
        cost = time.perf_counter() - begin
        self.costs = Costs(spent=self.costs.spent + cost, last=cost)
        return measures

    def frechet_distance(self, step: int) -> dict[str, float]:
        """FID of as many digits as there are test images, MANY at most; nothing without a judge."""
        if self._judge is None:
            return {}
        standard = self._see_real_digits(self._judge)
        rng = at_step(self._seed, "measures", step)
        count = min(MANY, len(self._examples))
        counts = [min(AT_ONCE, count - begin) for begin in range(0, count, AT_ONCE)]
        images = np.concatenate([self._draw(some, rng)[0] for some in counts])
        return {"FID": standard.frechet_distance(self._judge.look(images))}

    def _see_real_digits(self, judge: Judge) -> Standard:
        """What generated digits are compared with, which takes as long as they do, but once.

        It is not counted among the costs: at its end a run needs it in any case.
        """
        if self._standard is None:
            self._standard = Standard.of(judge, self._examples, len(self._shares))
        return self._standard
