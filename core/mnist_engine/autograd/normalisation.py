"""Batch normalisation (Ioffe & Szegedy, 2015)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from mnist_engine.autograd.buffers import scratch
from mnist_engine.autograd.layout import as_rows, channels_last, long_rows
from mnist_engine.autograd.operation import Operation
from mnist_engine.autograd.products import column_sums
from mnist_engine.autograd.threads import in_parts

if TYPE_CHECKING:
    from mnist_engine.autograd.tensor import Array, Tensor


class BatchNorm(Operation):
    """y = γ x̂ + β with x̂ = (x - μ) / √(v + ε), μ and v being a channel's mean and variance

    x is (n, channels) or (n, channels, height, width), and a channel's numbers are those of all
    examples and pixels; γ (``weight``) and β (``bias``) are (channels,). With G = g γ and means
    over a channel, dL/dx = (G - mean(G) - x̂ mean(G x̂)) / √(v + ε); dL/dγ = Σ g x̂; dL/dβ = Σ g.

    After ``forward``, ``mean`` and ``variance`` (biased, dividing by n) hold the statistics.
    """

    def __init__(self, epsilon: float = 1e-5) -> None:
        self.epsilon = epsilon
        self.mean: Array
        self.variance: Array
        self.inverse_deviation: Array
        self.gradient_sums: Any = None  # what the kernels of the three derivatives share

    def forward(self, x: Array, weight: Array, bias: Array, out: Array | None = None) -> Array:
        if x.ndim not in (2, 4) or not x.shape[1:2] == weight.shape == bias.shape:
            raise ValueError(
                "needed are (n, channels) or (n, channels, height, width), and (channels,) twice"
            )
        if out is None:
            out = np.empty_like(x) if x.ndim == 2 else channels_last(x.shape, x.dtype)
        rows, y = as_rows(x), as_rows(out)
        self.mean = column_sums(rows) / len(rows)
        self.variance = centred_sums(rows, self.mean) / len(rows)
        self.inverse_deviation = 1 / np.sqrt(self.variance + self.epsilon)
        scales = self.inverse_deviation * weight
        shifts = bias - self.mean * scales
        (rows, y), (scale, shift) = long_rows((rows, y), (scales, shifts))

        def scale_and_shift(part: slice) -> None:
            some = np.multiply(rows[part], scale, out=y[part])
            some += shift

        in_parts(scale_and_shift, y, shared=False)
        return out

    def d_x(self, g: Tensor, x: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
        normalised, inverse_deviation = self.standardise(x)
        scaled = g * along_channels(weight, x)
        centred = scaled - channel_mean(scaled)
        return (centred - normalised * channel_mean(scaled * normalised)) * inverse_deviation

    def d_weight(self, g: Tensor, x: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
        return channel_sum(g * self.standardise(x)[0])

    def d_bias(self, g: Tensor, x: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
        return channel_sum(g)

    def standardise(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """x̂ and 1 / √(v + ε), as tensors that can be differentiated again."""
        centred = x - channel_mean(x)
        variance = channel_mean(centred * centred)
        inverse_deviation = 1.0 / (variance + self.epsilon).sqrt()
        return centred * inverse_deviation, inverse_deviation


def along_channels(values: Tensor, x: Tensor) -> Tensor:
    """(channels,) values in a shape that broadcasts over x."""
    return values if x.ndim == 2 else values.reshape(1, -1, 1, 1)


def channel_mean(x: Tensor) -> Tensor:
    """The mean of each channel, in a shape that broadcasts over x."""
    return x.mean(axis=_all_but_channels(x), keepdims=True)


def channel_sum(x: Tensor) -> Tensor:
    """(channels,) sums."""
    return x.sum(axis=_all_but_channels(x))


def centred_sums(x: Array, mean: Array, y: Array | None = None) -> Array:
    """Σ (x - mean) y over the rows, y being x - mean where it is None: (columns,)"""
    sums = np.zeros_like(mean)
    (x, other), (mean,) = long_rows((x, x if y is None else y), (mean,))

    def work(part: slice) -> None:
        centred = scratch("centred", x[part].shape, x.dtype)
        np.subtract(x[part], mean, out=centred)
        centred *= centred if y is None else other[part]
        np.add(sums, column_sums(centred.reshape(-1, len(sums))), out=sums)

    in_parts(work, x, shared=False)
    return sums


def _all_but_channels(x: Tensor) -> tuple[int, ...]:
    return (0,) if x.ndim == 2 else (0, 2, 3)
