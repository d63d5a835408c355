"""Derivatives against finite differences: the proof that an operation is right.

The central difference (f(x + h) - f(x - h)) / 2h is off by O(h²); in float64 with h about 1e-6 it
agrees with a right derivative to about nine digits (Griewank & Walther, 2008, section 1.1).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import nullcontext
from typing import TYPE_CHECKING

import numpy as np

from mnist_engine.autograd import active
from mnist_engine.autograd.tape import GradientTape
from mnist_engine.autograd.tensor import Tensor

if TYPE_CHECKING:
    from mnist_engine.autograd.tensor import Array

Function = Callable[..., Tensor]


class GradientMismatch(AssertionError):  # noqa: N818  (an assertion that failed, not an error)
    """A derivative disagrees with the finite difference."""


def check_gradients(
    function: Function,
    inputs: Sequence[Array],
    order: int = 2,
    step: float = 1e-6,
    tolerance: float = 1e-5,
    seed: int = 0,
) -> None:
    """Compare every partial derivative of ``function`` with central differences, up to ``order``.

    ``function`` takes one tensor for each array of ``inputs`` and returns a tensor of any shape,
    which a fixed random weighting reduces to one number. First derivatives are computed both ways
    the tape knows (on arrays, with fast paths, and recorded). For order 2 the gradient itself,
    projected on a random direction, is the function that is checked. ``tolerance`` is absolute for
    small values and relative for large ones. Inputs must be float64 and keep off kinks by more than
    ``step``.

    Raises GradientMismatch naming the order, the input, the element and both values.
    """
    for number, array in enumerate(inputs):
        if array.dtype != np.float64:
            raise TypeError(f"check_gradients: input {number} is {array.dtype}; it must be float64")
    rng = np.random.default_rng(seed)
    _check(function, [array.copy() for array in inputs], order, 1, step, tolerance, rng)


def numerical_gradient(
    function: Callable[[], float], array: Array, step: float = 1e-6
) -> Array:
    """d(function)/d(array) by central differences; ``function`` reads ``array``, which is restored."""
    gradient = np.empty(array.shape)
    for index in np.ndindex(array.shape):
        here = array[index]
        array[index] = here + step
        above = function()
        array[index] = here - step
        below = function()
        array[index] = here
        gradient[index] = (above - below) / (2 * step)
    return gradient


def _check(
    function: Function,
    arrays: list[Array],
    order: int,
    level: int,
    step: float,
    tolerance: float,
    rng: np.random.Generator,
) -> None:
    weights = rng.standard_normal(function(*map(Tensor, arrays)).shape)
    directions = [rng.standard_normal(array.shape) for array in arrays]

    def value() -> float:
        return float(np.sum(function(*map(Tensor, arrays)).data * weights))

    def gradients(*tensors: Tensor, create_graph: bool) -> list[Tensor]:
        with GradientTape() as tape:
            target = (function(*tensors) * weights).sum()
            return tape.gradient(target, tensors, create_graph)

    variables = [Tensor(array, requires_grad=True) for array in arrays]
    by_arrays = gradients(*variables, create_graph=False)
    by_formula = gradients(*variables, create_graph=True)
    for number, array in enumerate(arrays):
        expected = numerical_gradient(value, array, step)
        for form, found in (("", by_arrays[number].data), (" (recorded)", by_formula[number].data)):
            _compare(found, expected, f"order {level}{form}, input {number}", tolerance)

    if order > level:

        def projected(*tensors: Tensor) -> Tensor:
            variables = [t if t.requires_grad else Tensor(t.data, requires_grad=True) for t in tensors]
            tape = active.tape()
            with nullcontext(tape) if tape is not None else GradientTape() as tape:
                target = (function(*variables) * weights).sum()
                parts = tape.gradient(target, variables, create_graph=True)
                products = [(part * d).sum() for part, d in zip(parts, directions, strict=True)]
                return sum(products[1:], start=products[0])

        _check(projected, arrays, order, level + 1, step, tolerance, rng)


def _compare(found: Array, expected: Array, where: str, tolerance: float) -> None:
    if found.shape != expected.shape:
        raise GradientMismatch(f"{where}: shape {found.shape}, should be {expected.shape}")
    wrong = ~(np.abs(found - expected) <= tolerance * np.maximum(1, np.abs(expected)))
    if wrong.any():
        index = tuple(int(i) for i in np.argwhere(wrong)[0])
        raise GradientMismatch(
            f"{where}, element {index}: derivative {found[index]:.8g}, "
            f"finite difference {expected[index]:.8g}"
        )
