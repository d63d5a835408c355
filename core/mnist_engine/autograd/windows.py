"""How a convolution is computed: as products of matrices, a few images at a time.

The functions :func:`correlate`, :func:`spread` and :func:`kernel_sums` are the three ways to read
one sum over images n and pixels (i, j), kernel offsets (a, b) and channels c and d,

    Σ x[n, s i + a - p, s j + b - p, c] w[a, b, c, d] y[n, i, j, d]

with stride s and padding p: each leaves one of y, x and w out of the sum and is indexed by what it
left out. Pixels outside of x count as 0. Arrays of images are (n, height, width, channels) here:
then the channels of a pixel lie side by side, and a row of a window is one run of memory.

The windows of a few images are copied beside each other into a matrix, small enough to stay in the
cache, which is multiplied with the kernel (Chellapilla et al., High performance convolutional
neural networks for document processing, 2006). Two threads take half of the images each.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.lib.stride_tricks import as_strided
from numpy.typing import NDArray

from mnist_engine.autograd.buffers import scratch
from mnist_engine.autograd.threads import in_halves

Array = NDArray[Any]
Pair = tuple[int, int]

MATRIX = 1 << 19
"""Numbers in a matrix of windows: 2 MB of float32."""


def correlate(
    x: Array, kernel: Array, bias: Array | None, stride: Pair, padding: Pair, y: Array
) -> None:
    """y[n, i, j, d] = Σ x[n, s i + a - p, s j + b - p, c] kernel[a, b, c, d] + bias[d]"""
    down, across = _all_windows(kernel, stride, padding, y)
    matrix = _as_matrix(kernel)
    in_halves(lambda part: _multiply_windows(x, down, across, matrix, bias, y, part), len(x))


def spread(
    y: Array, kernel: Array, bias: Array | None, stride: Pair, padding: Pair, x: Array
) -> None:
    """x[n, s i + a - p, s j + b - p, c] = Σ y[n, i, j, d] kernel[a, b, c, d] + bias[c]"""
    channels_x, channels_y = kernel.shape[2:]
    if 4 * channels_x < channels_y:
        _add_windows(y, kernel, bias, stride, padding, x)
        return
    # Pixels of x at the same place modulo the stride see the same part of the kernel, at windows of
    # y that move on by one pixel each: for each such phase this is an ordinary correlation.
    phases = [
        (x[:, rows, columns], down, across, _as_matrix(kernel[a, b][::-1, ::-1].swapaxes(2, 3)))
        for a, rows, down in _phases(kernel.shape[0], stride[0], padding[0], x.shape[1])
        for b, columns, across in _phases(kernel.shape[1], stride[1], padding[1], x.shape[2])
    ]

    def work(part: slice) -> None:
        for pixels, down, across, matrix in phases:
            _multiply_windows(y, down, across, matrix, bias, pixels, part)

    in_halves(work, len(x))


def kernel_sums(x: Array, y: Array, stride: Pair, padding: Pair, kernel: Array) -> None:
    """kernel[a, b, c, d] = Σ x[n, s i + a - p, s j + b - p, c] y[n, i, j, d]"""
    down, across = _all_windows(kernel, stride, padding, y)
    shape = (kernel[..., 0].size, kernel.shape[-1])
    halves = [scratch(("sum", half), shape, x.dtype) for half in range(2)]  # this thread's

    def work(part: slice) -> None:
        total = halves[part.start > 0]
        product = scratch("product", shape, x.dtype)
        for images in _few(part, down.number * across.number * shape[0]):
            windows = _windows(x[images], down, across)
            np.matmul(windows.T, y[images].reshape(-1, shape[1]), out=product)
            total += product

    for total in halves:
        total.fill(0)
    in_halves(work, len(x))
    first, second = (total.reshape(kernel.shape) for total in halves)
    np.add(first, second, out=kernel)


# -- windows -------------------------------------------------------------------------------------


class Positions(NamedTuple):
    """Windows along one axis: ``number`` of ``size`` pixels, from pixel ``first`` by ``step``.

    ``first`` may be negative, and the last window may end behind the image.
    """

    first: int
    step: int
    size: int
    number: int

    @property
    def extent(self) -> int:
        """Pixels from the first of the first window to the last of the last."""
        return self.step * (self.number - 1) + self.size


def _all_windows(
    kernel: Array, stride: Pair, padding: Pair, y: Array
) -> tuple[Positions, Positions]:
    """Where the windows lie that make y, along the rows and along the columns."""
    return (
        Positions(-padding[0], stride[0], kernel.shape[0], y.shape[1]),
        Positions(-padding[1], stride[1], kernel.shape[1], y.shape[2]),
    )


def _phases(
    size: int, stride: int, padding: int, pixels: int
) -> Iterator[tuple[slice, slice, Positions]]:
    """For each phase of :func:`spread`: its part of the kernel, its pixels of x, the windows of y.

    Pixel i of x gets y[q - t] w[r + s t] where s q + r = i + p, over all t that the kernel has.
    """
    for r in range(stride):
        offsets = len(range(r, size, stride))
        first = (r - padding) % stride
        q = (first + padding - r) // stride
        count = len(range(first, pixels, stride))
        if count:
            where = Positions(q - (offsets - 1), 1, offsets, count)
            yield slice(r, None, stride), slice(first, None, stride), where


def _windows(images: Array, down: Positions, across: Positions) -> Array:
    """The windows of ``images``, a row each: (images x windows, size x size x channels)."""
    n, channels = len(images), images.shape[3]
    inside = _padded(images, down, across)
    image, row, column, channel = inside.strides
    view = as_strided(
        inside,
        (n, down.number, across.number, down.size, across.size, channels),
        (image, row * down.step, column * across.step, row, column, channel),
        writeable=False,
    )
    matrix = scratch("windows", view.shape, images.dtype)
    np.copyto(matrix, view)
    return matrix.reshape(n * down.number * across.number, -1)


def _padded(images: Array, down: Positions, across: Positions) -> Array:
    """The part of ``images`` that the windows cover, with zeros where they lie outside."""
    height, width, channels = images.shape[1:]
    top, bottom = _inside(down, height)
    left, right = _inside(across, width)
    shape = (len(images), down.extent, across.extent, channels)
    side_by_side = channels == 1 or images.strides[3] == images.itemsize
    inside = images[:, top:bottom, left:right]
    if inside.shape == shape and side_by_side:
        return inside
    y, x = top - down.first, left - across.first
    padded = scratch(("padded", y, x, inside.shape[1:]), shape, images.dtype)
    # The border is 0 from the beginning: nothing else is ever written under this key.
    padded[:, y : y + inside.shape[1], x : x + inside.shape[2]] = inside
    return padded


def _inside(windows: Positions, pixels: int) -> Pair:
    """The first pixel of an image that the windows cover, and the one after the last.

    The two are equal where all windows lie outside.
    """
    first = min(max(windows.first, 0), pixels)
    return first, max(first, min(windows.first + windows.extent, pixels))


def _multiply_windows(
    images: Array,
    down: Positions,
    across: Positions,
    matrix: Array,
    bias: Array | None,
    out: Array,
    part: slice,
) -> None:
    """out[n, i, j] = window (i, j) of image n, times ``matrix``, plus ``bias``, for n in part."""
    for some in _few(part, down.number * across.number * len(matrix)):
        windows = _windows(images[some], down, across)
        mine = out[some]
        if mine.flags.c_contiguous:
            flat = mine.reshape(len(windows), -1)
            np.matmul(windows, matrix, out=flat)
            if bias is not None:
                flat += bias
        else:
            product = scratch("product", (len(windows), mine.shape[3]), out.dtype)
            np.matmul(windows, matrix, out=product)
            _put(product.reshape(mine.shape), bias, mine)


def _add_windows(
    y: Array, kernel: Array, bias: Array | None, stride: Pair, padding: Pair, x: Array
) -> None:
    """:func:`spread` for few channels of x: all windows first, then each added where it belongs."""
    matrix = kernel.reshape(-1, kernel.shape[3]).T
    down, across = _all_windows(kernel, stride, padding, y)
    top, left = padding
    height, width = x.shape[1:3]
    extents = max(down.extent, top + height), max(across.extent, left + width)

    def work(part: slice) -> None:
        for some in _few(part, down.number * across.number * matrix.shape[1]):
            pixels = y[some]
            rows = pixels.reshape(-1, len(matrix))
            product = scratch("windows", (len(rows), matrix.shape[1]), y.dtype)
            np.matmul(rows, matrix, out=product)
            windows = product.reshape(*pixels.shape[:3], *kernel.shape[:3])
            canvas = scratch("canvas", (len(pixels), *extents, x.shape[3]), y.dtype)
            canvas.fill(0)
            # One channel at a time: NumPy's innermost loop is a row of pixels, not a few channels.
            for a, b, c in np.ndindex(kernel.shape[:3]):
                rows_there = slice(a, a + down.step * (down.number - 1) + 1, down.step)
                columns_there = slice(b, b + across.step * (across.number - 1) + 1, across.step)
                canvas[:, rows_there, columns_there, c] += windows[:, :, :, a, b, c]
            _put(canvas[:, top : top + height, left : left + width], bias, x[some])

    in_halves(work, len(x))


def _as_matrix(kernel: Array) -> Array:
    """(a, b, c, d) -> (a b c, d)"""
    return kernel.reshape(-1, kernel.shape[3])


def _put(values: Array, bias: Array | None, out: Array) -> None:
    """out = values + bias"""
    if bias is None:
        out[...] = values
    else:
        np.add(values, bias, out=out)


def _few(images: slice, numbers: int) -> Iterator[slice]:
    """``images`` cut into parts that make a matrix of about MATRIX, ``numbers`` an image."""
    few = max(1, MATRIX // max(1, numbers))
    for begin in range(images.start, images.stop, few):
        yield slice(begin, min(begin + few, images.stop))
