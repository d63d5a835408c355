"""The tape: what it records, how gradients add up, and what it refuses."""

from __future__ import annotations

import threading
import time

import numpy as np
import pytest

from mnist_engine.autograd import GradientTape, Tensor
from mnist_engine.autograd.arithmetic import Add, Exp
from mnist_engine.autograd.normalisation import BatchNorm
from mnist_engine.autograd.tensor import ExpiredTensorError, concatenate


def variable(*numbers: float) -> Tensor:
    return Tensor(np.array(numbers, np.float64), requires_grad=True)


def scalar(number: float) -> Tensor:
    return Tensor(np.float64(number), requires_grad=True)


# -- what is recorded ----------------------------------------------------------------------------


def test_operations_are_recorded_in_the_order_of_execution() -> None:
    x = variable(1, 2)
    with GradientTape() as tape:
        (x.exp() + 1.0).log().sum()
    assert [operation.name for operation in tape.operations] == ["Exp", "Add", "Log", "Sum"]


def test_nothing_is_recorded_outside_or_of_constants() -> None:
    x, constant = variable(1, 2), Tensor([3.0])
    x.exp()
    with GradientTape() as tape:
        constant.exp()
    x.log()
    assert tape.operations == []


def test_the_innermost_tape_alone_records() -> None:
    x = variable(1)
    with GradientTape() as outer:
        x.exp()
        with GradientTape() as inner:
            x.log()
        x.sqrt()
    assert [operation.name for operation in outer.operations] == ["Exp", "Sqrt"]
    assert [operation.name for operation in inner.operations] == ["Log"]


def test_each_thread_has_its_own_active_tape() -> None:
    x = variable(1)
    with GradientTape() as tape:
        other = threading.Thread(target=x.exp)
        other.start()
        other.join()
    assert tape.operations == []


def test_a_tape_is_left_in_order_when_an_error_passes_through_it() -> None:
    x = variable(2)
    tape = GradientTape()
    with pytest.raises(ValueError, match="MatMul"), tape:
        x.exp() @ x
    x.log()
    assert [operation.name for operation in tape.operations] == ["Exp"]
    with tape:
        y = (x * x).sum()
    assert tape.gradient(y, [x])[0].item() == 4


def test_a_tape_is_left_in_order_when_a_derivative_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    x = variable(2)
    with GradientTape() as tape:
        y = x.exp().sum()
        monkeypatch.setattr(Exp, "derivatives", (lambda self, g, x: 1 / 0,))
        with pytest.raises(ZeroDivisionError):
            tape.gradient(y, [x])
        monkeypatch.undo()
        z = (y * y).sum()
    assert tape.gradient(z, [x])[0].item() == pytest.approx(2 * np.exp(4))


# -- the chain rule ------------------------------------------------------------------------------


def test_a_tensor_used_twice_gets_the_sum_of_both_ways() -> None:
    x = scalar(3)
    with GradientTape() as tape:
        y = x * x + x * 2.0
    assert tape.gradient(y, [x])[0].item() == 2 * 3 + 2


def test_gradients_that_are_passed_on_unchanged_are_not_added_to_in_place() -> None:
    x, y = scalar(3), scalar(5)
    with GradientTape() as tape:
        total = x + y  # both get the very gradient of the sum ...
        loss = total + x * 10.0  # ... and x gets more
    assert [g.item() for g in tape.gradient(loss, [x, y, total])] == [11, 1, 1]
    loss.backward([total, x, y])
    assert [t.grad.item() for t in (x, y, total) if t.grad is not None] == [11, 1, 1]


def test_a_source_may_be_an_intermediate_result() -> None:
    x = variable(1, 2)
    with GradientTape() as tape:
        y = x.exp()
        z = (y * y * x).sum()
    dx, dy = tape.gradient(z, [x, y])
    np.testing.assert_allclose(dy.data, 2 * np.exp(x.data) * x.data)
    np.testing.assert_allclose(dx.data, dy.data * np.exp(x.data) + np.exp(2 * x.data))


def test_the_gradient_of_a_tensor_with_respect_to_itself_is_one() -> None:
    x = variable(4)
    with GradientTape() as tape:
        y = (x * x).sum()
    assert tape.gradient(y, [y])[0].item() == 1
    y.backward([x, y])
    assert (x.grad, y.grad) == (8, 1)


def test_a_source_without_influence_has_a_gradient_of_zeros() -> None:
    x, y = variable(1, 2), variable(3)
    with GradientTape() as tape:
        loss = (x * x).sum()
        (y * y).sum()
    assert tape.gradient(loss, [y])[0].data.tolist() == [0]
    loss.backward()
    assert y.grad is not None
    assert y.grad.tolist() == [0]


def test_the_gradient_of_a_tensor_of_many_numbers_is_that_of_their_sum() -> None:
    x = variable(1, 2)
    with GradientTape() as tape:
        y = x * x
    assert tape.gradient(y, [x])[0].data.tolist() == [2, 4]


def test_ten_thousand_operations_deep() -> None:
    x = scalar(1)
    y = x
    with GradientTape() as tape:
        for _ in range(10_000):
            y = y * 1.0001
    assert tape.gradient(y, [x])[0].item() == pytest.approx(1.0001**10_000)


def test_two_thousand_operations_deep_to_the_second_order() -> None:
    x = scalar(1)
    y = x
    with GradientTape() as tape:
        for _ in range(1_000):
            y = y + y * 0.001
        (slope,) = tape.gradient(y * y, [x], create_graph=True)
    assert tape.gradient(slope, [x])[0].item() == pytest.approx(2 * 1.001**2000)


def test_detach_cuts_the_history() -> None:
    x = scalar(3)
    with GradientTape() as tape:
        y = x * (x * x).detach()
    assert tape.gradient(y, [x])[0].item() == 9


def test_second_and_third_derivatives_of_a_power() -> None:
    x = scalar(2)
    with GradientTape() as tape:
        y = x**4
        (first,) = tape.gradient(y, [x], create_graph=True)
        (second,) = tape.gradient(first, [x], create_graph=True)
        (third,) = tape.gradient(second, [x])
    assert [t.item() for t in (first, second, third)] == [32, 48, 48]


def test_a_gradient_penalty_on_a_kept_tape() -> None:
    """d/dw of (|dy/dx| - 1)² for y = w·x, where dy/dx = w: 2 (|w| - 1) w / |w|."""
    w = variable(3, 4)
    tape = GradientTape()
    for n in (2, 3, 2):
        x = Tensor(np.ones((n, 2)), requires_grad=True)
        with tape:
            (slope,) = tape.gradient((x @ w.reshape(2, 1)).sum(), [x], create_graph=True)
            penalty = (((slope * slope).sum(axis=1).sqrt() - 1.0) ** 2).mean()
        w.grad = None
        penalty.backward([w])
        assert w.grad is not None
        np.testing.assert_allclose(w.grad, 2 * (5 - 1) * w.data / 5)


# -- accumulation --------------------------------------------------------------------------------


def test_backward_twice_adds() -> None:
    x = scalar(3)
    with GradientTape():
        y = x * x
    y.backward()
    y.backward()
    assert x.grad == 12


def test_a_stale_gradient_is_overwritten_in_the_same_array() -> None:
    x = variable(3, 4)
    with GradientTape():
        y = (x * x + x).sum()
    y.backward()
    array = x.grad
    x.grad_is_stale = True
    y.backward()
    assert x.grad is array
    assert array is not None
    assert array.tolist() == [7, 9]


def test_a_gradient_set_to_none_begins_anew() -> None:
    x = scalar(3)
    with GradientTape():
        y = x * x
    y.backward()
    x.grad = None
    y.backward()
    assert x.grad == 6


def test_a_parameter_named_twice_is_counted_once() -> None:
    x = scalar(3)
    with GradientTape():
        y = x * x
    y.backward([x, x])
    y.backward([x, x])
    assert x.grad == 12


def test_backward_leaves_alone_what_it_was_not_asked_for() -> None:
    x, y = scalar(2), scalar(3)
    with GradientTape():
        z = x * y
    z.backward([x])
    assert x.grad == 3
    assert y.grad is None


def test_backward_overwrites_a_stale_gradient_where_the_loss_does_not_depend_on_it() -> None:
    x, y = scalar(2), scalar(3)
    y.grad = np.array(7.0)
    with GradientTape():
        loss = x * x
        y * y
    loss.backward()
    assert y.grad == 0
    loss.backward()
    assert (x.grad, y.grad) == (8, 0)


def test_backward_to_the_loss_itself_overwrites_a_stale_gradient() -> None:
    x = scalar(2)
    with GradientTape():
        loss = x * x
    loss.grad = np.array(7.0)
    loss.backward([loss])
    assert loss.grad == 1


def test_backward_finds_the_leaves_itself() -> None:
    x, y = scalar(2), scalar(3)
    with GradientTape():
        product = x * y
        loss = product * product
    loss.backward()
    assert (x.grad, y.grad, product.grad) == (36, 24, None)


def test_each_tape_adds_to_the_same_gradient() -> None:
    x = scalar(2)
    for _ in range(3):
        with GradientTape():
            y = x * 5.0
        y.backward()
    assert x.grad == 15


def test_what_a_derivative_computed_for_one_gradient_is_not_used_for_another() -> None:
    """Two losses send different gradients, in the same array, to one batch normalisation."""
    numbers, ways = np.eye(3) * 2.0, (np.eye(3), np.arange(9.0).reshape(3, 3))
    x, weight, bias = Tensor(numbers), variable(1, 2, 3), variable(0, 0, 0)
    with GradientTape():
        y = BatchNorm()(x, weight, bias)
        losses = [(y * way).sum() for way in ways]
    normal = (numbers - numbers.mean(axis=0)) / np.sqrt(numbers.var(axis=0) + 1e-5)
    for loss, way in zip(losses, ways, strict=True):
        for source in (y, weight, bias):
            source.grad_is_stale = True
        loss.backward([y, weight, bias])
        np.testing.assert_allclose(np.asarray(weight.grad), (way * normal).sum(axis=0), atol=1e-12)
        np.testing.assert_allclose(np.asarray(bias.grad), way.sum(axis=0))


def test_a_gradient_by_a_fast_path_expires_with_its_pass() -> None:
    x = variable(1, 2)
    tape = GradientTape()
    with tape:
        y = x.tanh().sum()
    (gradient,) = tape.gradient(y, [x])
    with tape, pytest.raises(ExpiredTensorError):
        gradient.data.sum()


def test_a_gradient_by_a_fast_path_is_computed_in_the_memory_of_the_last_pass() -> None:
    x = variable(1, 2)
    tape = GradientTape()
    arrays = []
    for _ in range(3):
        with tape:
            y = x.tanh().sum()
        arrays.append(tape.gradient(y, [x])[0].data)
    assert arrays[0] is arrays[1] is arrays[2]


# -- what another engine got wrong ---------------------------------------------------------------


def test_the_derivative_of_one_over_b_is_not_zero() -> None:
    b = scalar(4)
    with GradientTape() as tape:
        y = 1 / b
    assert tape.gradient(y, [b])[0].item() == -1 / 16


def test_shared_nodes_cost_one_visit_each() -> None:
    x = scalar(1)
    y = x
    with GradientTape() as tape:
        for _ in range(60):
            y = y + y
    begin = time.perf_counter()
    assert tape.gradient(y, [x])[0].item() == 2.0**60
    assert time.perf_counter() - begin < 5  # one visit a path would take thousands of years


def test_slices_are_recorded() -> None:
    x = variable(1, 2, 3, 4)
    with GradientTape() as tape:
        y = (x[1:3] * x[-1]).sum()
    assert tape.gradient(y, [x])[0].data.tolist() == [0, 4, 4, 2 + 3]


def test_softmax_exists() -> None:
    x = variable(0, 0, np.log(2))
    with GradientTape() as tape:
        p = x.softmax()
        y = p[2]
    np.testing.assert_allclose(p.data, [0.25, 0.25, 0.5])
    np.testing.assert_allclose(tape.gradient(y, [x])[0].data, [-0.125, -0.125, 0.25])


# -- what is refused -----------------------------------------------------------------------------


def test_backward_of_many_numbers_is_refused() -> None:
    x = variable(1, 2)
    with GradientTape():
        y = x * x
    with pytest.raises(ValueError, match=r"shape \(2,\).*reduce it"):
        y.backward()


def test_backward_without_a_history_says_how_to_get_one() -> None:
    x = variable(1)
    with GradientTape():
        constant = Tensor([2.0]) * 3.0
        recorded = x * 2.0
    for tensor in (x * x, x, constant, recorded.detach(), recorded * 2.0):
        with pytest.raises(RuntimeError, match="no tape recorded this tensor"):
            tensor.backward()


def test_a_target_of_another_tape_is_refused() -> None:
    x = variable(1)
    with GradientTape():
        y = (x * x).sum()
    with GradientTape() as other:
        x.exp()
    with pytest.raises(RuntimeError, match="did not record the target"):
        other.gradient(y, [x])


def test_a_way_that_leads_over_another_tape_is_refused_not_zero() -> None:
    x, w = variable(2), variable(5)
    with GradientTape():
        hidden = x * x
    with GradientTape() as tape:
        y = (hidden * w).sum()
    assert tape.gradient(y, [w, hidden])[0].item() == 4
    with pytest.raises(RuntimeError, match="input of Multiply was recorded on another tape"):
        tape.gradient(y, [x])


def test_a_source_without_requires_grad_is_refused_not_zero() -> None:
    x, w = Tensor([2.0]), Tensor([3.0], requires_grad=True)
    with GradientTape() as tape:
        y = (x * x * w).sum()
    with pytest.raises(ValueError, match=r"source number 1, of shape \(1,\), has requires_grad=F"):
        tape.gradient(y, [w, x])


def test_a_second_derivative_of_what_was_not_recorded_is_refused_not_zero() -> None:
    x = scalar(2)
    with GradientTape() as tape:
        (slope,) = tape.gradient(x * x * x, [x])
        with pytest.raises(RuntimeError, match="create_graph=True"):
            tape.gradient(slope, [x])


def test_recording_a_derivative_after_the_with_is_refused() -> None:
    x = scalar(2)
    with GradientTape() as tape:
        y = x * x
    with pytest.raises(RuntimeError, match="inside the `with` block"):
        tape.gradient(y, [x], create_graph=True)


def test_a_tape_inside_itself_is_refused() -> None:
    tape = GradientTape()
    with tape, pytest.raises(RuntimeError, match="make another one"), tape:
        pass


def test_one_operation_object_on_a_tape_twice_is_refused() -> None:
    x = scalar(2)
    add = Add()
    with GradientTape():
        y = add(x, x)
        with pytest.raises(RuntimeError, match="Add: this one is on a tape already"):
            add(y, y)


@pytest.mark.parametrize(
    ("wrong", "error", "message"),
    [
        (lambda x: x + np.zeros((3, 2)), ValueError, r"Add: inputs have shapes \(2, 3\), \(3, 2\)"),
        (lambda x: x @ x, ValueError, r"MatMul: inputs have shapes \(2, 3\), \(2, 3\)"),
        (lambda x: x @ x[0], ValueError, r"MatMul: .* reshape a vector"),
        (lambda x: x.reshape(4, 2), ValueError, r"Reshape: inputs have shapes \(2, 3\)"),
        (lambda x: x.transpose(0, 2), ValueError, r"Transpose: inputs have shapes \(2, 3\)"),
        (lambda x: x.sum(axis=2), ValueError, r"Sum: inputs have shapes \(2, 3\)"),
        (lambda x: x.broadcast_to((3, 2)), ValueError, r"Broadcast: inputs have shapes \(2, 3\)"),
        (lambda x: x[2], IndexError, r"Take: inputs have shapes \(2, 3\)"),
        (lambda x: concatenate([x, x.T]), ValueError, r"Concatenate: .*\(2, 3\), \(3, 2\)"),
        (lambda x: concatenate([]), ValueError, r"Concatenate: there are no tensors"),
        (lambda x: x * np.zeros(3, np.float32), TypeError, r"Multiply: .* float64, float32; they"),
        (lambda x: x - np.arange(3), TypeError, r"Subtract: inputs have dtypes float64, int64"),
        (lambda x: x * "2", TypeError, r"Multiply: got a str; give a Tensor, an array or a number"),
        (lambda x: x**x, TypeError, r"Power: the exponent must be a number"),
        (lambda x: x.leaky_relu(2), ValueError, r"LeakyReLU: the slope is 2"),
    ],
)
def test_errors_name_the_operation_and_what_it_got(
    wrong: object, error: type[Exception], message: str
) -> None:
    assert callable(wrong)
    with pytest.raises(error, match=message):
        wrong(Tensor(np.zeros((2, 3))))
