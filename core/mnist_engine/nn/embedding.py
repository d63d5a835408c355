"""Numbers for labels: a row of weights for each."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mnist_engine.autograd import Tensor, embedding
from mnist_engine.nn.arguments import check_generator, whole
from mnist_engine.nn.initialisers import Fans, Initialiser, standard_normal
from mnist_engine.nn.module import Module


class Embedding(Module):
    """The row of ``weight`` (count, features) that each label names: (n,) -> (n, features).

    Labels are whole numbers from 0 to count - 1; TypeError or IndexError for others. TypeError or
    ValueError, in one line that names it, for an argument of the wrong kind or size.
    """

    def __init__(
        self,
        count: int,
        features: int,
        rng: np.random.Generator,
        *,
        weights: Initialiser = standard_normal,
    ) -> None:
        super().__init__()
        name = type(self).__name__
        check_generator(name, rng)
        shape = (whole(f"{name}: count", count), whole(f"{name}: features", features))
        self.weight = Tensor(weights(rng, shape, Fans.of(shape)), requires_grad=True)

    def forward(self, labels: NDArray[np.integer]) -> Tensor:
        return embedding.Embedding(labels)(self.weight)

    def settings(self) -> str:
        count, features = self.weight.shape
        return f"{count}, {features}"
