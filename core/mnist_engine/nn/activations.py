"""Activations as layers; the functions themselves are operations of autograd."""

from __future__ import annotations

from mnist_engine.autograd import Tensor
from mnist_engine.nn.module import Module


class Sigmoid(Module):
    """1 / (1 + e^-x)"""

    def forward(self, x: Tensor) -> Tensor:
        return x.sigmoid()


class Tanh(Module):
    """tanh x"""

    def forward(self, x: Tensor) -> Tensor:
        return x.tanh()


class ReLU(Module):
    """max(x, 0)"""

    def forward(self, x: Tensor) -> Tensor:
        return x.relu()


class LeakyReLU(Module):
    """x where positive, ``slope`` x elsewhere."""

    def __init__(self, slope: float = 0.01) -> None:
        super().__init__()
        self.slope = slope

    def forward(self, x: Tensor) -> Tensor:
        return x.leaky_relu(self.slope)

    def settings(self) -> str:
        return f"{self.slope:g}"


class Softmax(Module):
    """Probabilities along the last axis."""

    def forward(self, x: Tensor) -> Tensor:
        return x.softmax()
