"""RMSprop (Tieleman & Hinton, Neural networks for machine learning, lecture 6.5, 2012)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mnist_engine.autograd import Tensor
from mnist_engine.optim.optimizer import Optimizer


class RMSprop(Optimizer):
    """s ← α s + (1-α) g²; θ ← θ - η g / (√s + ε)

    With momentum μ: v ← μ v + g / (√s + ε), θ ← θ - η v (PyTorch's form, as are the defaults).
    """

    def __init__(
        self,
        parameters: Sequence[Tensor],
        learning_rate: float = 1e-2,
        alpha: float = 0.99,
        epsilon: float = 1e-8,
        momentum: float = 0.0,
    ) -> None:
        super().__init__(parameters, learning_rate)
        self.alpha = alpha
        self.epsilon = epsilon
        self.momentum = momentum
        self._square = self._moment("square")
        self._velocity = self._moment("velocity") if momentum else None

    def update(self, chunk: slice) -> None:
        values, gradients = self.flat.values[chunk], self.flat.gradients[chunk]
        square = self._square[chunk]
        work = self.flat.scratch(len(values))

        square *= self.alpha
        np.multiply(gradients, gradients, out=work)
        work *= 1 - self.alpha
        square += work

        np.sqrt(square, out=work)
        work += self.epsilon
        np.divide(gradients, work, out=work)
        if self._velocity is not None:
            velocity = self._velocity[chunk]
            velocity *= self.momentum
            velocity += work
            np.copyto(work, velocity)
        work *= self.learning_rate
        values -= work
