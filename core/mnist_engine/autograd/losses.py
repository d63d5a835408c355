"""Losses whose logarithm and exponential cancel: exact where the two-step form would overflow."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mnist_engine.autograd.operation import Operation

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
    """

    def forward(self, logits: Array, targets: Array, out: Array | None = None) -> Array:
        shifted = logits - logits.max(axis=-1, keepdims=True)
        y: Array = np.sum(np.exp(shifted), axis=-1, out=out)
        np.log(y, out=y)
        y -= np.einsum("nk,nk->n", shifted, targets)
        return y

    def d_logits(self, g: Tensor, logits: Tensor, targets: Tensor) -> Tensor:
        return g.reshape(-1, 1) * (logits.softmax() - targets)

    def d_targets(self, g: Tensor, logits: Tensor, targets: Tensor) -> Tensor:
        return -(g.reshape(-1, 1) * logits.log_softmax())
