"""Large arrays are worked on in parts, in pieces, by two threads; the numbers do not tell.

The table of ``test_operations`` holds small arrays, which are done in one go.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import pytest

from mnist_engine.autograd import Array, GradientTape, Operation, Tensor
from mnist_engine.autograd.activations import (
    LeakyReLU,
    LogSoftmax,
    ReLU,
    Sigmoid,
    Slope,
    Softmax,
    Tanh,
)
from mnist_engine.autograd.convolution import Conv2d, ConvTranspose2d
from mnist_engine.autograd.linear_algebra import Linear, MatMul
from mnist_engine.autograd.losses import BinaryCrossEntropyWithLogits, SoftmaxCrossEntropy
from mnist_engine.autograd.normalisation import BatchNorm
from mnist_engine.autograd.pooling import AvgPool2d, MaxPool2d
from mnist_engine.autograd.shapes import Flatten, Unflatten
from mnist_engine.autograd.threads import PART, limit_threads

LARGE = (1303, 431)
IMAGES = (67, 5, 44, 40)


@dataclass(frozen=True)
class Case:
    """One use of an operation; the first ``rows`` inputs have a row for each row of the result."""

    make: Callable[[], Operation]
    shapes: tuple[tuple[int, ...], ...]
    rows: int = 1

    def inputs(self, dtype: type) -> list[Array]:
        rng = np.random.default_rng(12)
        return [rng.standard_normal(shape).astype(dtype) for shape in self.shapes]

    def __str__(self) -> str:
        return f"{self.make().name} of {', '.join(map(str, self.shapes))}"


ROW_BY_ROW = [
    Case(Linear, ((9001, 31), (17, 31), (17,))),
    Case(Linear, ((9001, 31), (17, 31))),
    Case(Linear, ((5, 700), (600, 700), (600,))),
    Case(Linear, ((9001, 31), (1, 31), (1,))),
    Case(MatMul, ((9001, 31), (31, 17))),
    *[Case(make, (LARGE,)) for make in (Sigmoid, Tanh, ReLU, Softmax, LogSoftmax)],
    Case(lambda: LeakyReLU(0.2), (LARGE,)),
    Case(lambda: Slope(0.2), (LARGE,)),
    Case(BinaryCrossEntropyWithLogits, (LARGE, LARGE), rows=2),
    Case(SoftmaxCrossEntropy, (LARGE, LARGE), rows=2),
    Case(SoftmaxCrossEntropy, ((9001, 10), (9001, 10)), rows=2),
    Case(Flatten, (IMAGES,)),
    Case(lambda: Unflatten((5, 44, 40)), ((67, 5 * 44 * 40),)),
    Case(lambda: MaxPool2d((2, 2)), (IMAGES,)),
    Case(lambda: MaxPool2d((3, 2), (2, 1)), (IMAGES,)),
    Case(lambda: AvgPool2d((2, 2)), (IMAGES,)),
    Case(lambda: Conv2d((2, 1), (1, 0)), (IMAGES, (3, 5, 3, 2), (3,))),
    Case(lambda: ConvTranspose2d((2, 2), (1, 1)), ((67, 5, 22, 20), (5, 3, 4, 4), (3,))),
    Case(lambda: ConvTranspose2d((2, 2), (1, 1)), ((67, 9, 22, 20), (9, 1, 4, 4))),
]
WHOLE = [
    Case(BatchNorm, (LARGE, (431,), (431,))),
    Case(BatchNorm, (IMAGES, (5,), (5,))),
    Case(BatchNorm, ((4096, 24), (24,), (24,))),
]

precisions = pytest.mark.parametrize(("dtype", "rtol"), [(np.float64, 1e-10), (np.float32, 2e-4)])


def test_the_large_arrays_are_large() -> None:
    assert min(np.prod(LARGE), np.prod(IMAGES)) > 2 * PART


@precisions
@pytest.mark.parametrize("case", ROW_BY_ROW, ids=str)
def test_each_row_is_what_it_would_be_alone(case: Case, dtype: type, rtol: float) -> None:
    inputs = case.inputs(dtype)
    whole = case.make()(*inputs).data
    for row in (0, 1, len(whole) // 2 - 1, len(whole) // 2, len(whole) - 2, len(whole) - 1):
        some = [x[row : row + 1] for x in inputs[: case.rows]] + inputs[case.rows :]
        alone = case.make()(*some).data[0]
        np.testing.assert_allclose(whole[row], alone, rtol=rtol, atol=rtol)


def results(case: Case, dtype: type, threads: int) -> list[Array]:
    """The output and the gradients, as gradient and as what backward leaves behind."""
    variables = [Tensor(array, requires_grad=True) for array in case.inputs(dtype)]
    with limit_threads(threads), GradientTape() as tape:
        y = case.make()(*variables)
        g = np.random.default_rng(13).standard_normal(y.shape).astype(dtype)
        total = (y * g).sum()
        recorded = tape.gradient(total, variables)
        total.backward(variables)
    left = [np.asarray(variable.grad) for variable in variables]
    return [y.numpy(), *(gradient.numpy() for gradient in recorded), *left]


@precisions
@pytest.mark.parametrize("case", ROW_BY_ROW + WHOLE, ids=str)
def test_fast_paths_equal_the_formulas(
    case: Case, dtype: type, rtol: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    fast = results(case, dtype, threads=2)
    monkeypatch.setattr(type(case.make()), "fast_paths", {})
    for found, formula in zip(fast, results(case, dtype, threads=1), strict=True):
        scale = np.abs(formula).max() + 1
        np.testing.assert_allclose(found / scale, formula / scale, rtol=rtol, atol=rtol)


OURS = [
    replace(case, shapes=case.shapes[:2])  # a bias's gradient is a sum of BLAS's
    for case in ROW_BY_ROW
    if type(case.make()) not in (Linear, MatMul)
]
"""Those whose work we share out ourselves; BLAS may sum in another order where it does."""


@pytest.mark.parametrize("case", OURS, ids=str)
def test_two_threads_change_no_bit(case: Case) -> None:
    for one, two in zip(results(case, np.float32, 1), results(case, np.float32, 2), strict=True):
        np.testing.assert_array_equal(one, two)


@pytest.mark.parametrize("shape", [LARGE, IMAGES, (4096, 24)])
def test_batch_norm_of_a_large_batch_is_its_formula(shape: tuple[int, ...]) -> None:
    x, weight, bias = Case(BatchNorm, (shape, shape[1:2], shape[1:2])).inputs(np.float64)
    axes = tuple(axis for axis in range(x.ndim) if axis != 1)
    along = (1, -1, *(1 for _ in shape[2:]))
    mean, variance = x.mean(axes, keepdims=True), x.var(axes, keepdims=True)
    normal = (x - mean) / np.sqrt(variance + 1e-5)
    expected = normal * weight.reshape(along) + bias.reshape(along)
    np.testing.assert_allclose(BatchNorm()(x, weight, bias).data, expected, rtol=1e-9, atol=1e-9)
