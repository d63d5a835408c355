"""Every layer: output, gradient and gradient of the gradient as PyTorch's, in float64."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import torch

from mnist_engine import nn
from mnist_engine.autograd import Array, Tensor
from mnist_engine.autograd.activations import Tanh
from mnist_engine.autograd.linear_algebra import Linear

from .comparison import (
    assert_alike,
    assert_same_derivatives,
    assert_same_layer,
    normals,
)
from .twins import twin

Make = Callable[[np.random.Generator], nn.Module]

CURVED: dict[str, tuple[Make, tuple[int, ...]]] = {
    "linear": (lambda rng: nn.Linear(5, 3, rng), (7, 5)),
    "linear, one row": (lambda rng: nn.Linear(5, 3, rng), (1, 5)),
    "batch_norm": (lambda rng: nn.BatchNorm1d(5), (7, 5)),
    "batch_norm, epsilon": (lambda rng: nn.BatchNorm1d(5, epsilon=0.3), (2, 5)),
    "sigmoid": (lambda rng: nn.Sigmoid(), (7, 5)),
    "tanh": (lambda rng: nn.Tanh(), (7, 5)),
    "softmax": (lambda rng: nn.Softmax(), (7, 5)),
}
"""Layers with second derivatives, and the shape of an input."""

FLAT: dict[str, tuple[Make, tuple[int, ...]]] = {
    "relu": (lambda rng: nn.ReLU(), (7, 5)),
    "leaky_relu": (lambda rng: nn.LeakyReLU(), (7, 5)),
    "leaky_relu 0.2": (lambda rng: nn.LeakyReLU(0.2), (7, 5)),
    "leaky_relu 1": (lambda rng: nn.LeakyReLU(1.0), (7, 5)),
}
"""Layers without."""

LAYERS = CURVED | FLAT


def make(name: str) -> tuple[nn.Module, Array]:
    """A layer in float64 with random parameters and statistics, and an input for it."""
    build, shape = LAYERS[name]
    layer = build(np.random.default_rng(1)).astype(np.float64)
    for seed, parameter in enumerate(layer.parameters()):
        parameter.data[...] = normals(*parameter.shape, seed=10 + seed)
    for seed, buffer in enumerate(layer.buffers()):
        if buffer.dtype.kind == "f":
            buffer[...] = np.abs(normals(*buffer.shape, seed=20 + seed)) + 0.1
    return layer, normals(*shape)


@pytest.mark.parametrize("name", LAYERS)
def test_a_layer_in_training(name: str) -> None:
    layer, x = make(name)
    assert_same_layer(layer, twin(layer), x, curved=name in CURVED)


@pytest.mark.parametrize("name", ["batch_norm", "batch_norm, epsilon"])
def test_a_layer_in_evaluation(name: str) -> None:
    layer, x = make(name)
    layer.eval()
    assert_same_layer(layer, twin(layer), x)


@pytest.mark.parametrize("name", ["batch_norm", "batch_norm, epsilon"])
def test_running_statistics_over_several_steps(name: str) -> None:
    layer, x = make(name)
    other = twin(layer)
    for step in range(5):
        batch = normals(*x.shape, seed=step) * (step + 1) + step
        layer(Tensor(batch))
        other(torch.from_numpy(batch))
        state = layer.state_dict()
        assert list(state) == list(other.state_dict())
        for key, theirs in other.state_dict().items():
            assert_alike(state[key], theirs, key)
    layer.eval()
    other.eval()
    assert_alike(layer(Tensor(x)).data, other(torch.from_numpy(x)))


def test_dropout_does_nothing_in_evaluation() -> None:
    layer = nn.Dropout(0.5, np.random.default_rng(0)).eval()
    assert_same_layer(layer, twin(layer), normals(7, 5), curved=False)


def test_log_softmax() -> None:
    assert_same_derivatives(
        lambda x: x.log_softmax(), lambda x: torch.log_softmax(x, -1), [normals(7, 5)]
    )


# -- whole networks ------------------------------------------------------------------------------


def test_a_network_of_many_layers() -> None:
    rng = np.random.default_rng(2)
    network = nn.Sequential(
        nn.Linear(6, 8, rng), nn.LeakyReLU(0.2), nn.BatchNorm1d(8),
        nn.Linear(8, 7, rng), nn.Sigmoid(), nn.Linear(7, 4, rng), nn.ReLU(),
        nn.Linear(4, 3, rng), nn.Tanh(), nn.Softmax(),
    ).astype(np.float64)  # fmt: skip
    assert_same_layer(network, twin(network), normals(9, 6))


# -- the comparison itself -----------------------------------------------------------------------


def test_a_wrong_output_is_noticed() -> None:
    layer, x = make("linear")
    other = twin(layer)
    layer.parameters()[1].data[0] += 1e-8
    with pytest.raises(AssertionError, match="output"):
        assert_same_layer(layer, other, x)


@pytest.mark.parametrize("argument", [0, 1, 2])
def test_a_wrong_factor_in_a_derivative_is_noticed(
    argument: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    layer, x = make("linear")
    right = Linear.derivatives[argument]
    assert right is not None
    wrong = [*Linear.derivatives]
    wrong[argument] = lambda *inputs: right(*inputs) * 1.00001
    monkeypatch.setattr(Linear, "derivatives", tuple(wrong))
    with pytest.raises(AssertionError, match=f"gradient {argument}, fast path and formula"):
        assert_same_layer(layer, twin(layer), x)
    monkeypatch.setattr(Linear, "fast_paths", {})  # now both are wrong alike
    with pytest.raises(AssertionError, match=f"gradient {argument}\n"):
        assert_same_layer(layer, twin(layer), x)


def test_a_second_derivative_that_is_wrong_alone_is_noticed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    layer, x = make("tanh")

    def constant_slope(tanh: Tanh, g: Tensor, x: Tensor) -> Tensor:
        return g * (1 - tanh.output.data**2)

    monkeypatch.setattr(Tanh, "derivatives", (constant_slope,))
    with pytest.raises(AssertionError, match="second gradient 0"):
        assert_same_layer(layer, twin(layer), x)


def test_a_gradient_of_zeros_is_no_proof() -> None:
    with pytest.raises(AssertionError, match="nothing is tested"):
        assert_same_derivatives(lambda x: x * 0.0, lambda x: x * 0.0, [normals(3)], curved=False)
