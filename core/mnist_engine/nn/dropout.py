"""Dropout (Srivastava et al., 2014)."""

from __future__ import annotations

import numpy as np

from mnist_engine.autograd import Tensor
from mnist_engine.nn.module import Module


class Dropout(Module):
    """In training, sets each element to 0 with ``probability`` and scales the rest by 1/(1 - probability).

    The mask comes from ``rng``, so that a seed decides it. In evaluation the layer does nothing.
    """

    def __init__(self, probability: float, rng: np.random.Generator) -> None:
        super().__init__()
        if not 0 <= probability < 1:
            raise ValueError(f"Dropout: probability is {probability}; it must be in [0, 1)")
        self.probability = probability
        self._rng = rng

    def forward(self, x: Tensor) -> Tensor:
        if not self.training or self.probability == 0:
            return x
        kept = self._rng.random(x.shape, dtype=np.float32) >= self.probability
        return x * (kept.astype(x.dtype) * x.dtype.type(1 / (1 - self.probability)))
