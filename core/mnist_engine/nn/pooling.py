"""Pooling as layers."""

from __future__ import annotations

from mnist_engine.autograd import Tensor, pooling
from mnist_engine.nn.convolution import pair
from mnist_engine.nn.module import Module


class MaxPool2d(Module):
    """The largest number of each window: (n, channels, h, w) -> (n, channels, i, j).

    Windows of ``kernel_size`` begin every ``stride`` pixels (by default, they tile the image), and
    i = (h - kernel_size) // stride + 1.
    """

    def __init__(
        self, kernel_size: int | tuple[int, int], stride: int | tuple[int, int] | None = None
    ) -> None:
        super().__init__()
        self.kernel_size = pair(kernel_size)
        self.stride = self.kernel_size if stride is None else pair(stride)

    def forward(self, x: Tensor) -> Tensor:
        return pooling.MaxPool2d(self.kernel_size, self.stride)(x)


class AvgPool2d(MaxPool2d):
    """The mean of each window, with the windows of :class:`MaxPool2d`."""

    def forward(self, x: Tensor) -> Tensor:
        return pooling.AvgPool2d(self.kernel_size, self.stride)(x)
