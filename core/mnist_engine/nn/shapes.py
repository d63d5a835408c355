"""Between rows of numbers and images, as layers."""

from __future__ import annotations

from mnist_engine.autograd import Tensor, shapes
from mnist_engine.nn.module import Module


class Flatten(Module):
    """Each example's numbers in a row: (n, channels, height, width) -> (n, numbers)."""

    def forward(self, x: Tensor) -> Tensor:
        return shapes.Flatten()(x)


class Unflatten(Module):
    """Each example's row in a shape: ``Unflatten(1, 28, 28)`` is (n, 784) -> (n, 1, 28, 28)."""

    def __init__(self, *shape: int) -> None:
        super().__init__()
        self.shape = shape

    def forward(self, x: Tensor) -> Tensor:
        return shapes.Unflatten(self.shape)(x)
