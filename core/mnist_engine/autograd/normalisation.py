"""Batch normalisation (Ioffe & Szegedy, 2015)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mnist_engine.autograd.operation import Operation

if TYPE_CHECKING:
    from mnist_engine.autograd.tensor import Array, Tensor


class BatchNorm(Operation):
    """y = γ x̂ + β with x̂ = (x - μ) / √(v + ε), μ and v being the batch's mean and variance

    x is (n, features), γ (``weight``) and β (``bias``) are (features,). With G = g γ and means over
    the batch, dL/dx = (G - mean(G) - x̂ mean(G x̂)) / √(v + ε); dL/dγ = Σ g x̂; dL/dβ = Σ g.

    After ``forward``, ``mean`` and ``variance`` (biased, dividing by n) hold the batch's
    statistics.
    """

    def __init__(self, epsilon: float = 1e-5) -> None:
        self.epsilon = epsilon
        self.mean: Array
        self.variance: Array
        self.inverse_deviation: Array

    def forward(self, x: Array, weight: Array, bias: Array, out: Array | None = None) -> Array:
        if x.ndim != 2 or not x.shape[1:] == weight.shape == bias.shape:
            raise ValueError("needed are (n, features), (features,) and (features,)")
        self.mean = x.mean(axis=0)
        y = np.subtract(x, self.mean, out=out)
        self.variance = np.einsum("nf,nf->f", y, y) / len(x)
        self.inverse_deviation = 1 / np.sqrt(self.variance + self.epsilon)
        y *= self.inverse_deviation * weight
        y += bias
        return y

    def d_x(self, g: Tensor, x: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
        normalised, inverse_deviation = self.standardise(x)
        scaled = g * weight
        centred = scaled - scaled.mean(axis=0)
        return (centred - normalised * (scaled * normalised).mean(axis=0)) * inverse_deviation

    def d_weight(self, g: Tensor, x: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
        return g * self.standardise(x)[0]  # the tape sums it over the batch

    def d_bias(self, g: Tensor, x: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
        return g

    def standardise(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """x̂ and 1 / √(v + ε), as tensors that can be differentiated again."""
        centred = x - x.mean(axis=0)
        variance = (centred * centred).mean(axis=0)
        inverse_deviation = 1.0 / (variance + self.epsilon).sqrt()
        return centred * inverse_deviation, inverse_deviation
