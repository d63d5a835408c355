"""Between rows of numbers and images, as layers."""

from __future__ import annotations

from mnist_engine.autograd import Tensor, shapes
from mnist_engine.nn.arguments import whole
from mnist_engine.nn.module import Module


class Flatten(Module):
    """Each example's numbers in a row: (n, channels, height, width) -> (n, numbers)."""

    def forward(self, x: Tensor) -> Tensor:
        return shapes.Flatten()(x)


class Unflatten(Module):
    """Each example's row in a shape: ``Unflatten(1, 28, 28)`` is (n, 784) -> (n, 1, 28, 28).

    The shape may also be one tuple, ``Unflatten((1, 28, 28))``. TypeError or ValueError unless it
    is of whole numbers from 1 up; ValueError for rows of another length.
    """

    def __init__(self, *shape: int | tuple[int, ...]) -> None:
        super().__init__()
        numbers = shape[0] if len(shape) == 1 and isinstance(shape[0], tuple) else shape
        self.shape = tuple(whole("Unflatten: a number of the shape", n) for n in numbers)

    def forward(self, x: Tensor) -> Tensor:
        return shapes.Unflatten(self.shape)(x)

    def settings(self) -> str:
        return ", ".join(map(str, self.shape))
