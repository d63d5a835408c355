"""Gradients kept from growing without bound (Pascanu et al., 2013)."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np

from mnist_engine.autograd import Array, Tensor
from mnist_engine.optim.flat import FlatParameters, for_each_chunk

if TYPE_CHECKING:
    from mnist_engine.optim.optimizer import Optimizer

EPSILON = 1e-6
"""Added to the norm before it divides, as in PyTorch."""


def clip_gradient_norm(parameters: Optimizer | Sequence[Tensor], max_norm: float) -> float:
    """g ← g min(1, max_norm / (|g| + 1e-6)), |g| being the length of all gradients as one vector.

    The gradients are those of ``parameters``, or of all that an optimizer moves, which is faster.
    Returns |g| as it was, which has the same bits whatever the number of threads. These are the
    numbers of PyTorch's ``clip_grad_norm_``. Gradients that hold NaN or infinity are no direction,
    and stay none. A parameter without a new gradient since ``zero_grad`` counts as 0. ValueError
    unless max_norm > 0.
    """
    if not isinstance(parameters, Sequence):
        return shorten(parameters.flat, max_norm)
    _check_positive("clip_gradient_norm: max_norm", max_norm)
    gradients = list(_new_gradients(parameters))
    norm = math.sqrt(sum(float(np.sum(g * g, dtype=np.float64)) for g in gradients))
    factor = max_norm / (norm + EPSILON)
    if factor < 1:
        for gradient in gradients:
            gradient *= factor
    return norm


def clip_gradient_value(parameters: Optimizer | Sequence[Tensor], max_value: float) -> None:
    """Each element of the gradients brought into [-max_value, max_value].

    The gradients are those of ``parameters``, or of all that an optimizer moves. ValueError unless
    max_value > 0.
    """
    _check_positive("clip_gradient_value: max_value", max_value)
    if not isinstance(parameters, Sequence):
        parameters.flat.check()
        parameters = parameters.parameters
    for gradient in _new_gradients(parameters):
        np.clip(gradient, -max_value, max_value, out=gradient)


def _new_gradients(parameters: Sequence[Tensor]) -> Iterator[Array]:
    """Those that a backward left since zero_grad, one for each parameter however often listed."""
    for parameter in dict.fromkeys(parameters):
        if parameter.grad is not None and not parameter.grad_is_stale:
            yield parameter.grad


# -- all gradients of an optimizer at once -------------------------------------------------------


def shorten(flat: FlatParameters, max_norm: float) -> float:
    """:func:`clip_gradient_norm` on flat arrays."""
    _check_positive("clip_gradient_norm: max_norm", max_norm)
    norm = gradient_norm(flat)
    factor = max_norm / (norm + EPSILON)
    if factor < 1:

        def scale(chunk: slice) -> None:
            flat.gradients[chunk] *= factor

        for_each_chunk(len(flat), scale)
    return norm


def gradient_norm(flat: FlatParameters) -> float:
    """√(Σ g²) over all gradients."""
    flat.check()
    sums: dict[int, float] = {}

    def add_up(chunk: slice) -> None:
        squares = flat.scratch(chunk.stop - chunk.start)
        np.multiply(flat.gradients[chunk], flat.gradients[chunk], out=squares)
        sums[chunk.start] = float(np.add.reduce(squares, dtype=np.float64))

    for_each_chunk(len(flat), add_up)
    return math.sqrt(sum(sums[begin] for begin in sorted(sums)))  # in order, whoever came first


def _check_positive(what: str, limit: float) -> None:
    if not limit > 0:
        raise ValueError(f"{what} is {limit}; it must be above 0")
