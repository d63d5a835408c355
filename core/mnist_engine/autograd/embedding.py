"""Rows of a table by their numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from mnist_engine.autograd.linear_algebra import MatMul
from mnist_engine.autograd.operation import Operation

if TYPE_CHECKING:
    from mnist_engine.autograd.tensor import Array, Tensor


class Embedding(Operation):
    """Y = S W, the row of W (count, features) that each of n ``labels`` names, one below the other

    S (n, count) selects: it has a 1 in each row at its label, and zeros. So dL/dW = Sᵀ G, which
    adds up the gradients of a label that occurs more than once.
    """

    def __init__(self, labels: NDArray[np.integer]) -> None:
        labels = np.array(labels)  # a copy: the caller's array may hold other labels by then
        if labels.dtype.kind not in "iu" or labels.ndim != 1:
            raise TypeError(
                f"Embedding: labels are {labels.dtype} of shape {labels.shape}; "
                "needed are whole numbers of shape (n,)"
            )
        self.labels = labels

    def options(self) -> tuple[int]:
        return (len(self.labels),)

    def forward(self, weight: Array, out: Array | None = None) -> Array:
        if weight.ndim != 2:
            raise ValueError("needed is (count, features)")
        wrong = self.labels[(self.labels < 0) | (self.labels >= len(weight))]
        if len(wrong):
            raise IndexError(f"label {wrong[0]} must lie between 0 and {len(weight) - 1}")
        return np.take(weight, self.labels, axis=0, out=out, mode="clip")  # "raise" would copy out

    def d_weight(self, g: Tensor, weight: Tensor) -> Tensor:
        numbers = np.arange(len(weight)).reshape(-1, 1)
        transposed: Array = (numbers == self.labels).astype(weight.dtype)
        return MatMul()(transposed, g)
