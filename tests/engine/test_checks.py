"""The gradient check: what it must find, one kind of mistake at a time, in operations made here."""

from __future__ import annotations

import numpy as np
import pytest

from mnist_engine.autograd import (
    Array,
    GradientMismatch,
    Operation,
    Tensor,
    check_gradients,
)
from mnist_engine.autograd.activations import Tanh
from mnist_engine.autograd.arithmetic import Divide
from mnist_engine.autograd.checks import numerical_gradient
from mnist_engine.autograd.linear_algebra import MatMul
from mnist_engine.autograd.reductions import Mean, Sum

MATRIX = np.array([[0.3, -0.7], [1.1, 0.4]])
OTHER = np.array([[-0.5, 0.9], [0.2, 0.8]])


class FlippedSign(Tanh):
    """tanh with a derivative of the wrong sign."""

    def d_x(self, g: Tensor, x: Tensor) -> Tensor:
        return -super().d_x(g, x)


class MissingFactor(Mean):
    """A mean whose derivative forgets 1/n."""

    def d_x(self, g: Tensor, x: Tensor) -> Tensor:
        return Sum.d_x(self, g, x)


class MissingTransposition(MatMul):
    """A B with dL/dB = A G: of the right shape where matrices are square."""

    def d_b(self, g: Tensor, a: Tensor, b: Tensor) -> Tensor:
        return a @ g


class MissingGradient(Divide):
    """x / y whose derivative with respect to y was never written."""

    d_y = None  # type: ignore[assignment]


class WrongInSecondOrderOnly(Tanh):
    """tanh with the right slope, which is taken for a constant."""

    def d_x(self, g: Tensor, x: Tensor) -> Tensor:
        y = self.output.detach()
        return g * (1.0 - y * y)


class NotANumber(Tanh):
    """tanh whose derivative is NaN, which no comparison finds larger than a tolerance."""

    def d_x(self, g: Tensor, x: Tensor) -> Tensor:
        return g * float("nan")


class WrongFastPath(Tanh):
    """tanh with the right formula and a fast path that forgets the square."""


def forgets_the_square(tanh: Operation, g: Array, out: Array) -> None:
    np.subtract(1, tanh.output.data, out=out)
    out *= g


WrongFastPath.fast_paths[0] = forgets_the_square


@pytest.mark.parametrize(
    ("wrong", "inputs", "where"),
    [
        (FlippedSign, [MATRIX], "order 1, input 0"),
        (MissingFactor, [MATRIX], "order 1, input 0"),
        (MissingTransposition, [MATRIX, OTHER], "order 1, input 1"),
        (MissingGradient, [MATRIX, OTHER], "order 1, input 1"),
        (WrongInSecondOrderOnly, [MATRIX], "order 2, input 0"),
        (NotANumber, [MATRIX], "order 1, input 0"),
        (WrongFastPath, [MATRIX], "order 1, input 0, element (0, 0)"),
    ],
)
def test_a_planted_mistake_is_found_and_located(
    wrong: type[Operation], inputs: list[Array], where: str
) -> None:
    with pytest.raises(GradientMismatch) as found:
        check_gradients(lambda *tensors: wrong()(*tensors), inputs)
    assert str(found.value).startswith(where)


@pytest.mark.parametrize("right", [Tanh, Mean])
def test_the_right_one_passes(right: type[Operation]) -> None:
    check_gradients(lambda x: right()(x), [MATRIX])


def test_a_mistake_in_the_second_order_passes_a_check_of_the_first() -> None:
    check_gradients(lambda x: WrongInSecondOrderOnly()(x), [MATRIX], order=1)


def test_third_derivatives_can_be_checked_too() -> None:
    check_gradients(lambda x: x.tanh() * x.exp(), [MATRIX[0]], order=3, tolerance=1e-4)


def test_inputs_are_left_as_they_were() -> None:
    array = MATRIX.copy()
    check_gradients(lambda x: x.exp(), [array])
    np.testing.assert_array_equal(array, MATRIX)


def test_float32_is_refused_because_differences_drown_in_it() -> None:
    with pytest.raises(TypeError, match="input 0 is float32"):
        check_gradients(lambda x: x.exp(), [MATRIX.astype(np.float32)])


def test_the_numerical_gradient_of_a_cubic() -> None:
    x = np.array([1.0, -2.0])
    np.testing.assert_allclose(numerical_gradient(lambda: float((x**3).sum()), x), 3 * x**2)
