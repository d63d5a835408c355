"""Gradients shortened: as one vector, or element by element."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from mnist_engine.autograd import Array, GradientTape, Tensor
from mnist_engine.optim import SGD, Optimizer, clip_gradient_norm, clip_gradient_value, flat

Parameters = Optimizer | list[Tensor]
Clip = Callable[[Parameters, float], float | None]


def with_gradients(*gradients: Array) -> Optimizer:
    parameters = [Tensor(np.zeros_like(array), requires_grad=True) for array in gradients]
    for parameter, array in zip(parameters, gradients, strict=True):
        parameter.grad = array
        parameter.grad_is_stale = False
    return SGD(parameters, 1.0)


def test_gradients_that_are_too_long_keep_their_direction() -> None:
    parameters = with_gradients(np.array([[3.0, 0.0]]), np.array([4.0]))
    assert clip_gradient_norm(parameters, 1.0) == 5
    np.testing.assert_allclose(parameters.flat.gradients, np.array([3.0, 0, 4]) / (5 + 1e-6))


@pytest.mark.parametrize("max_norm", [5.1, 1e9, float("inf")])
def test_gradients_that_are_short_stay_to_the_bit(max_norm: float) -> None:
    parameters = with_gradients(np.array([3.0, 4.0], np.float32))
    assert clip_gradient_norm(parameters, max_norm) == 5
    assert parameters.flat.gradients.tolist() == [3, 4]


def test_each_element_is_brought_into_range() -> None:
    parameters = with_gradients(np.array([-3.0, 0.5, 2.0], np.float32))
    clip_gradient_value(parameters, 0.75)
    assert parameters.flat.gradients.tolist() == [-0.75, 0.5, 0.75]
    assert parameters.flat.gradients.dtype == np.float32


def test_the_norm_of_many_small_numbers_is_not_lost_in_float32() -> None:
    size = 3 * flat.CHUNK
    assert clip_gradient_norm(with_gradients(np.full(size, 1e-3, np.float32)), 1e9) == (
        pytest.approx(float(np.float32(1e-3)) * size**0.5, rel=1e-7)
    )


def test_chunks_in_threads_give_the_same_bits_each_time() -> None:
    gradients = np.random.default_rng(0).standard_normal(5 * flat.CHUNK + 7, dtype=np.float32)

    def run() -> tuple[float, bytes]:
        parameters = with_gradients(gradients.copy())
        return clip_gradient_norm(parameters, 1.0), parameters.flat.gradients.tobytes()

    first = run()
    assert first[0] == pytest.approx(np.linalg.norm(gradients.astype(np.float64)), rel=1e-6)
    assert all(run() == first for _ in range(5))


def test_the_order_in_which_threads_finish_does_not_matter(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    gradients = np.random.default_rng(0).standard_normal(1000)
    monkeypatch.setattr(flat, "CHUNK", 7)
    norm = clip_gradient_norm(with_gradients(gradients.copy()), 1e9)

    def backwards(size: int, function: Callable[[slice], None]) -> None:
        for begin in reversed(range(0, size, 7)):
            function(slice(begin, min(begin + 7, size)))

    monkeypatch.setattr("mnist_engine.optim.clipping.for_each_chunk", backwards)
    assert clip_gradient_norm(with_gradients(gradients.copy()), 1e9) == norm


@pytest.mark.parametrize("clip", [clip_gradient_norm, clip_gradient_value])
def test_forgotten_gradients_count_as_zero(clip: Clip) -> None:
    x, y = (Tensor(np.ones(2), requires_grad=True) for _ in range(2))
    optimizer = SGD([x, y], 1.0)
    for used in ([x, y], [x]):
        optimizer.zero_grad()
        with GradientTape():
            loss = sum((z.sum() * 5.0 for z in used), start=Tensor(np.zeros(())))
        loss.backward(used)
    clip(optimizer, 1.0)
    assert not y.grad.any()
    np.testing.assert_allclose(x.grad[0], x.grad[1])
    assert 0 < x.grad[0] <= 1


@pytest.mark.parametrize("clip", [clip_gradient_norm, clip_gradient_value])
@pytest.mark.parametrize("limit", [0.0, -1.0, float("nan")])
def test_a_limit_is_above_zero(clip: Clip, limit: float) -> None:
    with pytest.raises(ValueError, match="it must be above 0"):
        clip(with_gradients(np.ones(2)), limit)


def test_an_optimizer_clips_before_it_steps() -> None:
    x = Tensor(np.zeros(2), requires_grad=True)
    optimizer = SGD([x], learning_rate=1.0)
    optimizer.clip_norm = 1.0
    with GradientTape():
        loss = (x * np.array([3.0, 4.0])).sum()
    optimizer.minimise(loss)
    np.testing.assert_allclose(x.data, [-0.6, -0.8], rtol=1e-6)


# -- without an optimizer ------------------------------------------------------------------------


def some_parameters() -> list[Tensor]:
    """Three that a backward has reached, in row- and column-major order, and one that none has."""
    rng = np.random.default_rng(0)
    arrays = (rng.standard_normal((3, 4)), rng.standard_normal((4, 3)).T, rng.standard_normal(5))
    parameters = [Tensor(array, requires_grad=True) for array in (*arrays, np.ones(2))]
    with GradientTape():
        loss = sum(((x * x * 9.0).sum() for x in parameters[:3]), start=Tensor(np.zeros(())))
    loss.backward()
    return parameters


@pytest.mark.parametrize("clip", [clip_gradient_norm, clip_gradient_value])
def test_a_list_of_parameters_is_clipped_as_an_optimizer_is(clip: Clip) -> None:
    bare, moved = some_parameters(), some_parameters()
    norm, right = clip(bare, 1.5), clip(SGD(moved, 1.0), 1.5)
    np.testing.assert_allclose(norm or 0, right or 0, rtol=1e-12)
    for parameter, other in zip(bare[:3], moved[:3], strict=True):
        np.testing.assert_allclose(parameter.grad, other.grad, rtol=1e-12)
    assert bare[3].grad is None


def test_some_of_an_optimizers_parameters_can_be_clipped_alone() -> None:
    parameters = some_parameters()[:3]
    SGD(parameters, 1.0)
    before = [parameter.grad.copy() for parameter in parameters]
    norm = clip_gradient_norm([parameters[1], parameters[1]], 0.5)  # listed twice, clipped once
    assert norm == pytest.approx(np.linalg.norm(before[1]))
    assert np.linalg.norm(parameters[1].grad) == pytest.approx(0.5, rel=1e-5)
    for i in (0, 2):
        np.testing.assert_array_equal(parameters[i].grad, before[i])


def test_a_forgotten_gradient_of_a_list_counts_as_zero() -> None:
    parameters = some_parameters()[:3]
    SGD(parameters, 1.0).zero_grad()
    assert clip_gradient_norm(parameters, 0.5) == 0
