"""Gradients kept from growing without bound (Pascanu et al., 2013)."""

from __future__ import annotations

import math

import numpy as np

from mnist_engine.optim.flat import FlatParameters, for_each_chunk

EPSILON = 1e-6
"""Added to the norm before it divides, as in PyTorch."""


def clip_gradient_norm(flat: FlatParameters, max_norm: float) -> float:
    """g ← g min(1, max_norm / (|g| + 1e-6)), |g| being the length of all gradients as one vector.

    Returns |g| as it was, which has the same bits whatever the number of threads. These are the
    numbers of PyTorch's ``clip_grad_norm_``. Gradients that hold NaN or infinity are no direction,
    and stay none. ValueError unless max_norm > 0.
    """
    _check_positive("clip_gradient_norm: max_norm", max_norm)
    norm = gradient_norm(flat)
    factor = max_norm / (norm + EPSILON)
    if factor < 1:

        def scale(chunk: slice) -> None:
            flat.gradients[chunk] *= factor

        for_each_chunk(len(flat), scale)
    return norm


def clip_gradient_value(flat: FlatParameters, max_value: float) -> None:
    """Each element of the gradients brought into [-max_value, max_value].

    ValueError unless max_value > 0.
    """
    _check_positive("clip_gradient_value: max_value", max_value)
    flat.check()

    def clip(chunk: slice) -> None:
        gradients = flat.gradients[chunk]
        np.clip(gradients, -max_value, max_value, out=gradients)

    for_each_chunk(len(flat), clip)


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
