"""How weights begin. Each initialiser draws one array from a random generator."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Initialiser = Callable[[np.random.Generator, tuple[int, ...], int], NDArray[np.float32]]
"""(generator, shape, fan_in) -> array; ``fan_in`` is the number of inputs of one output."""


def zeros(rng: np.random.Generator, shape: tuple[int, ...], fan_in: int) -> NDArray[np.float32]:
    """All 0."""
    return np.zeros(shape, np.float32)


def uniform(limit: float) -> Initialiser:
    """U(-limit, limit), whatever the size of the layer."""

    def draw(rng: np.random.Generator, shape: tuple[int, ...], fan_in: int) -> NDArray[np.float32]:
        return rng.uniform(-limit, limit, shape).astype(np.float32)

    return draw


def normal(deviation: float) -> Initialiser:
    """N(0, deviation²); 0.02 is DCGAN's (Radford et al., 2015)."""

    def draw(rng: np.random.Generator, shape: tuple[int, ...], fan_in: int) -> NDArray[np.float32]:
        return (deviation * rng.standard_normal(shape)).astype(np.float32)

    return draw


def fan_in_uniform(
    rng: np.random.Generator, shape: tuple[int, ...], fan_in: int
) -> NDArray[np.float32]:
    """U(-1/√fan_in, 1/√fan_in), PyTorch's default for weights and biases of a linear layer."""
    return uniform(fan_in**-0.5)(rng, shape, fan_in)


def kaiming_uniform(
    rng: np.random.Generator, shape: tuple[int, ...], fan_in: int
) -> NDArray[np.float32]:
    """U(-√(6/fan_in), √(6/fan_in)): keeps the variance through ReLU layers (He et al., 2015)."""
    return uniform((6 / fan_in) ** 0.5)(rng, shape, fan_in)
