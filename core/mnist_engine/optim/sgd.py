"""Stochastic gradient descent, plain, with momentum, or Nesterov's."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mnist_engine.autograd import Tensor
from mnist_engine.optim.optimizer import Optimizer


class SGD(Optimizer):
    """θ ← θ - η g; with momentum μ: v ← μ v + g, θ ← θ - η v (PyTorch's form).

    Nesterov's looks ahead: θ ← θ - η (g + μ v) (Sutskever et al., 2013).
    """

    def __init__(
        self,
        parameters: Sequence[Tensor],
        learning_rate: float,
        momentum: float = 0.0,
        nesterov: bool = False,
    ) -> None:
        if nesterov and momentum <= 0:
            raise ValueError("SGD: nesterov=True needs a momentum above 0")
        super().__init__(parameters, learning_rate)
        self.momentum = momentum
        self.nesterov = nesterov
        self._velocity = self._moment("velocity") if momentum else None

    def update(self, chunk: slice) -> None:
        values, direction = self.flat.values[chunk], self.flat.gradients[chunk]
        step = self.flat.scratch(len(values))

        if self._velocity is not None:
            velocity = self._velocity[chunk]
            velocity *= self.momentum
            velocity += direction
            direction = velocity
            if self.nesterov:
                np.multiply(velocity, self.momentum, out=step)
                step += self.flat.gradients[chunk]
                direction = step

        np.multiply(direction, self.learning_rate, out=step)
        values -= step
