"""Losses whose logarithm and exponential cancel: exact where the two-step form would overflow."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mnist_engine.autograd.buffers import scratch
from mnist_engine.autograd.operation import Operation
from mnist_engine.autograd.products import row_sums
from mnist_engine.autograd.threads import in_parts

if TYPE_CHECKING:
    from mnist_engine.autograd.tensor import Array, Tensor

FEW_COLUMNS = 32


class BinaryCrossEntropyWithLogits(Operation):
    """y = -t ln σ(z) - (1 - t) ln(1 - σ(z)) = max(z, 0) - z t + ln(1 + e^-|z|), element by element

    dL/dz = g (σ(z) - t); dL/dt = -g z.
    """

    def forward(self, logits: Array, targets: Array, out: Array | None = None) -> Array:
        y = np.subtract(np.maximum(logits, 0), logits * targets, out=out)
        y += np.log1p(np.exp(-np.abs(logits)))  # the smallest term last, so that it is not lost
        return np.asarray(y)

    def d_logits(self, g: Tensor, logits: Tensor, targets: Tensor) -> Tensor:
        return g * (logits.sigmoid() - targets)

    def d_targets(self, g: Tensor, logits: Tensor, targets: Tensor) -> Tensor:
        return -(g * logits)


class SoftmaxCrossEntropy(Operation):
    """y_n = -Σ_k t_nk ln softmax(z_n)_k, one number for each row of logits z (n, classes)

    dL/dz = g (softmax(z) Σ_k t_k - t), where Σ t is 1 for probabilities; dL/dt = -g ln softmax(z).

    After ``forward``, ``probabilities`` holds softmax(z), and ``weights`` (n, 1) the sums of t.
    """

    def __init__(self) -> None:
        self.probabilities: Array
        self.weights: Array

    def forward(self, logits: Array, targets: Array, out: Array | None = None) -> Array:
        if logits.ndim != 2 or logits.shape != targets.shape:
            raise ValueError("needed are (n, classes) twice")
        y = np.empty(len(logits), logits.dtype) if out is None else out
        self.probabilities = self.room(logits.shape, logits.dtype)
        self.weights = self.room((len(logits), 1), logits.dtype)

        def work(part: slice) -> None:
            z, t, p, weight = (a[part] for a in (logits, targets, self.probabilities, self.weights))
            row = scratch("row", (len(z), 1), z.dtype)
            np.subtract(z, row_maxima(z, row), out=p)  # so that e^z <= 1
            np.maximum(p, np.finfo(z.dtype).min, out=p)  # for a target of 0, 0 times -inf is 0
            np.einsum("nk,nk->n", p, t, out=y[part])
            np.exp(p, out=p)
            row_sums(p, row)
            p /= row
            np.log(row, out=row)
            row_sums(t, weight)
            row *= weight
            np.subtract(row[:, 0], y[part], out=y[part])  # (ln Σ e^z) Σ t - Σ z t

        in_parts(work, logits)
        return y

    def d_logits(self, g: Tensor, logits: Tensor, targets: Tensor) -> Tensor:
        weight = targets.sum(axis=-1, keepdims=True)
        return g.reshape(-1, 1) * (logits.softmax() * weight - targets)

    def d_targets(self, g: Tensor, logits: Tensor, targets: Tensor) -> Tensor:
        return -(g.reshape(-1, 1) * logits.log_softmax())


def row_maxima(x: Array, out: Array) -> Array:
    """The largest number of each row: (n, columns) -> (n, 1)

    NumPy is slow at many short rows and quick at whole columns.
    """
    if x.shape[1] > FEW_COLUMNS:
        return x.max(axis=1, keepdims=True, out=out)
    largest = out[:, 0]
    np.copyto(largest, x[:, 0])
    for column in range(1, x.shape[1]):
        np.maximum(largest, x[:, column], out=largest)
    return out
