"""Pooling as layers."""

from __future__ import annotations

from mnist_engine.autograd import Tensor, pooling
from mnist_engine.nn.arguments import IntOrPair, pair
from mnist_engine.nn.module import Module


class Pool2d(Module):
    """What pools have in common: (n, channels, h, w) -> (n, channels, i, j), a number a window.

    Windows of ``kernel_size`` begin every ``stride`` pixels (by default, they tile the image), and
    i = (h - kernel_size) // stride + 1. TypeError or ValueError unless both are whole numbers from
    1 up, or pairs of them; ValueError for an input of another form, or one that no window fits in.
    """

    def __init__(self, kernel_size: IntOrPair, stride: IntOrPair | None = None) -> None:
        super().__init__()
        name = type(self).__name__
        self.kernel_size = pair(f"{name}: kernel_size", kernel_size)
        self.stride = self.kernel_size if stride is None else pair(f"{name}: stride", stride)

    def settings(self) -> str:
        return f"{self.kernel_size}, stride={self.stride}"


class MaxPool2d(Pool2d):
    """The largest number of each window."""

    def forward(self, x: Tensor) -> Tensor:
        return pooling.MaxPool2d(self.kernel_size, self.stride)(x)


class AvgPool2d(Pool2d):
    """The mean of each window."""

    def forward(self, x: Tensor) -> Tensor:
        return pooling.AvgPool2d(self.kernel_size, self.stride)(x)
