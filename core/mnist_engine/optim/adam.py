"""Adam (Kingma & Ba, 2015) and AdamW (Loshchilov & Hutter, 2019)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mnist_engine.autograd import Tensor
from mnist_engine.optim.optimizer import Optimizer


class Adam(Optimizer):
    """m ← β₁ m + (1-β₁) g; v ← β₂ v + (1-β₂) g²; θ ← θ - η m̂ / (√v̂ + ε)

    with m̂ = m / (1-β₁ᵗ) and v̂ = v / (1-β₂ᵗ), t counting steps from 1.
    """

    weight_decay = 0.0

    def __init__(
        self,
        parameters: Sequence[Tensor],
        learning_rate: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        epsilon: float = 1e-8,
    ) -> None:
        super().__init__(parameters, learning_rate)
        self.betas = betas
        self.epsilon = epsilon
        self._mean = self._moment("mean")
        self._square = self._moment("square")

    def update(self, chunk: slice) -> None:
        beta1, beta2 = self.betas
        mean_correction = 1 - beta1**self.steps
        square_correction = 1 - beta2**self.steps
        values, gradients = self.flat.values[chunk], self.flat.gradients[chunk]
        mean, square = self._mean[chunk], self._square[chunk]
        work = self.flat.scratch(len(values))

        if self.weight_decay:
            values *= 1 - self.learning_rate * self.weight_decay

        mean *= beta1
        np.multiply(gradients, 1 - beta1, out=work)
        mean += work

        square *= beta2
        np.multiply(gradients, gradients, out=work)
        work *= 1 - beta2
        square += work

        np.sqrt(square, out=work)
        work *= square_correction**-0.5
        work += self.epsilon
        np.divide(mean, work, out=work)
        work *= self.learning_rate / mean_correction
        values -= work


class AdamW(Adam):
    """Adam with weight decay on the parameters themselves: θ ← (1 - η λ) θ before each step."""

    def __init__(
        self,
        parameters: Sequence[Tensor],
        learning_rate: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        epsilon: float = 1e-8,
        weight_decay: float = 1e-2,
    ) -> None:
        super().__init__(parameters, learning_rate, betas, epsilon)
        self.weight_decay = weight_decay
