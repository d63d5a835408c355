"""A kept tape: it gives its memory again, and nobody can read what was overwritten."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from mnist_engine import nn
from mnist_engine.autograd import Array, GradientTape, Tensor
from mnist_engine.autograd.tensor import ExpiredTensorError
from mnist_engine.nn.losses import softmax_cross_entropy
from mnist_engine.optim import SGD


def network() -> nn.Sequential:
    rng = np.random.default_rng(1)
    return nn.Sequential(
        nn.Linear(6, 5, rng), nn.BatchNorm1d(5), nn.LeakyReLU(0.2), nn.Linear(5, 3, rng)
    )


def batch(size: int, seed: int) -> tuple[Tensor, Array]:
    rng = np.random.default_rng(seed)
    return Tensor(rng.standard_normal((size, 6), dtype=np.float32)), rng.integers(0, 3, size)


def gradients_on(tape: GradientTape, model: nn.Module, size: int, seed: int) -> list[Array]:
    x, labels = batch(size, seed)
    with tape:
        loss = softmax_cross_entropy(model(x), labels)
    return [gradient.numpy() for gradient in tape.gradient(loss, model.parameters())]


def test_the_next_pass_computes_in_the_memory_of_the_last() -> None:
    x = Tensor(np.ones((4, 3), np.float32), requires_grad=True)
    tape = GradientTape()
    addresses = []
    for _ in range(3):
        with tape:
            y = (x * x).tanh()
            loss = (y * 2.0).sum()
        (gradient,) = tape.gradient(loss, [x])
        arrays = [operation.output.data for operation in tape.operations] + [gradient.data]
        addresses.append([id(array) for array in arrays])
    assert addresses[0] == addresses[1] == addresses[2]
    assert len(set(addresses[0])) == len(addresses[0])


def test_backward_writes_to_the_same_gradient_arrays() -> None:
    model = network()
    optimizer = SGD(model.parameters(), 0.1)
    before = [id(parameter.grad) for parameter in model.parameters()]
    tape = GradientTape()
    for seed in range(3):
        x, labels = batch(4, seed)
        with tape:
            loss = softmax_cross_entropy(model(x), labels)
        optimizer.minimise(loss)
    assert [id(parameter.grad) for parameter in model.parameters()] == before


def test_gradients_are_right_whatever_the_batch_sizes() -> None:
    model, kept = network(), GradientTape()
    for seed, size in enumerate([4, 4, 2, 4, 7, 7, 2, 4]):
        expected = gradients_on(GradientTape(), model, size, seed)
        for found, right in zip(gradients_on(kept, model, size, seed), expected, strict=True):
            np.testing.assert_array_equal(found, right)


def test_gradients_are_right_when_passes_take_different_ways() -> None:
    def function(x: Tensor, way: int) -> Tensor:
        y = x.tanh() if way % 2 else x.sigmoid() * x
        if way % 3 == 0:
            y = (y * y).exp()
        return (y * float(way)).sum()

    x = Tensor(np.array([0.5, -1.0]), requires_grad=True)
    kept = GradientTape()
    for way in (1, 2, 3, 3, 6, 1, 6):
        gradients = []
        for tape in (GradientTape(), kept):
            with tape:
                y = function(x, way)
            gradients.append(tape.gradient(y, [x])[0].numpy())
        np.testing.assert_array_equal(*gradients)


def test_memory_of_another_dtype_is_not_used() -> None:
    tape = GradientTape()
    for dtype in (np.float32, np.float64, np.float32):
        x = Tensor([1.0, 2.0], dtype=dtype, requires_grad=True)
        with tape:
            y = (x * 2.0).sum()
        assert y.dtype == tape.gradient(y, [x])[0].dtype == dtype


def test_options_that_change_the_result_are_told_apart() -> None:
    x = Tensor(np.array([[1.0, 2.0], [3.0, 4.0]]), requires_grad=True)
    tape = GradientTape()
    for axis, sums in ((0, [4, 6]), (1, [3, 7]), (None, 10)):
        with tape:
            assert x.sum(axis=axis).data.tolist() == sums


LEFT_OVER: dict[str, Callable[[Tensor], Tensor]] = {
    "a recorded result": lambda x: x * x,
    "its view": lambda x: (x * x).T,
    "its detached twin": lambda x: (x * x).detach(),
    "the twin's twin": lambda x: (x * x).detach().detach(),
    "a result of constants": lambda x: x.detach() * 2.0,
    "a constant's twin": lambda x: (x.detach() * 2.0).detach(),
    "a constant's view": lambda x: (x.detach() * 2.0)[0],
}


@pytest.mark.parametrize("what", LEFT_OVER)
def test_what_is_left_of_an_earlier_pass_says_so(what: str) -> None:
    x = Tensor(np.ones((2, 2)), requires_grad=True)
    tape = GradientTape()
    with tape:
        left_over = LEFT_OVER[what](x)
    view = left_over.T  # made outside, of memory that the tape will use again
    copied = left_over.numpy()
    for tensor in (left_over, view):
        assert np.isfinite(tensor.data).all()
    with tape:
        x * 5.0
    for tensor in (left_over, view):
        with pytest.raises(ExpiredTensorError, match="belongs to an earlier pass of its tape"):
            tensor.data  # noqa: B018
        assert repr(tensor) == "Tensor(<expired>)"
    np.testing.assert_array_equal(copied, np.full_like(copied, copied.flat[0]))


def test_gradients_of_an_earlier_pass_expire_too() -> None:
    x = Tensor([1.0, 2.0], requires_grad=True)
    tape = GradientTape()
    with tape:
        y = (x * x).sum()
    (gradient,) = tape.gradient(y, [x])
    with tape:
        pass
    for tensor in (gradient, y):
        with pytest.raises(ExpiredTensorError):
            tensor.numpy()
    with pytest.raises(ExpiredTensorError):
        y.backward()


def test_a_view_taken_under_another_tape_expires_with_what_it_shows() -> None:
    x = Tensor([[1.0, 2.0]], requires_grad=True)
    kept = GradientTape()
    with kept:
        y = x * 2.0
    with GradientTape():
        view = y.T
    with kept:
        x * 7.0
    with pytest.raises(ExpiredTensorError):
        view.numpy()


def test_parameters_and_inputs_never_expire() -> None:
    x = Tensor([1.0], requires_grad=True)
    tape = GradientTape()
    for _ in range(2):
        with tape:
            y = x * x
        y.backward()
    assert x.item() == 1
    assert x.grad == 4
