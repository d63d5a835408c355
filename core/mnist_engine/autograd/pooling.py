"""Pooling: one number for each window of an image."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from mnist_engine.autograd.layout import channels_last
from mnist_engine.autograd.operation import Operation
from mnist_engine.autograd.shapes import Scatter
from mnist_engine.autograd.windows import Pair

if TYPE_CHECKING:
    from mnist_engine.autograd.tensor import Array, Tensor


class Pool2d:
    """What pools have in common: windows of ``size`` every ``stride`` pixels, none over the edge.

    x is (n, channels, height, width), y (n, channels, i, j) with i = (height - size) // stride + 1.
    """

    def __init__(self, size: Pair, stride: Pair | None = None) -> None:
        self.size = size
        self.stride = size if stride is None else stride
        if min(self.size) < 1 or min(self.stride) < 1:
            raise ValueError(
                f"{type(self).__name__}: size {self.size} and stride {self.stride}; "
                "both are at least 1"
            )

    def options(self) -> tuple[Any, ...]:
        return (self.size, self.stride)

    def taps(self, height: int, width: int) -> list[tuple[slice, ...]]:
        """For each place in a window the index of the pixels of x that stand there, row by row."""
        (rows, columns), (down, across) = self.size, self.stride
        i, j = self.windows(height, width)
        return [
            np.s_[:, :, a : a + down * (i - 1) + 1 : down, b : b + across * (j - 1) + 1 : across]
            for a in range(rows)
            for b in range(columns)
        ]

    def windows(self, height: int, width: int) -> tuple[int, int]:
        """How many windows fit below and beside each other into an image."""
        (rows, columns), (down, across) = self.size, self.stride
        return (height - rows) // down + 1, (width - columns) // across + 1

    def tiles(self, height: int, width: int) -> bool:
        """Whether each pixel of an image lies in exactly one window."""
        i, j = self.windows(height, width)
        return self.size == self.stride and (i * self.size[0], j * self.size[1]) == (height, width)

    def _room(self, x: Array) -> Array:
        """New memory for the result; ValueError where no window fits into x."""
        if x.ndim != 4:
            raise ValueError("needed is (n, channels, height, width)")
        if min(self.windows(*x.shape[2:])) < 1:
            raise ValueError(f"a window of {self.size} does not fit into the image")
        return channels_last((*x.shape[:2], *self.windows(*x.shape[2:])), x.dtype)


class MaxPool2d(Pool2d, Operation):
    """y = the largest number of each window; where there are several, the first has the gradient"""

    row_by_row = True

    def forward(self, x: Array, out: Array | None = None) -> Array:
        y = self._room(x) if out is None else out
        first, *others = self.taps(*x.shape[2:])
        y[...] = x[first]
        for tap in others:
            np.maximum(y, x[tap], out=y)
        return y

    def d_x(self, g: Tensor, x: Tensor) -> Tensor:
        parts = [
            Scatter(tap, x.shape)(g * largest.astype(x.dtype))
            for tap, largest in self.first_largest(x.data, self.output.data)
        ]
        return sum(parts[1:], start=parts[0])

    def first_largest(
        self, x: Array, y: Array
    ) -> Iterator[tuple[tuple[slice, ...], NDArray[np.bool_]]]:
        """Each tap, and for which windows their largest number is the first time there."""
        taps = self.taps(*x.shape[2:])
        for number, first in first_equal([x[tap] for tap in taps], y):
            yield taps[number], first


class AvgPool2d(Pool2d, Operation):
    """y = the mean of each window"""

    row_by_row = True

    def forward(self, x: Array, out: Array | None = None) -> Array:
        y = self._room(x) if out is None else out
        first, *others = self.taps(*x.shape[2:])
        y[...] = x[first]
        for tap in others:
            y += x[tap]
        y *= 1 / math.prod(self.size)
        return y

    def d_x(self, g: Tensor, x: Tensor) -> Tensor:
        share = g * (1 / math.prod(self.size))
        parts = [Scatter(tap, x.shape)(share) for tap in self.taps(*x.shape[2:])]
        return sum(parts[1:], start=parts[0])


def first_equal(candidates: list[Array], largest: Array) -> Iterator[tuple[int, NDArray[np.bool_]]]:
    """For each of ``candidates`` its number, and where it is the first that equals ``largest``.

    At each place one of them must: the last is taken where no other does.
    """
    free = np.ones_like(largest, dtype=bool)
    for number, candidate in enumerate(candidates[:-1]):
        first = np.equal(candidate, largest)
        first &= free
        free ^= first
        yield number, first
    yield len(candidates) - 1, free
