"""Operations that move numbers without changing them; the derivative moves them back."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from mnist_engine.autograd.layout import channels_last
from mnist_engine.autograd.operation import Derivative, Operation

if TYPE_CHECKING:
    from mnist_engine.autograd.tensor import Array, Tensor


class Reshape(Operation):
    """The same elements in another shape."""

    def __init__(self, shape: tuple[int, ...]) -> None:
        self.shape = shape

    def forward(self, x: Array) -> Array:
        return x.reshape(self.shape)

    def d_x(self, g: Tensor, x: Tensor) -> Tensor:
        return g.reshape(*x.shape)


class Flatten(Operation):
    """Each example's numbers in a row: images (n, c, h, w) -> (n, c h w)."""

    row_by_row = True

    def forward(self, x: Array, out: Array | None = None) -> Array:
        y = np.empty((len(x), math.prod(x.shape[1:])), x.dtype) if out is None else out
        y.reshape(x.shape)[...] = x
        return y

    def d_x(self, g: Tensor, x: Tensor) -> Tensor:
        return Unflatten(x.shape[1:])(g)


class Unflatten(Operation):
    """Each row as an image of ``shape``: (n, c h w) -> (n, c, h, w)."""

    row_by_row = True

    def __init__(self, shape: tuple[int, ...]) -> None:
        self.shape = shape

    def options(self) -> tuple[tuple[int, ...]]:
        return (self.shape,)

    def forward(self, x: Array, out: Array | None = None) -> Array:
        images = x.reshape(len(x), *self.shape)
        if out is None:
            new = channels_last if images.ndim == 4 else np.empty
            out = new(images.shape, x.dtype)
        out[...] = images
        return out

    def d_x(self, g: Tensor, x: Tensor) -> Tensor:
        return Flatten()(g)


class Transpose(Operation):
    """Axes in another order: axis ``i`` of the result is axis ``axes[i]`` of x."""

    def __init__(self, axes: tuple[int, ...]) -> None:
        self.axes = axes

    def forward(self, x: Array) -> Array:
        return x.transpose(self.axes)

    def d_x(self, g: Tensor, x: Tensor) -> Tensor:
        axes = [axis % x.ndim for axis in self.axes]
        return g.transpose(*(axes.index(i) for i in range(x.ndim)))


class Broadcast(Operation):
    """Repeated to a larger shape; the tape sums the gradient over the repeats."""

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

    def __init__(self, index: Any) -> None:
        self.index = index

    def forward(self, x: Array) -> Array:
        return np.asarray(x[self.index])

    def d_x(self, g: Tensor, x: Tensor) -> Tensor:
        return Scatter(self.index, x.shape)(g)


class Scatter(Operation):
    """Zeros of ``shape`` to which x is added at ``index``: what :class:`Take` undoes."""

    def __init__(self, index: Any, shape: tuple[int, ...]) -> None:
        self.index = index
        self.shape = shape

    def forward(self, x: Array) -> Array:
        result = np.empty(self.shape, dtype=x.dtype)
        add_at(result, self.index, x)
        return result

    def d_x(self, g: Tensor, x: Tensor) -> Tensor:
        return g[self.index]


def add_at(out: Array, index: Any, x: Array) -> None:
    """0 everywhere, and x added at ``index``, in which an element may occur more than once."""
    out.fill(0)
    if _is_basic(index):
        out[index] = x
    else:
        np.add.at(out, index, x)


def _is_basic(index: Any) -> bool:
    """Whether an index has only integers, slices, None and ..., so that no element comes twice."""
    parts = index if isinstance(index, tuple) else (index,)
    return all(
        part is None or part is ... or isinstance(part, (int, np.integer, slice)) for part in parts
    )
