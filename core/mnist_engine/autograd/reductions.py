"""Many numbers into few; the derivative spreads the gradient over what was summed."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from mnist_engine.autograd.operation import Operation

if TYPE_CHECKING:
    from mnist_engine.autograd.tensor import Array, Tensor

Axis = int | tuple[int, ...] | None


class Sum(Operation):
    """y = Σ x over ``axis``"""

    def __init__(self, axis: Axis = None, keepdims: bool = False) -> None:
        self.axis = axis
        self.keepdims = keepdims

    def options(self) -> tuple[Axis, bool]:
        return (self.axis, self.keepdims)

    def forward(self, x: Array, out: Array | None = None) -> Array:
        return np.asarray(x.sum(axis=self.axis, keepdims=self.keepdims, out=out))

    def d_x(self, g: Tensor, x: Tensor) -> Tensor:
        return self.restore_axes(g, x).broadcast_to(x.shape)

    def restore_axes(self, g: Tensor, x: Tensor) -> Tensor:
        """``g`` with the summed axes of ``x`` back, of length 1."""
        return g if self.keepdims else g.reshape(*self.unreduced(x.shape))

    def unreduced(self, shape: tuple[int, ...]) -> tuple[int, ...]:
        """``shape`` with the summed axes of length 1."""
        axes = reduced_axes(self.axis, len(shape))
        return tuple(1 if i in axes else n for i, n in enumerate(shape))


class Mean(Sum):
    """y = Σ x / n over ``axis``, n being the number of elements in each sum"""

    def forward(self, x: Array, out: Array | None = None) -> Array:
        y = super().forward(x, out)
        y /= x.size / max(1, y.size)
        return y

    def d_x(self, g: Tensor, x: Tensor) -> Tensor:
        n = max(1, math.prod(x.shape[axis] for axis in reduced_axes(self.axis, x.ndim)))
        return (self.restore_axes(g, x) * (1 / n)).broadcast_to(x.shape)


def reduced_axes(axis: Axis, ndim: int) -> set[int]:
    """The axes that are summed over, counted from 0."""
    if axis is None:
        return set(range(ndim))
    return {i % ndim for i in ((axis,) if isinstance(axis, int) else axis)}
