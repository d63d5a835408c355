"""How weights begin. Each initialiser draws one array from a random generator."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray


class Fans(NamedTuple):
    """How far a layer fans: the inputs of one output, and the outputs that one input reaches."""

    fan_in: int
    fan_out: int

    @classmethod
    def of(cls, weight_shape: tuple[int, ...]) -> Fans:
        """Those of a layer by the shape of its weight, (out, in) or (out, in, height, width).

        As PyTorch counts them: the kernel's area multiplies both, and a transposed convolution,
        whose weight is (in, out, height, width), is read as if it were none.
        """
        outputs, inputs, *kernel = weight_shape
        return cls(inputs * math.prod(kernel), outputs * math.prod(kernel))


Initialiser = Callable[[np.random.Generator, tuple[int, ...], Fans], NDArray[np.float32]]
"""(generator, shape, fans) -> array; the fans of a layer's bias are those of its weight."""


def zeros(rng: np.random.Generator, shape: tuple[int, ...], fans: Fans) -> NDArray[np.float32]:
    """All 0."""
    return np.zeros(shape, np.float32)


def ones(rng: np.random.Generator, shape: tuple[int, ...], fans: Fans) -> NDArray[np.float32]:
    """All 1."""
    return np.ones(shape, np.float32)


def uniform(limit: float) -> Initialiser:
    """U(-limit, limit), whatever the size of the layer."""

    def draw(rng: np.random.Generator, shape: tuple[int, ...], fans: Fans) -> NDArray[np.float32]:
        return rng.uniform(-limit, limit, shape).astype(np.float32)

    return draw


def normal(deviation: float, mean: float = 0.0) -> Initialiser:
    """N(mean, deviation²), whatever the size of the layer."""

    def draw(rng: np.random.Generator, shape: tuple[int, ...], fans: Fans) -> NDArray[np.float32]:
        return (mean + deviation * rng.standard_normal(shape)).astype(np.float32)

    return draw


standard_normal = normal(1.0)
"""N(0, 1), PyTorch's default for embeddings."""

dcgan = normal(0.02)
"""N(0, 0.02²), for all weights of a deep convolutional GAN (Radford et al., 2015)."""

dcgan_scale = normal(0.02, mean=1.0)
"""N(1, 0.02²), for the weights of its batch normalisation, as its authors' program has it."""


def fan_in_uniform(
    rng: np.random.Generator, shape: tuple[int, ...], fans: Fans
) -> NDArray[np.float32]:
    """U(-1/√fan_in, 1/√fan_in), PyTorch's default for linear and convolutional layers."""
    return uniform(fans.fan_in**-0.5)(rng, shape, fans)


def kaiming_uniform(
    rng: np.random.Generator, shape: tuple[int, ...], fans: Fans
) -> NDArray[np.float32]:
    """U(-√(6/fan_in), √(6/fan_in)): keeps the variance through ReLU layers (He et al., 2015)."""
    return uniform((6 / fans.fan_in) ** 0.5)(rng, shape, fans)


def kaiming_normal(
    rng: np.random.Generator, shape: tuple[int, ...], fans: Fans
) -> NDArray[np.float32]:
    """N(0, 2/fan_in): the variance of :func:`kaiming_uniform`."""
    return normal((2 / fans.fan_in) ** 0.5)(rng, shape, fans)


def xavier_uniform(
    rng: np.random.Generator, shape: tuple[int, ...], fans: Fans
) -> NDArray[np.float32]:
    """U(-l, l) with l = √(6/(fan_in + fan_out)): for tanh layers (Glorot & Bengio, 2010)."""
    return uniform((6 / sum(fans)) ** 0.5)(rng, shape, fans)


def xavier_normal(
    rng: np.random.Generator, shape: tuple[int, ...], fans: Fans
) -> NDArray[np.float32]:
    """N(0, 2/(fan_in + fan_out)): the variance of :func:`xavier_uniform`."""
    return normal((2 / sum(fans)) ** 0.5)(rng, shape, fans)
