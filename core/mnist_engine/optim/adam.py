"""Adam (Kingma & Ba, 2015) and AdamW (Loshchilov & Hutter, 2019)."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from mnist_engine.autograd import Tensor
from mnist_engine.optim.optimizer import Optimizer


class Adam(Optimizer):
    """m ← β₁ m + (1-β₁) g; v ← β₂ v + (1-β₂) g²; θ ← θ - η m̂ / (√v̂ + ε)

    with m̂ = m / (1-β₁ᵗ) and v̂ = v / (1-β₂ᵗ), t counting steps from 1. ``state`` holds the sums
    without their factors: "gradient_sum" is m / (1-β₁) and "square_sum" v / (1-β₂).
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
        self._gradient_sum = self._moment("gradient_sum")
        self._square_sum = self._moment("square_sum")

    def update(self, chunk: slice) -> None:
        # The factors 1-β stay outside of the sums, so that each of these is one pass shorter:
        # with M = m / (1-β₁) and V = v / (1-β₂), M ← β₁ M + g and V ← β₂ V + g².
        beta1, beta2 = self.betas
        square_scale = math.sqrt((1 - beta2) / (1 - beta2**self.steps))  # √v̂ over √V
        mean_scale = (1 - beta1) / (1 - beta1**self.steps)  # m̂ over M
        values, gradients = self.flat.values[chunk], self.flat.gradients[chunk]
        gradient_sum, square_sum = self._gradient_sum[chunk], self._square_sum[chunk]
        work = self.flat.scratch(len(values))

        if self.weight_decay:
            values *= 1 - self.learning_rate * self.weight_decay

        gradient_sum *= beta1
        gradient_sum += gradients

        square_sum *= beta2
        np.multiply(gradients, gradients, out=work)
        square_sum += work

        np.sqrt(square_sum, out=work)
        work += self.epsilon / square_scale
        np.divide(gradient_sum, work, out=work)
        work *= self.learning_rate * mean_scale / square_scale
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
