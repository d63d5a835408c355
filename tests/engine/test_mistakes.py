"""Mistakes that would give a wrong gradient without a word get an error instead."""

from __future__ import annotations

import numpy as np
import pytest

from mnist_engine import nn
from mnist_engine.autograd import Array, GradientTape, Operation, Tensor
from mnist_engine.optim import SGD


def variable(*numbers: float) -> Tensor:
    return Tensor(np.array(numbers), requires_grad=True)


# -- numbers that have changed -------------------------------------------------------------------


def test_a_gradient_after_the_step_that_moved_its_parameters_is_refused() -> None:
    w, v = variable(3.0), variable(2.0)
    with GradientTape() as tape:
        first = (w * w).sum()
        second = (w * v).sum()
        third = (v * v).sum()
    SGD([w], 1.0).minimise(first)
    for ask in (lambda: second.backward([v]), lambda: tape.gradient(second, [v])):
        with pytest.raises(RuntimeError, match="an input of Multiply has changed since"):
            ask()
    assert tape.gradient(third, [v])[0].item() == 4  # has nothing to do with w


def test_a_gradient_after_a_state_was_loaded_is_refused() -> None:
    layer = nn.Linear(2, 1, np.random.default_rng(0))
    with GradientTape():
        loss = layer(Tensor([[1.0, 2.0]])).sum()
    layer.load_state_dict(layer.state_dict())
    with pytest.raises(RuntimeError, match="an input of Linear has changed"):
        loss.backward()


def test_the_next_pass_sees_the_new_numbers() -> None:
    w = variable(3.0)
    optimizer, tape = SGD([w], 0.5), GradientTape()
    for right in (6.0, 0.0):
        with tape:
            loss = (w * w).sum()
        assert tape.gradient(loss, [w])[0].item() == right
        optimizer.minimise(loss)


# -- leaves --------------------------------------------------------------------------------------


def test_a_detached_result_may_become_a_variable() -> None:
    x = variable(1.0, 2.0)
    tape = GradientTape()
    with tape:
        y = (x * 3.0).detach()
        y.requires_grad = True
        loss = (y * y).sum()
    loss.backward()
    assert y.grad is not None
    assert y.grad.tolist() == [6.0, 12.0]
    assert np.asarray(x.grad).tolist() == [0.0, 0.0]  # on the tape, but loss is not made of it


def test_one_tensor_is_no_list_of_tensors() -> None:
    x = Tensor(np.ones((2, 3)), requires_grad=True)
    with GradientTape() as tape:
        y = (x * x).sum()
        for ask in (lambda: tape.gradient(y, x), lambda: y.backward(x)):
            with pytest.raises(TypeError, match=r"for one tensor write \[x\]"):
                ask()


# -- operations of one's own ---------------------------------------------------------------------


class Twice(Operation):
    """y = 2 x, and what may be wrong with it"""

    def forward(self, x: Array) -> Array:
        return 2 * x

    def d_x(self, g: Tensor, x: Tensor) -> Tensor:
        return g * 2.0


class ReturnsNothing(Twice):
    def d_x(self, g: Tensor, x: Tensor) -> Tensor:
        g * 2.0
        return None  # type: ignore[return-value]


class ReturnsAnArray(Twice):
    def d_x(self, g: Tensor, x: Tensor) -> Tensor:
        return g.data * 2  # type: ignore[return-value]


class ReturnsASum(Twice):
    def d_x(self, g: Tensor, x: Tensor) -> Tensor:
        return g.sum()


class ComputesATensor(Twice):
    def forward(self, x: Array) -> Array:
        return Tensor(2 * x)  # type: ignore[return-value]


def test_an_operation_without_out_serves_a_kept_tape() -> None:
    x, tape = variable(1.0, 2.0), GradientTape()
    for _ in range(3):
        with tape:
            y = Twice()(x).sum()
        assert tape.gradient(y, [x])[0].data.tolist() == [2, 2]


@pytest.mark.parametrize(
    ("wrong", "error", "message"),
    [
        (ReturnsNothing, TypeError, "ReturnsNothing: the derivative by input number 0 is a None"),
        (ReturnsAnArray, TypeError, "is a ndarray; its d_ method must return a Tensor"),
        (ReturnsASum, ValueError, r"has shape \(\); it must have the input's, \(2,\)"),
    ],
)
def test_what_a_derivative_returns_is_looked_at(
    wrong: type[Operation], error: type[Exception], message: str
) -> None:
    x = variable(1.0, 2.0)
    with GradientTape() as tape:
        y = (wrong()(x) * Tensor(np.ones(2))).sum()
    with pytest.raises(error, match=message):
        tape.gradient(y, [x])


def test_what_forward_returns_is_looked_at() -> None:
    with pytest.raises(TypeError, match="ComputesATensor: forward returned a Tensor"):
        ComputesATensor()(variable(1.0))


# -- Python's and NumPy's ways -------------------------------------------------------------------


def test_a_tensor_of_one_number_is_that_number() -> None:
    x = Tensor([2.5])
    assert float(x) == 2.5
    assert f"{x:.2f}" == "2.50"
    assert x
    assert not Tensor([0.0])
    with pytest.raises(ValueError, match="size 1"):
        bool(Tensor([1.0, 2.0]))


def test_numpy_sees_the_numbers_of_a_tensor() -> None:
    x = Tensor([[1.0, 2.0]])
    assert np.asarray(x).tolist() == [[1, 2]]
    assert np.concatenate([x, x]).shape == (2, 2)


def test_a_shape_may_be_a_tuple() -> None:
    x = Tensor(np.arange(6.0))
    assert x.reshape((2, 3)).shape == x.reshape(2, 3).shape == (2, 3)


# -- two tapes -----------------------------------------------------------------------------------


def test_a_gradient_that_goes_partly_over_another_tape_is_refused() -> None:
    x = variable(3.0)
    with GradientTape():
        h = x * x
    with GradientTape() as tape:
        y = h + x
        z = h.detach() + x
    with pytest.raises(RuntimeError, match="an input of Add was recorded on another tape"):
        tape.gradient(y, [x])
    assert tape.gradient(z, [x])[0].item() == 1


def test_a_tape_that_was_never_left_does_not_stay_active() -> None:
    x, outer, lost = variable(3.0), GradientTape(), GradientTape()
    with outer:
        lost.__enter__()  # and a Ctrl-C comes before its `with` is left
    assert not (x * x).requires_grad


# -- arrays that change under one's hands --------------------------------------------------------


def test_labels_may_be_overwritten_after_the_lookup() -> None:
    layer = nn.Embedding(3, 2, np.random.default_rng(0))
    labels = np.array([0, 2])
    with GradientTape() as tape:
        y = layer(labels).sum()
    labels[:] = 1
    assert tape.gradient(y, [layer.weight])[0].data.tolist() == [[1, 1], [0, 0], [1, 1]]


def test_running_statistics_may_move_on_before_the_gradient() -> None:
    layer = nn.BatchNorm1d(2)
    x = Tensor(np.random.default_rng(0).standard_normal((5, 2), dtype=np.float32) + 3)
    gradients = []
    for moves in (False, True):
        layer.eval()
        with GradientTape() as tape:
            y = (layer(x) * layer(x)).sum()
        if moves:
            layer.train()(x)
        gradients.append(tape.gradient(y, [layer.weight])[0].numpy())
    np.testing.assert_array_equal(*gradients)


# -- numbers that are too large ------------------------------------------------------------------


def test_a_sigmoid_does_not_overflow() -> None:
    with np.errstate(over="raise"):
        for dtype in (np.float32, np.float64):
            x = np.array([-1e30, 0.0, 1e30], dtype)
            np.testing.assert_allclose(Tensor(x).sigmoid().data, [0, 0.5, 1], atol=1e-30)
