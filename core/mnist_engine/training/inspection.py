"""What a step shows of the networks it has moved, besides its losses."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from mnist_engine import nn
from mnist_engine.autograd import Array
from mnist_engine.autograd.activations import ReLU
from mnist_engine.training.games import Game
from mnist_engine.training.learner import Learner

INSPECT_EVERY = 20
"""Steps from one look to the next: what it costs, mostly the lengths of gradients, stays below 1%
of the time."""

BINS = 20
"""Of the discriminator's outputs."""


class Inspection:
    """Gathers what a look at one step finds; see Inspected for what its fields mean."""

    def __init__(self) -> None:
        self.gradient_norms: dict[str, float] = {}
        self.verdicts: dict[str, tuple[int, ...]] = {}
        self.verdict_range = (0.0, 1.0)
        self.boundary: float | None = None
        self.silent: dict[str, float] = {}

    def see_outputs(self, game: Game, real: Array, fake: Array) -> None:
        """Count the discriminator's outputs (n, 1) on real and on generated images."""
        real, fake = game.scores(real), game.scores(fake)
        if not (np.isfinite(real).all() and np.isfinite(fake).all()):
            return
        self.boundary = game.score_boundary
        if not game.scores_are_probabilities:
            lowest = float(min(real.min(), fake.min()))
            highest = float(max(real.max(), fake.max()))
            self.verdict_range = (
                lowest,
                max(highest, np.nextafter(lowest, np.inf, dtype=real.dtype)),
            )
        for name, outputs in (("real", real), ("generated", fake)):
            counts, _ = np.histogram(outputs, BINS, self.verdict_range)
            self.verdicts[name] = tuple(map(int, counts))

    def see_units(self, learners: Mapping[str, Learner]) -> None:
        """Look on the networks' tapes for units that were 0 for every image."""
        for name, learner in learners.items():
            for layer, outputs in zip(
                relu_layers(learner.network), relu_outputs(learner), strict=False
            ):
                images = tuple(axis for axis in range(outputs.ndim) if axis != 1)
                self.silent[f"{name}.{layer}"] = float((outputs.max(axis=images) <= 0).mean())


def relu_layers(network: nn.Module) -> list[str]:
    """The layers whose units can be silent, by their numbers."""
    return [number for number, layer in network.parts() if isinstance(layer, nn.ReLU)]


def relu_outputs(learner: Learner) -> list[Array]:
    """What they put out in the last step, (n, units) or (n, channels, height, width)."""
    return [
        operation.output.data
        for operation in learner.tape.operations
        if isinstance(operation, ReLU)
    ]
