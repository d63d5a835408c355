"""How images and kernels lie in memory. Shapes are PyTorch's; this is for speed alone.

Images have the shape (n, channels, height, width), but the channels of a pixel lie side by side;
kernels have the shape (d, c, a, b), but the numbers of an offset (a, b) lie side by side. Then a
row of a window is one run of memory, see ``windows``, and all pixels of a channel are a column of a
matrix, see ``normalisation``. What lies otherwise is computed as rightly, and more slowly.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

Array = NDArray[Any]

LONG = 1 << 13
"""Numbers in a row that is long enough."""

FEW_ROWS = 16
"""With fewer long rows than this, to repeat the vectors costs as much as it saves."""


def by_pixel(images: Array) -> Array:
    """(n, channels, height, width) seen as (n, height, width, channels)."""
    return images.transpose(0, 2, 3, 1)


def by_offset(kernel: Array) -> Array:
    """(d, c, a, b) seen as (a, b, c, d)."""
    return kernel.transpose(2, 3, 1, 0)


def as_rows(x: Array) -> Array:
    """(n, channels) as it is; images as (pixels of all images, channels), a copy if need be."""
    return x if x.ndim == 2 else by_pixel(x).reshape(-1, x.shape[1])


def long_rows(matrices: Sequence[Array], vectors: Sequence[Array]) -> tuple[list[Array], ...]:
    """``matrices`` of one shape (n, columns) seen with several rows side by side as one long row.

    And ``vectors``, (columns,) each, repeated for that: NumPy, which adds a vector to a matrix row
    by row, has many rows of few numbers to do where images have few channels.
    """
    rows, columns = matrices[0].shape
    together = math.gcd(rows, 1 << (max(1, LONG // columns).bit_length() - 1))
    if rows // together < FEW_ROWS or not all(matrix.flags.c_contiguous for matrix in matrices):
        return list(matrices), list(vectors)
    seen = [matrix.reshape(-1, together * columns) for matrix in matrices]
    return seen, [np.tile(vector, together) for vector in vectors]


def channels_last(shape: tuple[int, ...], dtype: DTypeLike) -> Array:
    """New memory for images of ``shape`` (n, channels, height, width)."""
    n, channels, height, width = shape
    return np.empty((n, height, width, channels), dtype).transpose(0, 3, 1, 2)


def offsets_first(kernel: Array) -> Array:
    """The same kernel, laid out by offset."""
    return np.ascontiguousarray(by_offset(kernel)).transpose(3, 2, 0, 1)
