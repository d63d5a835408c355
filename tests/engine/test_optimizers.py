"""Optimizers and the moving average against plain formulas in float64, and their flat arrays."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import pytest

from mnist_engine import nn
from mnist_engine.autograd import Array, GradientTape, Tensor
from mnist_engine.optim import (
    SGD,
    Adam,
    AdamW,
    MovingAverage,
    Optimizer,
    RMSprop,
    flat,
)

STEPS = 200
SHAPES = ((3, 4), (5,), ())

# -- formulas ------------------------------------------------------------------------------------
# Each takes the parameters and yields them anew for each gradient sent, one array at a time.

Formula = Callable[[Array, list[Array]], Iterator[Array]]


def sgd(rate: float, momentum: float = 0.0, nesterov: bool = False) -> Formula:
    def run(theta: Array, gradients: list[Array]) -> Iterator[Array]:
        velocity = np.zeros_like(theta)
        for g in gradients:
            velocity = momentum * velocity + g
            theta = theta - rate * (g + momentum * velocity if nesterov else velocity)
            yield theta

    return run


def adam(
    rate: float, beta1: float, beta2: float, epsilon: float, weight_decay: float = 0.0
) -> Formula:
    def run(theta: Array, gradients: list[Array]) -> Iterator[Array]:
        m = v = np.zeros_like(theta)
        for t, g in enumerate(gradients, start=1):
            theta = theta - rate * weight_decay * theta
            m = beta1 * m + (1 - beta1) * g
            v = beta2 * v + (1 - beta2) * g**2
            m_hat = m / (1 - beta1**t)
            v_hat = v / (1 - beta2**t)
            theta = theta - rate * m_hat / (np.sqrt(v_hat) + epsilon)
            yield theta

    return run


def rmsprop(rate: float, alpha: float, epsilon: float, momentum: float = 0.0) -> Formula:
    def run(theta: Array, gradients: list[Array]) -> Iterator[Array]:
        s = velocity = np.zeros_like(theta)
        for g in gradients:
            s = alpha * s + (1 - alpha) * g**2
            velocity = momentum * velocity + g / (np.sqrt(s) + epsilon)
            theta = theta - rate * velocity
            yield theta

    return run


Make = Callable[[list[Tensor]], Optimizer]

OPTIMIZERS: dict[str, tuple[Make, Formula]] = {
    "SGD": (lambda p: SGD(p, 0.05), sgd(0.05)),
    "momentum": (lambda p: SGD(p, 0.05, 0.9), sgd(0.05, 0.9)),
    "Nesterov": (lambda p: SGD(p, 0.05, 0.9, nesterov=True), sgd(0.05, 0.9, nesterov=True)),
    "Adam": (lambda p: Adam(p), adam(1e-3, 0.9, 0.999, 1e-8)),
    "Adam for GANs": (lambda p: Adam(p, 4e-3, (0.5, 0.99), 1e-4), adam(4e-3, 0.5, 0.99, 1e-4)),
    "AdamW": (lambda p: AdamW(p, 1e-2), adam(1e-2, 0.9, 0.999, 1e-8, 0.01)),
    "AdamW, strong": (
        lambda p: AdamW(p, 1e-2, weight_decay=0.3),
        adam(1e-2, 0.9, 0.999, 1e-8, 0.3),
    ),
    "RMSprop": (lambda p: RMSprop(p), rmsprop(1e-2, 0.99, 1e-8)),
    "RMSprop with momentum": (
        lambda p: RMSprop(p, 2e-3, 0.9, 1e-3, 0.8),
        rmsprop(2e-3, 0.9, 1e-3, 0.8),
    ),
}


@pytest.mark.parametrize(("dtype", "tolerance"), [(np.float64, 1e-12), (np.float32, 5e-4)])
@pytest.mark.parametrize("name", OPTIMIZERS)
def test_two_hundred_steps_follow_the_formula(name: str, dtype: type, tolerance: float) -> None:
    make, formula = OPTIMIZERS[name]
    rng = np.random.default_rng(1)
    begin = [rng.standard_normal(shape) for shape in SHAPES]
    gradients = [[rng.standard_normal(shape) for shape in SHAPES] for _ in range(STEPS)]
    parameters = [Tensor(np.asarray(array, dtype), requires_grad=True) for array in begin]
    optimizer = make(parameters)
    expected = [
        formula(np.asarray(theta), [step[i] for step in gradients]) for i, theta in enumerate(begin)
    ]
    for step in gradients:
        for parameter, gradient in zip(parameters, step, strict=True):
            assert parameter.grad is not None
            parameter.grad[...] = gradient
            parameter.grad_is_stale = False
        optimizer.step()
        for parameter, path in zip(parameters, expected, strict=True):
            np.testing.assert_allclose(parameter.data, next(path), rtol=tolerance, atol=tolerance)
    assert optimizer.steps == STEPS


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_everything_stays_float32(name: str) -> None:
    parameters = [Tensor(np.ones((3, 2), np.float32), requires_grad=True)]
    optimizer = OPTIMIZERS[name][0](parameters)
    optimizer.learning_rate = np.float64(0.01)
    with GradientTape():
        loss = (parameters[0] * parameters[0]).sum()
    optimizer.minimise(loss)
    arrays = [parameters[0].data, parameters[0].grad, *optimizer.state.values()]
    assert {array.dtype for array in arrays if array is not None} == {np.dtype(np.float32)}
    assert type(optimizer.learning_rate) is float


def test_adam_keeps_the_sums_that_its_documentation_names() -> None:
    x = Tensor(np.zeros(1), requires_grad=True)
    optimizer = Adam([x], betas=(0.5, 0.25))
    for gradient in (3.0, 5.0):
        with GradientTape():
            loss = (x * gradient).sum()
        optimizer.minimise(loss)
    assert {name: array.tolist() for name, array in optimizer.state.items()} == {
        "gradient_sum": [0.5 * 3 + 5],
        "square_sum": [0.25 * 9 + 25],
    }


# -- the flat arrays -----------------------------------------------------------------------------


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_chunks_in_threads_give_the_same_bits_as_one_piece(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    size = 2 * flat.CHUNK + 12_345  # three chunks: two threads share them

    def run() -> tuple[Array, dict[str, Array]]:
        rng = np.random.default_rng(1)
        values = rng.standard_normal(size, dtype=np.float32)
        parameter = Tensor(values, requires_grad=True)
        optimizer = OPTIMIZERS[name][0]([parameter])
        for _ in range(3):
            assert parameter.grad is not None
            parameter.grad[:] = rng.standard_normal(size, dtype=np.float32)
            parameter.grad_is_stale = False
            optimizer.step()
        return parameter.data, optimizer.state

    values, state = run()
    monkeypatch.setattr(flat, "CHUNK", size)
    whole_values, whole_state = run()
    np.testing.assert_array_equal(values, whole_values)
    for key, array in state.items():
        np.testing.assert_array_equal(array, whole_state[key])


@pytest.mark.parametrize("size", [1, 99, 100, 101, 200, 201, 999])
def test_chunks_cover_everything_once(size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(flat, "CHUNK", 100)
    visits = np.zeros(size, np.int64)

    def visit(chunk: slice) -> None:
        assert chunk.stop - chunk.start <= 100
        visits[chunk] += 1

    flat.for_each_chunk(size, visit)
    assert (visits == 1).all()


def test_a_failure_in_the_second_thread_is_not_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(flat, "CHUNK", 10)

    def fail_in_the_second_chunk(chunk: slice) -> None:
        if chunk.start == 10:
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        flat.for_each_chunk(30, fail_in_the_second_chunk)


def test_parameters_keep_values_gradients_and_their_order_in_memory() -> None:
    row_major = np.arange(6, dtype=np.float32).reshape(2, 3)
    parameters = [
        Tensor(array, requires_grad=True)
        for array in (row_major, np.asfortranarray(row_major), row_major[:, ::2])
    ]
    parameters[0].grad = row_major * 2
    optimizer = SGD(parameters, 0.1)
    for parameter, array in zip(parameters, (row_major, row_major, row_major[:, ::2]), strict=True):
        np.testing.assert_array_equal(parameter.data, array)
        assert parameter.data.base is optimizer.flat.values
        assert parameter.grad is not None
        assert parameter.grad.base is optimizer.flat.gradients
    assert parameters[1].data.flags.f_contiguous
    np.testing.assert_array_equal(parameters[0].grad, row_major * 2)


# -- the steps -----------------------------------------------------------------------------------


def test_minimise_is_gradients_and_a_step() -> None:
    x = Tensor(np.array([3.0, -4.0]), requires_grad=True)
    optimizer = SGD([x], learning_rate=0.25)
    tape = GradientTape()
    for expected in ([1.5, -2], [0.75, -1], [0.375, -0.5]):  # gradients do not pile up
        with tape:
            loss = (x * x).sum()
        optimizer.minimise(loss)
        assert x.data.tolist() == expected


def test_gradients_of_several_batches_add_up_to_one_step() -> None:
    x = Tensor(np.array([1.0]), requires_grad=True)
    optimizer = SGD([x], learning_rate=0.5)
    optimizer.zero_grad()
    for factor in (2.0, 3.0):
        with GradientTape():
            loss = (x * factor).sum()
        loss.backward()
    optimizer.step()
    assert x.item() == 1 - 0.5 * (2 + 3)


def test_a_parameter_without_a_new_gradient_stays() -> None:
    x, y = (Tensor(np.array([1.0]), requires_grad=True) for _ in range(2))
    optimizer = SGD([x, y], learning_rate=1.0)
    with GradientTape():
        loss = (x * y).sum()
    optimizer.minimise(loss)
    assert (x.item(), y.item()) == (0, 0)
    y.data[:] = 5
    optimizer.zero_grad()
    with GradientTape():
        loss = x.sum()
    loss.backward([x])
    optimizer.step()
    assert (x.item(), y.item()) == (-1, 5)


def test_the_learning_rate_can_change_between_steps() -> None:
    x = Tensor(np.array([0.0]), requires_grad=True)
    optimizer = SGD([x], learning_rate=1.0)
    for rate in (1.0, 0.5, 0.25):
        optimizer.learning_rate = rate
        with GradientTape():
            loss = x.sum()
        optimizer.minimise(loss)
    assert x.item() == -1.75


@pytest.mark.parametrize("way", ["astype", "second optimizer", "no gradient"])
def test_an_optimizer_that_lost_its_parameters_says_so(way: str) -> None:
    layer = nn.Linear(2, 2, np.random.default_rng(0))
    optimizer = SGD(layer.parameters(), 0.1)
    if way == "astype":
        layer.astype(np.float32)
    elif way == "second optimizer":
        SGD(layer.parameters(), 0.1)
    else:
        layer.weight.grad = None
    with pytest.raises(RuntimeError, match=r"shape \(2, 2\) was given another array or gradient"):
        optimizer.step()


def test_what_cannot_be_optimized_is_refused() -> None:
    x = Tensor(np.ones(2), requires_grad=True)
    with pytest.raises(ValueError, match="no parameters to train"):
        Adam([])
    with pytest.raises(TypeError, match="dtypes float32, float64"):
        Adam([x, Tensor([1.0], requires_grad=True)])
    with pytest.raises(ValueError, match="nesterov=True needs a momentum"):
        SGD([x], 0.1, nesterov=True)


# -- the moving average --------------------------------------------------------------------------


def network_with_batch_norm(seed: int = 0) -> nn.Sequential:
    rng = np.random.default_rng(seed)
    return nn.Sequential(nn.Linear(4, 3, rng), nn.BatchNorm1d(3), nn.Linear(3, 1, rng))


def test_the_average_follows_a_plain_loop_with_its_buffers() -> None:
    network, decay = network_with_batch_norm(), 0.8
    optimizer = Adam(network.parameters(), 0.05)
    average = MovingAverage(network, optimizer, decay)
    averaged = {
        name: array.astype(np.float64)
        for name, array in network.state_dict().items()
        if array.dtype.kind == "f"
    }
    rng = np.random.default_rng(3)
    for t in range(60):
        x = Tensor(rng.standard_normal((6, 4), dtype=np.float32))
        with GradientTape():
            loss = (network(x) ** 2).mean()
        optimizer.minimise(loss)
        average.update()
        d = min(decay, (1 + t) / (10 + t))
        for name, array in network.state_dict().items():
            if name in averaged:
                averaged[name] = d * averaged[name] + (1 - d) * array
    state = average.module.state_dict()
    assert set(averaged) >= {"0.weight", "1.weight", "1.running_mean", "1.running_var", "2.bias"}
    for name, expected in averaged.items():
        np.testing.assert_allclose(state[name], expected, rtol=1e-4, atol=1e-6)
        assert state[name].dtype == np.float32


def test_what_is_no_statistic_is_copied() -> None:
    rng = np.random.default_rng(0)
    network = nn.Sequential(
        nn.SpectralNorm(nn.Linear(4, 3, rng, bias=False), rng),
        nn.BatchNorm1d(3),
        nn.Linear(3, 1, rng),
    )
    optimizer = SGD(network.parameters(), 0.1)
    average = MovingAverage(network, optimizer, 0.9)
    spectral, twin = network[0], average.module[0]
    for _ in range(30):
        spectral.layer.weight.data += 0.3 * rng.standard_normal((3, 4))
        network(Tensor(rng.standard_normal((6, 4), dtype=np.float32)))
        average.update()
        np.testing.assert_array_equal(twin.u, spectral.u)
        np.testing.assert_array_equal(twin.v, spectral.v)
    assert np.linalg.norm(twin.u) == pytest.approx(1, rel=1e-6)
    assert np.linalg.norm(twin.v) == pytest.approx(1, rel=1e-6)
    assert average.module[1].num_batches_tracked == 30
    assert (average.module[1].running_mean != network[1].running_mean).all()


def test_an_averaged_spectral_layer_stretches_nothing() -> None:
    rng = np.random.default_rng(0)
    layer = nn.SpectralNorm(nn.Linear(5, 4, rng, bias=False), rng)
    average = MovingAverage(layer, SGD(layer.parameters(), 0.1), 0.9)
    for _ in range(100):
        layer(Tensor(np.eye(5, dtype=np.float32)))
    layer.u *= -1  # the same singular vectors, whose average with the former would be shorter
    layer.v *= -1
    average.update()
    applied = average.module(Tensor(np.eye(5, dtype=np.float32))).data.T
    assert np.linalg.svd(applied, compute_uv=False)[0] == pytest.approx(1, rel=1e-5)


def test_a_shared_layer_is_averaged_once() -> None:
    norm = nn.BatchNorm1d(2)
    network = nn.Sequential(norm, norm)
    average = MovingAverage(network, SGD(network.parameters(), 0.1), 0.5)
    norm.running_mean[:] = 1
    average.update()
    np.testing.assert_allclose(average.module[0].running_mean, 0.9)


def test_the_averaged_twin_is_in_evaluation_mode_and_leaves_the_network_alone() -> None:
    network = network_with_batch_norm()
    optimizer = SGD(network.parameters(), 0.1)
    average = MovingAverage(network, optimizer, 0.9)
    before = network.state_dict()
    average.module.parameters()[0].data += 1
    average.update()
    assert not any(module.training for module in average.module.modules())
    assert all(module.training for module in network.modules())
    for name, array in network.state_dict().items():
        np.testing.assert_array_equal(array, before[name])
    optimizer.step()  # its arrays are still its own


def test_chunks_give_the_same_average(monkeypatch: pytest.MonkeyPatch) -> None:
    def run() -> list[Array]:
        network = nn.Linear(30, 40, np.random.default_rng(0))
        average = MovingAverage(network, SGD(network.parameters(), 0.1), 0.9)
        for parameter in network.parameters():
            parameter.data *= 3
        average.update()
        return [parameter.numpy() for parameter in average.module.parameters()]

    whole = run()
    monkeypatch.setattr(flat, "CHUNK", 100)
    for piecewise, right in zip(run(), whole, strict=True):
        np.testing.assert_array_equal(piecewise, right)


def test_an_average_of_another_network_is_refused() -> None:
    optimizer = SGD(network_with_batch_norm(1).parameters(), 0.1)
    with pytest.raises(ValueError, match="must train this network"):
        MovingAverage(network_with_batch_norm(1), optimizer, 0.9)
    with pytest.raises(ValueError, match=r"decay is 1; it must be in \[0, 1\)"):
        MovingAverage(network_with_batch_norm(1), optimizer, 1)
