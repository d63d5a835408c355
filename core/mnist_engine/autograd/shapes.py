"""Operations that move numbers without changing them; the derivative moves them back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from mnist_engine.autograd.operation import Derivative, Operation

if TYPE_CHECKING:
    from mnist_engine.autograd.tensor import Array, Tensor


class Reshape(Operation):
    """The same elements in another shape."""

    reuses_memory = False

    def __init__(self, shape: tuple[int, ...]) -> None:
        self.shape = shape

    def forward(self, x: Array) -> Array:
        return x.reshape(self.shape)

    def d_x(self, g: Tensor, x: Tensor) -> Tensor:
        return g.reshape(*x.shape)


class Transpose(Operation):
    """Axes in another order: axis ``i`` of the result is axis ``axes[i]`` of x."""

    reuses_memory = False

    def __init__(self, axes: tuple[int, ...]) -> None:
        self.axes = axes

    def forward(self, x: Array) -> Array:
        return x.transpose(self.axes)

    def d_x(self, g: Tensor, x: Tensor) -> Tensor:
        axes = [axis % x.ndim for axis in self.axes]
        return g.transpose(*(axes.index(i) for i in range(x.ndim)))


class Broadcast(Operation):
    """Repeated to a larger shape; the tape sums the gradient over the repeats."""

    reuses_memory = False

    def __init__(self, shape: tuple[int, ...]) -> None:
        self.shape = shape

    def forward(self, x: Array) -> Array:
        return np.broadcast_to(x, self.shape)

    def d_x(self, g: Tensor, x: Tensor) -> Tensor:
        return g


class Concatenate(Operation):
    """Inputs one after the other along an axis; each gets its own slice of the gradient."""

    def __init__(self, axis: int) -> None:
        self.axis = axis

    def options(self) -> tuple[int]:
        return (self.axis,)

    def forward(self, *parts: Array, out: Array | None = None) -> Array:
        return np.concatenate(parts, axis=self.axis, out=out)

    def derivative(self, argument: int) -> Derivative:
        def d_part(g: Tensor, *parts: Tensor) -> Tensor:
            begin = sum(part.shape[self.axis] for part in parts[:argument])
            index: list[slice] = [slice(None)] * g.ndim
            index[self.axis] = slice(begin, begin + parts[argument].shape[self.axis])
            return g[tuple(index)]

        return d_part


class Take(Operation):
    """y = x[index], any NumPy index."""

    reuses_memory = False

    def __init__(self, index: Any) -> None:
        self.index = index

    def forward(self, x: Array) -> Array:
        return np.asarray(x[self.index])

    def d_x(self, g: Tensor, x: Tensor) -> Tensor:
        return Scatter(self.index, x.shape)(g)


class Scatter(Operation):
    """Zeros of ``shape`` to which x is added at ``index``: what :class:`Take` undoes."""

    reuses_memory = False

    def __init__(self, index: Any, shape: tuple[int, ...]) -> None:
        self.index = index
        self.shape = shape

    def forward(self, x: Array) -> Array:
        result = np.zeros(self.shape, dtype=x.dtype)
        if _is_basic(self.index):
            result[self.index] = x
        else:
            np.add.at(result, self.index, x)  # an index may occur more than once
        return result

    def d_x(self, g: Tensor, x: Tensor) -> Tensor:
        return g[self.index]


def _is_basic(index: Any) -> bool:
    """Whether an index has only integers, slices, None and ..., so that no element comes twice."""
    parts = index if isinstance(index, tuple) else (index,)
    return all(
        part is None or part is ... or isinstance(part, (int, np.integer, slice)) for part in parts
    )
