"""Every layer: output, gradient and gradient of the gradient as PyTorch's, in float64."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
import pytest
import torch

from mnist_engine import nn
from mnist_engine.autograd import Array, Tensor
from mnist_engine.autograd.activations import Tanh
from mnist_engine.autograd.linear_algebra import Linear
from mnist_engine.nn.losses import one_hot

from .comparison import (
    assert_alike,
    assert_same_derivatives,
    assert_same_layer,
    normals,
)
from .twins import twin

Make = Callable[[np.random.Generator], nn.Module]
Pair = int | tuple[int, int]


def conv(
    rng: np.random.Generator, kernel: Pair, stride: Pair, padding: Pair, bias: bool
) -> nn.Module:
    return nn.Conv2d(2, 3, kernel, rng, stride=stride, padding=padding, bias=bias)


def conv_transpose(
    rng: np.random.Generator, kernel: Pair, stride: Pair, padding: Pair, more: Pair, bias: bool
) -> nn.Module:
    return nn.ConvTranspose2d(
        2, 3, kernel, rng, stride=stride, padding=padding, output_padding=more, bias=bias
    )


CURVED: dict[str, tuple[Make, tuple[int, ...]]] = {
    "linear": (lambda rng: nn.Linear(5, 3, rng), (7, 5)),
    "linear, one row": (lambda rng: nn.Linear(5, 3, rng), (1, 5)),
    "linear, no bias": (lambda rng: nn.Linear(5, 3, rng, bias=False), (7, 5)),
    "spectral linear": (lambda rng: nn.SpectralNorm(nn.Linear(5, 3, rng), rng), (7, 5)),
    "spectral conv": (
        lambda rng: nn.SpectralNorm(nn.Conv2d(2, 3, (3, 2), rng, padding=1, bias=False), rng),
        (2, 2, 5, 4),
    ),
    "spectral conv_transpose": (
        lambda rng: nn.SpectralNorm(nn.ConvTranspose2d(2, 3, 4, rng, stride=2, padding=1), rng),
        (2, 2, 3, 4),
    ),
    "batch_norm of images": (lambda rng: nn.BatchNorm2d(3), (4, 3, 2, 5)),
    "batch_norm of one image": (lambda rng: nn.BatchNorm2d(3, momentum=0.7), (1, 3, 2, 5)),
    "batch_norm": (lambda rng: nn.BatchNorm1d(5), (7, 5)),
    "batch_norm, epsilon": (lambda rng: nn.BatchNorm1d(5, epsilon=0.3), (2, 5)),
    "class_plane": (lambda rng: nn.ClassPlane(2, 3, 4, rng), (5, 2 * 3 + 4)),
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
    "max_pool": (lambda rng: nn.MaxPool2d(2), (3, 2, 6, 4)),
    "max_pool, a rest": (lambda rng: nn.MaxPool2d((3, 2)), (3, 2, 7, 5)),
    "max_pool, overlapping": (lambda rng: nn.MaxPool2d(3, (1, 2)), (3, 2, 6, 7)),
    "max_pool, apart": (lambda rng: nn.MaxPool2d((1, 2), 3), (3, 2, 7, 8)),
    "avg_pool": (lambda rng: nn.AvgPool2d(2), (3, 2, 6, 4)),
    "avg_pool, a rest": (lambda rng: nn.AvgPool2d((3, 2)), (3, 2, 7, 5)),
    "avg_pool, overlapping": (lambda rng: nn.AvgPool2d(3, (1, 2)), (3, 2, 6, 7)),
    "avg_pool, apart": (lambda rng: nn.AvgPool2d((1, 2), 3), (3, 2, 7, 8)),
    "flatten": (lambda rng: nn.Flatten(), (3, 2, 4, 5)),
    "unflatten": (lambda rng: nn.Unflatten(2, 4, 5), (3, 40)),
}
"""Layers without."""

# kernel, stride, padding, and what is added to the size of a transposed convolution's output
WINDOWS: list[tuple[Pair, Pair, Pair, Pair]] = [
    (1, 1, 0, 0),
    (3, 1, 0, 0),
    (3, 1, 1, 0),
    (4, 2, 1, 0),
    (5, 2, 2, 1),
    ((2, 3), (1, 2), (0, 1), 0),
    ((3, 2), (2, 3), (2, 1), (1, 2)),
    (2, 3, 0, (2, 0)),  # pixels between the windows
    (4, 4, 0, 0),
    ((5, 1), 1, (4, 0), 0),  # more padding than half the kernel
]
for kernel, stride, padding, more in WINDOWS:
    for bias in (True, False):
        where = f"kernel {kernel}, stride {stride}, padding {padding}, bias {bias}"
        CURVED[f"conv, {where}"] = (
            partial(conv, kernel=kernel, stride=stride, padding=padding, bias=bias),
            (3, 2, 7, 8),
        )
        CURVED[f"conv_transpose, {where}, {more} more"] = (
            partial(
                conv_transpose, kernel=kernel, stride=stride, padding=padding, more=more, bias=bias
            ),
            (3, 2, 6, 5),
        )

LAYERS = CURVED | FLAT
NORMALISATIONS = [name for name in LAYERS if name.startswith(("batch_norm", "spectral"))]


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


@pytest.mark.parametrize("name", NORMALISATIONS)
def test_a_layer_in_evaluation(name: str) -> None:
    layer, x = make(name)
    layer.eval()
    assert_same_layer(layer, twin(layer), x)


@pytest.mark.parametrize("name", NORMALISATIONS)
def test_statistics_and_singular_vectors_over_several_steps(name: str) -> None:
    layer, x = make(name)
    other = twin(layer)
    for step in range(5):
        for seed, (ours, theirs) in enumerate(in_pairs(layer, other)):
            ours.data[...] += normals(*ours.shape, seed=seed)
            theirs.data[...] = torch.from_numpy(ours.data)
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


def in_pairs(layer: nn.Module, other: torch.nn.Module) -> list[tuple[Tensor, torch.Tensor]]:
    """Each parameter here and there."""
    return [(ours, other.get_parameter(name)) for name, ours in layer.named_parameters()]


def test_embedding_adds_up_what_a_label_gets_twice() -> None:
    layer = nn.Embedding(4, 3, np.random.default_rng(0)).astype(np.float64)
    other = twin(layer)
    labels = np.array([2, 0, 2, 1, 3, 2])
    assert_same_derivatives(
        lambda: layer(labels),
        lambda: other(torch.from_numpy(labels)),
        [],
        layer.parameters(),
        list(other.parameters()),
        curved=False,
    )


def test_class_planes_are_an_embedding_of_the_class() -> None:
    layer = nn.ClassPlane(2, 3, 4, np.random.default_rng(0)).astype(np.float64)
    other = torch.nn.Embedding(4, 2 * 3, dtype=torch.float64)
    other.load_state_dict({"weight": torch.from_numpy(layer.state_dict()["weight"])})
    labels = np.array([2, 0, 3, 2, 1])
    rows = np.concatenate([normals(5, 2 * 3), one_hot(labels, 4, np.float64)], axis=1)
    planes = layer(Tensor(rows)).data[:, 1]
    assert_alike(planes, other(torch.from_numpy(labels)).unflatten(1, (2, 3)))


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
