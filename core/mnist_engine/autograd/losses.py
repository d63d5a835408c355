"""Losses whose logarithm and exponential cancel: exact where the two-step form would overflow."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mnist_engine.autograd.buffers import scratch
from mnist_engine.autograd.operation import Operation
from mnist_engine.autograd.threads import in_parts

if TYPE_CHECKING:
    from mnist_engine.autograd.tensor import Array, Tensor


class BinaryCrossEntropyWithLogits(Operation):
    """y = -t ln σ(z) - (1 - t) ln(1 - σ(z)) = max(z, 0) - z t + ln(1 + e^-|z|), element by element

    dL/dz = g (σ(z) - t); dL/dt = -g z.
    """

    def forward(self, logits: Array, targets: Array, out: Array | None = None) -> Array:
        y = np.empty_like(logits) if out is None else out
        np.abs(logits, out=y)
        np.negative(y, out=y)
        np.exp(y, out=y)
        np.log1p(y, out=y)
        y += np.maximum(logits, 0)
        y -= logits * targets
        return y

    def d_logits(self, g: Tensor, logits: Tensor, targets: Tensor) -> Tensor:
        return g * (logits.sigmoid() - targets)

    def d_targets(self, g: Tensor, logits: Tensor, targets: Tensor) -> Tensor:
        return -(g * logits)


class SoftmaxCrossEntropy(Operation):
    """y_n = -Σ_k t_nk ln softmax(z_n)_k, one number for each row of logits z (n, classes)

    The rows of the targets t must sum to 1: dL/dz = g (softmax(z) - t) holds for these alone.
    dL/dt = -g ln softmax(z).

    After ``forward``, ``probabilities`` holds softmax(z).
    """

    def __init__(self) -> None:
        self.probabilities: Array

    def forward(self, logits: Array, targets: Array, out: Array | None = None) -> Array:
        y = np.empty(len(logits), logits.dtype) if out is None else out
        self.probabilities = self.room(logits.shape, logits.dtype)

        def work(part: slice) -> None:
            z, p = logits[part], self.probabilities[part]
            row = scratch("row", (len(z), 1), z.dtype)
            np.subtract(z, z.max(axis=-1, keepdims=True, out=row), out=p)
            np.einsum("nk,nk->n", p, targets[part], out=y[part])
            np.exp(p, out=p)
            p /= p.sum(axis=-1, keepdims=True, out=row)
            np.log(row, out=row)
            np.subtract(row[:, 0], y[part], out=y[part])

        in_parts(work, logits)
        return y

    def d_logits(self, g: Tensor, logits: Tensor, targets: Tensor) -> Tensor:
        return g.reshape(-1, 1) * (logits.softmax() - targets)

    def d_targets(self, g: Tensor, logits: Tensor, targets: Tensor) -> Tensor:
        return -(g.reshape(-1, 1) * logits.log_softmax())
