"""Dropout (Srivastava et al., 2014)."""

from __future__ import annotations

import numpy as np

from mnist_engine.autograd import Tensor
from mnist_engine.nn.arguments import check_generator
from mnist_engine.nn.module import Module


class Dropout(Module):
    """In training, sets each element to 0 with probability p and divides the rest by 1 - p.

    So the expected value of each element stays what it was, and in evaluation the layer does
    nothing. The mask comes from ``rng``, so that a seed decides it. ValueError unless 0 <= p < 1;
    TypeError unless ``rng`` is a random generator.
    """

    def __init__(self, probability: float, rng: np.random.Generator) -> None:
        super().__init__()
        check_generator(type(self).__name__, rng)
        if not 0 <= probability < 1:
            raise ValueError(f"Dropout: probability is {probability}; it must be in [0, 1)")
        self.probability = probability
        self._rng = rng

    def forward(self, x: Tensor) -> Tensor:
        if not self.training or self.probability == 0:
            return x
        kept = self._rng.random(x.shape, dtype=np.float32) >= self.probability
        mask = kept.astype(x.dtype)
        mask /= 1 - self.probability
        return x * mask

    def settings(self) -> str:
        return f"{self.probability:g}"
