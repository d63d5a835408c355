"""Derivatives over shapes that nobody chose: broadcasting, axes, indices, strides."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from mnist_engine.autograd import Array, GradientTape, Tensor, check_gradients
from mnist_engine.autograd.tensor import concatenate
from mnist_engine.nn.losses import binary_cross_entropy_with_logits

few = settings(max_examples=40, deadline=None, derandomize=True)
shapes = hnp.array_shapes(min_dims=0, max_dims=3, min_side=1, max_side=3)
matrices = hnp.array_shapes(min_dims=2, max_dims=2, min_side=1, max_side=4)


def numbers(shape: tuple[int, ...], seed: int = 0) -> Array:
    """Of both signs, off zero."""
    rng = np.random.default_rng(seed)
    return np.asarray(rng.choice([-1.0, 1.0], shape) * rng.uniform(0.3, 1.5, shape))


ARITHMETIC: dict[str, Callable[[Tensor, Tensor], Tensor]] = {
    "x + y": lambda x, y: x + y,
    "x - y": lambda x, y: x - y,
    "x y": lambda x, y: x * y,
    "x / y": lambda x, y: x / y,
    "σ(x y) y": lambda x, y: (x * y).sigmoid() * y,
}


@few
@given(hnp.mutually_broadcastable_shapes(num_shapes=2, max_dims=3, max_side=3), st.data())
def test_arithmetic_broadcasts(pair: hnp.BroadcastableShapes, data: st.DataObject) -> None:
    formula = ARITHMETIC[data.draw(st.sampled_from(sorted(ARITHMETIC)))]
    first, second = pair.input_shapes
    check_gradients(formula, [numbers(first, 1), numbers(second, 2)])


@few
@given(hnp.mutually_broadcastable_shapes(num_shapes=2, max_dims=3, max_side=3))
def test_the_gradient_has_the_shape_of_its_source(pair: hnp.BroadcastableShapes) -> None:
    x, y = (Tensor(numbers(shape), requires_grad=True) for shape in pair.input_shapes)
    with GradientTape() as tape:
        total = (x * y).sum()
    for source, gradient in zip((x, y), tape.gradient(total, [x, y]), strict=True):
        assert gradient.shape == source.shape
        other = y if source is x else x
        spread = np.broadcast_to(other.data, pair.result_shape)
        assert gradient.data.sum() == pytest.approx(spread.sum())


@few
@given(shapes, st.data())
def test_sums_and_means_over_any_axes(shape: tuple[int, ...], data: st.DataObject) -> None:
    axes = st.none()
    if shape:
        every = st.integers(-len(shape), len(shape) - 1)
        axes |= every | st.lists(
            every, unique_by=lambda axis: axis % len(shape), max_size=len(shape)
        ).map(tuple)
    axis, keepdims = data.draw(axes), data.draw(st.booleans())
    check_gradients(lambda x: (x * x).sum(axis, keepdims), [numbers(shape)])
    check_gradients(lambda x: (x * x).mean(axis, keepdims), [numbers(shape)])


@few
@given(hnp.array_shapes(min_dims=1, max_dims=3, max_side=4), st.data())
def test_any_index(shape: tuple[int, ...], data: st.DataObject) -> None:
    basic = hnp.basic_indices(shape, allow_newaxis=True)
    index: Any = data.draw(basic | hnp.integer_array_indices(shape))
    check_gradients(lambda x: (x * x)[index], [numbers(shape)])


@few
@given(shapes, st.data())
def test_any_order_of_axes(shape: tuple[int, ...], data: st.DataObject) -> None:
    axes = data.draw(st.permutations(range(len(shape))))
    signed = [axis - len(shape) if data.draw(st.booleans()) else axis for axis in axes]
    x = numbers(shape)
    turned = Tensor(x).transpose(*signed) if shape else Tensor(x).T
    np.testing.assert_array_equal(turned.data, x.transpose(axes))
    check_gradients(lambda t: (t * t).transpose(*signed) if shape else (t * t).T, [x])


@few
@given(st.lists(st.integers(1, 3), min_size=1, max_size=4), st.integers(-2, 1))
def test_parts_of_any_extent_are_put_together(extents: list[int], axis: int) -> None:
    parts = [numbers((n, 2) if axis % 2 == 0 else (2, n), seed=n) for n in extents]
    check_gradients(lambda *tensors: concatenate(tensors, axis) ** 3, parts)


@few
@given(st.integers(1, 4), st.integers(1, 4), st.integers(1, 4), st.sampled_from(["", "a", "b"]))
def test_matrix_products_of_any_size(n: int, k: int, m: int, stacked: str) -> None:
    a = numbers((2, n, k) if stacked == "a" else (n, k), 1)
    b = numbers((2, k, m) if stacked == "b" else (k, m), 2)
    check_gradients(lambda x, y: x @ y, [a, b])


VIEWS: dict[str, Callable[[Tensor], Tensor]] = {
    "transposed": lambda x: x.T,
    "every second": lambda x: x[::2],
    "backwards": lambda x: x[::-1, ::-1],
    "one column": lambda x: x[:, :1],
    "stretched": lambda x: x[:1].broadcast_to((3, x.shape[1])),
    "reshaped after a turn": lambda x: x.T.reshape(-1, 1),
}


@few
@given(matrices, st.sampled_from(sorted(VIEWS)))
def test_views_are_as_good_as_arrays_of_their_own(shape: tuple[int, ...], view: str) -> None:
    def through_fast_paths(x: Tensor) -> Tensor:
        y = VIEWS[view](x)
        return (y.tanh() * y.sigmoid() + y.leaky_relu(0.2)) @ y.T

    check_gradients(through_fast_paths, [numbers(shape)], tolerance=1e-4)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_inputs_of_any_strides_give_the_gradient_of_their_copies(dtype: type) -> None:
    whole = numbers((6, 8)).astype(dtype)
    layouts = [whole[::2, 1::2], whole[::-2, ::-2], np.asfortranarray(whole)[:3, :4], whole.T[:3]]

    def gradient_of(array: Array) -> Array:
        x = Tensor(array, requires_grad=True)
        with GradientTape():
            ((x @ x.T).tanh().sum() + (x.relu() * x).mean()).backward()
        assert x.grad is not None
        return x.grad

    for array in layouts:
        np.testing.assert_allclose(
            gradient_of(array), gradient_of(np.ascontiguousarray(array)), rtol=1e-5
        )


@few
@given(shapes, st.floats(0, 1))
def test_binary_cross_entropy_with_one_target_for_all(
    shape: tuple[int, ...], target: float
) -> None:
    check_gradients(lambda z: binary_cross_entropy_with_logits(z, target), [numbers(shape)])
