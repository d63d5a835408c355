"""Convolution and its transpose, in two dimensions (Dumoulin & Visin, A guide to convolution
arithmetic for deep learning, 2016).

Let x, w and y be images, a kernel and images, and T(x, w, y) the sum of all products
x[n, c, s i + a - p, s j + b - p] w[d, c, a, b] y[n, d, i, j] with stride s and padding p. T is
linear in each of the three, so its derivative with respect to one is a function of the other two:

- dT/dy = ``Conv2d`` (x, w), the convolution (a cross-correlation, strictly: the kernel is not
  flipped, as everywhere in this field);
- dT/dx = ``ConvTranspose2d`` (y, w), which spreads each pixel of y over a window of x;
- dT/dw = ``KernelGradient`` (x, y).

Hence the derivatives of each of these are the other two. ``windows`` computes them.

Shapes are PyTorch's: images (n, channels, height, width), kernels (out, in, height, width) for
``Conv2d`` and (in, out, height, width) for ``ConvTranspose2d``, which is the same matrix seen from
the other side.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from mnist_engine.autograd import windows
from mnist_engine.autograd.layout import by_offset, by_pixel, channels_last, offsets_first
from mnist_engine.autograd.operation import Operation
from mnist_engine.autograd.windows import Pair

if TYPE_CHECKING:
    from mnist_engine.autograd.tensor import Array, Tensor


class Strided:
    """What the three have in common: a stride and a padding, each (vertical, horizontal)."""

    def __init__(self, stride: Pair = (1, 1), padding: Pair = (0, 0)) -> None:
        if min(stride) < 1 or min(padding) < 0:
            raise ValueError(
                f"{type(self).__name__}: stride {stride} and padding {padding}; "
                "a stride is at least 1, a padding at least 0"
            )
        self.stride = stride
        self.padding = padding

    def options(self) -> tuple[Any, ...]:
        return (self.stride, self.padding)

    def left_over(self, x: Tensor, weight: Tensor) -> Pair:
        """Rows and columns of padded x that no window reaches, for the stride jumps past them."""
        down, across = (
            (pixels + 2 * p - size) % s
            for pixels, size, s, p in zip(
                x.shape[2:], weight.shape[2:], self.stride, self.padding, strict=True
            )
        )
        return down, across


class Conv2d(Strided, Operation):
    """y[n, d, i, j] = Σ x[n, c, s i + a - p, s j + b - p] w[d, c, a, b] + bias[d]

    x is (n, in, height, width), w (out, in, a, b), bias (out,) or left out; y is (n, out, i, j)
    with i = (height + 2 p - a) // s + 1.
    """

    def forward(
        self, x: Array, weight: Array, bias: Array | None = None, out: Array | None = None
    ) -> Array:
        if x.ndim != 4 or weight.ndim != 4 or x.shape[1] != weight.shape[1]:
            raise ValueError("needed are (n, in, height, width) and (out, in, height, width)")
        _check_bias(bias, weight.shape[0])
        if out is None:
            sizes = [
                (pixels + 2 * p - size) // s + 1
                for pixels, size, s, p in zip(
                    x.shape[2:], weight.shape[2:], self.stride, self.padding, strict=True
                )
            ]
            if min(sizes) < 1:
                raise ValueError(
                    f"the kernel is larger than the image with its padding of {self.padding}"
                )
            out = channels_last((len(x), weight.shape[0], *sizes), x.dtype)
        windows.correlate(
            by_pixel(x), by_offset(weight), bias, self.stride, self.padding, by_pixel(out)
        )
        return out

    def d_x(self, g: Tensor, x: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
        return ConvTranspose2d(self.stride, self.padding, self.left_over(x, weight))(g, weight)

    def d_weight(self, g: Tensor, x: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
        return KernelGradient(self.stride, self.padding, size=weight.shape[2:])(x, g)

    def d_bias(self, g: Tensor, x: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
        return g.sum(axis=(0, 2, 3))


class ConvTranspose2d(Strided, Operation):
    """x[n, c, s i + a - p, s j + b - p] = Σ y[n, d, i, j] w[d, c, a, b] + bias[c]

    y is (n, in, i, j), w (in, out, a, b), bias (out,) or left out; x is (n, out, height, width)
    with height = s (i - 1) + a - 2 p + ``extra``, where 0 <= extra < s: these are the heights that
    a convolution brings back to i.
    """

    def __init__(self, stride: Pair = (1, 1), padding: Pair = (0, 0), extra: Pair = (0, 0)) -> None:
        super().__init__(stride, padding)
        self.extra = extra
        if not all(0 <= more < s for more, s in zip(extra, stride, strict=True)):
            raise ValueError(
                f"{type(self).__name__}: {extra} extra pixels with stride {stride}; "
                "they must be at least 0 and less than the stride"
            )

    def options(self) -> tuple[Any, ...]:
        return (*super().options(), self.extra)

    def forward(
        self, y: Array, weight: Array, bias: Array | None = None, out: Array | None = None
    ) -> Array:
        if y.ndim != 4 or weight.ndim != 4 or y.shape[1] != weight.shape[0]:
            raise ValueError("needed are (n, in, i, j) and (in, out, height, width)")
        _check_bias(bias, weight.shape[1])
        if out is None:
            height, width = (
                s * (pixels - 1) + size - 2 * p + more
                for pixels, size, s, p, more in zip(
                    y.shape[2:],
                    weight.shape[2:],
                    self.stride,
                    self.padding,
                    self.extra,
                    strict=True,
                )
            )
            if min(height, width) < 1:
                raise ValueError(f"the padding of {self.padding} leaves nothing of the image")
            out = channels_last((len(y), weight.shape[1], height, width), y.dtype)
        windows.spread(
            by_pixel(y), by_offset(weight), bias, self.stride, self.padding, by_pixel(out)
        )
        return out

    def d_y(self, g: Tensor, y: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
        return Conv2d(self.stride, self.padding)(g, weight)

    def d_weight(self, g: Tensor, y: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
        return KernelGradient(self.stride, self.padding, size=weight.shape[2:])(g, y)

    def d_bias(self, g: Tensor, y: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
        return g.sum(axis=(0, 2, 3))


class KernelGradient(Strided, Operation):
    """w[d, c, a, b] = Σ x[n, c, s i + a - p, s j + b - p] y[n, d, i, j] for a kernel of ``size``"""

    def __init__(self, stride: Pair, padding: Pair, size: tuple[int, ...]) -> None:
        super().__init__(stride, padding)
        self.size = size  # of y's many possible kernels: the stride hides up to s - 1 pixels

    def options(self) -> tuple[Any, ...]:
        return (*super().options(), self.size)

    def forward(self, x: Array, y: Array, out: Array | None = None) -> Array:
        if out is None:
            out = offsets_first(np.empty((y.shape[1], x.shape[1], *self.size), x.dtype))
        windows.kernel_sums(by_pixel(x), by_pixel(y), self.stride, self.padding, by_offset(out))
        return out

    def d_x(self, g: Tensor, x: Tensor, y: Tensor) -> Tensor:
        return ConvTranspose2d(self.stride, self.padding, self.left_over(x, g))(y, g)

    def d_y(self, g: Tensor, x: Tensor, y: Tensor) -> Tensor:
        return Conv2d(self.stride, self.padding)(x, g)


def _check_bias(bias: Array | None, channels: int) -> None:
    if bias is not None and bias.shape != (channels,):
        raise ValueError(f"the bias must have shape ({channels},)")
