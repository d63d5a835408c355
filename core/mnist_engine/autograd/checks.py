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
    values up to 1 and relative for larger ones. Inputs must be float64 and keep off kinks by more
    than ``step``.

    Raises GradientMismatch naming the order, the input, the element and both values.
    """
    for number, array in enumerate(inputs):
        if array.dtype != np.float64:
            raise TypeError(f"check_gradients: input {number} is {array.dtype}; it must be float64")
    rng = np.random.default_rng(seed)
    arrays = [np.array(array, order="K") for array in inputs]
    for level in range(1, order + 1):
        weights = rng.standard_normal(function(*map(Tensor, arrays)).shape)
        scalar = _weighted_sum(function, weights)
        _check_first_order(scalar, arrays, f"order {level}", step, tolerance)
        directions = [rng.standard_normal(array.shape) for array in arrays]
        function = _directional_derivative(scalar, directions)


def numerical_gradient(function: Callable[[], float], array: Array, step: float = 1e-6) -> Array:
    """d(function)/d(array) by central differences.

    ``function`` takes no arguments: it reads ``array``, of which one element at a time is moved by
    ``step`` either way and put back.
    """
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


def _weighted_sum(function: Function, weights: Array) -> Function:
    """f(x) -> Σ w f(x), one number that depends on every element of f(x) in its own way."""
    return lambda *tensors: (function(*tensors) * weights).sum()


def _directional_derivative(scalar: Function, directions: Sequence[Array]) -> Function:
    """s(x) -> Σ u ∂s/∂x with one array u for each input, itself recorded if a tape is active."""

    def derivative(*tensors: Tensor) -> Tensor:
        variables = [t if t.requires_grad else Tensor(t.data, requires_grad=True) for t in tensors]
        outer = active.tape()
        with GradientTape() if outer is None else nullcontext(outer) as tape:
            gradients = _gradients(tape, scalar(*variables), variables, create_graph=True)
            parts = [(g * u).sum() for g, u in zip(gradients, directions, strict=True)]
            return sum(parts[1:], start=parts[0])

    return derivative


def _check_first_order(
    scalar: Function, arrays: list[Array], order: str, step: float, tolerance: float
) -> None:
    """Both forms of the gradient of ``scalar`` against central differences."""
    variables = [Tensor(array, requires_grad=True) for array in arrays]
    with GradientTape() as tape:
        target = scalar(*variables)
        recorded = _gradients(tape, target, variables, create_graph=True)
        by_arrays = _gradients(tape, target, variables, create_graph=False)
    for number, array in enumerate(arrays):
        expected = numerical_gradient(lambda: scalar(*map(Tensor, arrays)).item(), array, step)
        where = f"{order}, input {number}"
        _compare(by_arrays[number].data, expected, where, tolerance)
        _compare(recorded[number].data, expected, f"{where} (recorded)", tolerance)


def _gradients(
    tape: GradientTape, target: Tensor, variables: Sequence[Tensor], create_graph: bool
) -> list[Tensor]:
    """Gradients on ``tape``; zeros for a target that depends on nothing, as the slope of 3 x."""
    if target.requires_grad:
        return tape.gradient(target, variables, create_graph)
    return [Tensor(np.zeros_like(variable.data)) for variable in variables]


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
