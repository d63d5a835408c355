"""Pools against their definitions: one number for each window, and who has its gradient."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mnist_engine.autograd import Array, GradientTape, Tensor, check_gradients
from mnist_engine.autograd.pooling import AvgPool2d, MaxPool2d

Pair = tuple[int, int]
Pool = tuple[Pair, Pair, tuple[int, int, int, int]]

many = settings(max_examples=60, deadline=None, derandomize=True)
few = settings(max_examples=15, deadline=None, derandomize=True)


@st.composite
def pools(draw: st.DrawFn) -> Pool:
    """Size, stride and an image that at least one window fits into."""
    size = draw(st.integers(1, 3)), draw(st.integers(1, 3))
    stride = draw(st.integers(1, 3)), draw(st.integers(1, 3))
    height, width = (draw(st.integers(length, length + 4)) for length in size)
    return size, stride, (draw(st.integers(1, 2)), draw(st.integers(1, 3)), height, width)


def no_ties(shape: tuple[int, ...]) -> Array:
    """Numbers of which no two are near each other."""
    count = np.prod(shape, dtype=int)
    return np.random.default_rng(5).permutation(np.linspace(-2, 2, count)).reshape(shape)


@many
@given(pools())
def test_pools_are_their_definitions(
    drawn: Pool,
) -> None:
    size, stride, shape = drawn
    x = no_ties(shape)
    for operation, number in ((MaxPool2d, np.max), (AvgPool2d, np.mean)):
        y = operation(size, stride)(x).data
        assert y.shape[2:] == tuple(
            (pixels - length) // s + 1
            for pixels, length, s in zip(shape[2:], size, stride, strict=True)
        )
        for n, c, i, j in np.ndindex(y.shape):
            row, column = stride[0] * i, stride[1] * j
            window = x[n, c, row : row + size[0], column : column + size[1]]
            assert y[n, c, i, j] == pytest.approx(number(window), rel=1e-12, abs=1e-12)


@few
@given(pools())
def test_derivatives_of_pools_agree_with_finite_differences(
    drawn: Pool,
) -> None:
    size, stride, shape = drawn
    for operation in (MaxPool2d, AvgPool2d):
        check_gradients(
            lambda x, operation=operation: operation(size, stride)(x) ** 3, [no_ties(shape)]
        )


def test_of_equal_numbers_the_first_has_the_gradient() -> None:
    x = Tensor(np.ones((1, 1, 2, 4)), requires_grad=True)
    with GradientTape() as tape:
        y = MaxPool2d((2, 2))(x).sum()
        (recorded,) = tape.gradient(y, [x], create_graph=True)
    for gradient in (recorded, tape.gradient(y, [x])[0]):
        assert gradient.data.tolist() == [[[[1, 0, 1, 0], [0, 0, 0, 0]]]]
