"""Non-linearities, element by element or along the last axis."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from mnist_engine.autograd.operation import Operation

if TYPE_CHECKING:
    from mnist_engine.autograd.tensor import Array, Tensor


class Sigmoid(Operation):
    """y = 1 / (1 + e^-x)"""

    row_by_row = True

    def forward(self, x: Array, out: Array | None = None) -> Array:
        return sigmoid(x, out)

    def d_x(self, g: Tensor, x: Tensor) -> Tensor:
        y = self.output
        return g * (y * (1.0 - y))


class Tanh(Operation):
    """y = tanh x"""

    row_by_row = True

    def forward(self, x: Array, out: Array | None = None) -> Array:
        return np.tanh(x, out=out)

    def d_x(self, g: Tensor, x: Tensor) -> Tensor:
        y = self.output
        return g * (1.0 - y * y)


class ReLU(Operation):
    """y = max(x, 0); the derivative at 0 is taken to be 0."""

    row_by_row = True

    def forward(self, x: Array, out: Array | None = None) -> Array:
        return np.maximum(x, 0, out=out)

    def d_x(self, g: Tensor, x: Tensor) -> Tensor:
        return g * Slope(0.0)(x)


class LeakyReLU(Operation):
    """y = x where x > 0, ``slope`` x elsewhere, 0 <= slope <= 1 (Maas et al., 2013)"""

    row_by_row = True

    def __init__(self, slope: float = 0.01) -> None:
        if not 0 <= slope <= 1:
            raise ValueError(f"LeakyReLU: the slope is {slope}; it must lie between 0 and 1")
        self.slope = slope

    def forward(self, x: Array, out: Array | None = None) -> Array:
        y = np.empty_like(x) if out is None else out
        np.multiply(x, self.slope, out=y)
        return np.maximum(x, y, out=y)  # right since the slope is at most 1

    def d_x(self, g: Tensor, x: Tensor) -> Tensor:
        return g * Slope(self.slope)(x)


class Slope(Operation):
    """1 where x > 0, ``slope`` elsewhere; its own derivative is 0 wherever it has one."""

    def __init__(self, slope: float) -> None:
        self.slope = slope

    def forward(self, x: Array, out: Array | None = None) -> Array:
        y = np.empty_like(x) if out is None else out
        np.sign(x, out=y)
        return np.maximum(y, self.slope, out=y)  # ten times faster than np.where


class Softmax(Operation):
    """y_i = e^x_i / Σ_j e^x_j along the last axis

    dL/dx_i = y_i (g_i - Σ_j g_j y_j)
    """

    def forward(self, x: Array, out: Array | None = None) -> Array:
        return softmax(x, out)

    def d_x(self, g: Tensor, x: Tensor) -> Tensor:
        y = self.output
        return y * (g - (g * y).sum(axis=-1, keepdims=True))


class LogSoftmax(Operation):
    """y_i = x_i - ln Σ_j e^x_j along the last axis

    dL/dx_i = g_i - e^y_i Σ_j g_j
    """

    def forward(self, x: Array, out: Array | None = None) -> Array:
        y: Array = np.subtract(x, x.max(axis=-1, keepdims=True), out=out)
        y -= np.log(np.exp(y).sum(axis=-1, keepdims=True))
        return y

    def d_x(self, g: Tensor, x: Tensor) -> Tensor:
        return g - self.output.exp() * g.sum(axis=-1, keepdims=True)


def sigmoid(x: Array, out: Array | None = None) -> Array:
    """1 / (1 + e^-x), where e^-x is kept from overflowing."""
    largest = math.floor(math.log(np.finfo(x.dtype).max))
    y = np.empty_like(x) if out is None else out
    np.negative(x, out=y)
    np.minimum(y, largest, out=y)
    np.exp(y, out=y)
    y += 1
    np.divide(1, y, out=y)
    return y


def softmax(x: Array, out: Array | None = None) -> Array:
    """e^x / Σ e^x along the last axis; the largest x is subtracted first, so that e^x <= 1."""
    y: Array = np.subtract(x, x.max(axis=-1, keepdims=True), out=out)
    np.exp(y, out=y)
    y /= y.sum(axis=-1, keepdims=True)
    return y
