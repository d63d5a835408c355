"""Layers against finite differences: by their input and by every parameter, in both orders."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mnist_engine import nn
from mnist_engine.autograd import Array, GradientTape, Tensor
from mnist_engine.autograd.checks import numerical_gradient

few = settings(max_examples=25, deadline=None, derandomize=True)

RNG = np.random.default_rng


def check_layer(layer: Callable[[Tensor], Tensor], parameters: list[Tensor], x: Array) -> None:
    """First and second derivatives of Σ w layer(x)² with fixed random numbers w.

    The second ones are the derivatives of Σ u g, u being random too and g the first ones.
    """
    rng = RNG(3)
    sources = [Tensor(x, requires_grad=True), *parameters]
    weights = rng.standard_normal(layer(sources[0]).shape)
    directions = [rng.standard_normal(source.shape) for source in sources]

    def value(tape: GradientTape) -> Tensor:
        y = layer(sources[0])
        return (y * y * weights).sum()

    def slope(tape: GradientTape) -> Tensor:
        first = tape.gradient(value(tape), sources, create_graph=True)
        parts = [(g * u).sum() for g, u in zip(first, directions, strict=True)]
        return sum(parts[1:], start=parts[0])

    for function in (value, slope):
        with GradientTape() as tape:
            target = function(tape)
            recorded = tape.gradient(target, sources, create_graph=True)
        plain = tape.gradient(target, sources)

        def number(function: Callable[[GradientTape], Tensor] = function) -> float:
            with GradientTape() as tape:
                return function(tape).item()

        for source, one, other in zip(sources, plain, recorded, strict=True):
            expected = numerical_gradient(number, source.data)
            np.testing.assert_allclose(one.data, expected, rtol=1e-5, atol=1e-5)
            np.testing.assert_allclose(other.data, expected, rtol=1e-5, atol=1e-5)


def spread_out(*shape: int) -> Array:
    """Numbers of both signs, no two near each other and none near 0: off all kinks and ties."""
    count = int(np.prod(shape))
    return RNG(5).permutation(np.linspace(-1.6, 1.5, 2 * count)[::2]).reshape(shape)


VIEWS: dict[str, Callable[[Array], Array]] = {
    "as it is": lambda x: x,
    "Fortran": np.asfortranarray,
    "channels last": lambda x: np.moveaxis(np.ascontiguousarray(np.moveaxis(x, 1, -1)), -1, 1),
    "backwards": lambda x: np.ascontiguousarray(x[::-1])[::-1],
    "every second": lambda x: np.repeat(x, 2, axis=1)[:, ::2],
}
views = st.sampled_from(sorted(VIEWS))
small = st.integers(1, 3)


def checked(layer: nn.Module, x: Array, view: str) -> None:
    layer.astype(np.float64)
    check_layer(layer, layer.parameters(), VIEWS[view](x))


@few
@given(st.integers(1, 4), small, small, st.booleans(), views)
def test_linear(n: int, inputs: int, outputs: int, bias: bool, view: str) -> None:
    checked(nn.Linear(inputs, outputs, RNG(1), bias=bias), spread_out(n, inputs), view)


@few
@given(st.data(), small, small, st.booleans(), views)
def test_convolution(data: st.DataObject, inputs: int, outputs: int, bias: bool, view: str) -> None:
    size = data.draw(st.tuples(small, small))
    stride, padding = data.draw(st.tuples(small, small)), data.draw(st.integers(0, 1))
    layer = nn.Conv2d(inputs, outputs, size, RNG(1), stride=stride, padding=padding, bias=bias)
    checked(layer, spread_out(2, inputs, size[0] + 1, size[1]), view)


@few
@given(st.data(), small, small, st.booleans(), views)
def test_transposed_convolution(
    data: st.DataObject, inputs: int, outputs: int, bias: bool, view: str
) -> None:
    size, stride = data.draw(st.tuples(small, small)), data.draw(st.tuples(small, small))
    extra = data.draw(st.tuples(*(st.integers(0, s - 1) for s in stride)))
    layer = nn.ConvTranspose2d(
        inputs, outputs, size, RNG(1), stride=stride, output_padding=extra, bias=bias
    )
    checked(layer, spread_out(1, inputs, 2, 2), view)


@few
@given(st.sampled_from([nn.MaxPool2d, nn.AvgPool2d]), st.tuples(small, small), small, views)
def test_pools(kind: type[nn.Pool2d], size: tuple[int, int], stride: int, view: str) -> None:
    checked(kind(size, stride), spread_out(2, 2, size[0] + 2, size[1] + 1), view)


@few
@given(st.integers(2, 4), small, st.booleans(), views)
def test_batch_norm_of_rows(n: int, features: int, training: bool, view: str) -> None:
    layer = nn.BatchNorm1d(features, epsilon=0.2)
    layer.weight.data[:] = np.linspace(-1, 2, features)
    layer(Tensor(spread_out(5, features).astype(np.float32)))
    checked(layer.train(training), spread_out(n, features), view)


@few
@given(small, small, st.booleans(), views)
def test_batch_norm_of_images(n: int, channels: int, training: bool, view: str) -> None:
    layer = nn.BatchNorm2d(channels, epsilon=0.2)
    layer.weight.data[:] = np.linspace(-1, 2, channels)
    layer(Tensor(spread_out(2, channels, 2, 2).astype(np.float32)))
    checked(layer.train(training), spread_out(n, channels, 2, 2), view)


@few
@given(st.sampled_from(["dense", "convolution", "transposed"]), small, small, views)
def test_spectral_norm(kind: str, inputs: int, outputs: int, view: str) -> None:
    """In evaluation: there the singular vectors rest, as the derivative takes them to do."""
    inner, shape = {
        "dense": (nn.Linear(inputs, outputs, RNG(1)), (3, inputs)),
        "convolution": (nn.Conv2d(inputs, outputs, 2, RNG(1)), (2, inputs, 3, 2)),
        "transposed": (nn.ConvTranspose2d(inputs, outputs, 2, RNG(1)), (1, inputs, 2, 2)),
    }[kind]
    checked(nn.SpectralNorm(inner, RNG(2)).eval(), spread_out(*shape), view)


@few
@given(st.lists(st.integers(0, 3), min_size=1, max_size=6))
def test_embedding(labels: list[int]) -> None:
    layer = nn.Embedding(4, 2, RNG(1)).astype(np.float64)
    numbers = np.array(labels)
    check_layer(lambda x: layer(numbers) * x, layer.parameters(), spread_out(len(labels), 2))


@few
@given(st.integers(1, 4), small, small, small, views)
def test_class_plane(n: int, height: int, width: int, classes: int, view: str) -> None:
    layer = nn.ClassPlane(height, width, classes, RNG(1))
    checked(layer, spread_out(n, height * width + classes), view)


@pytest.mark.parametrize(
    "layer",
    [nn.Sigmoid(), nn.Tanh(), nn.ReLU(), nn.LeakyReLU(0.2), nn.Softmax(), nn.Flatten()],
    ids=lambda layer: type(layer).__name__,
)
@pytest.mark.parametrize("view", VIEWS)
def test_layers_without_parameters(layer: nn.Module, view: str) -> None:
    checked(layer, spread_out(2, 4), view)


def test_dropout_with_one_mask() -> None:
    check_layer(lambda x: nn.Dropout(0.5, RNG(4))(x), [], spread_out(3, 4))


def test_a_whole_network_of_images() -> None:
    rng = RNG(2)
    network = nn.Sequential(
        nn.Unflatten(1, 4, 4),
        nn.Conv2d(1, 2, 3, rng, padding=1),
        nn.BatchNorm2d(2, epsilon=0.2),
        nn.Tanh(),
        nn.AvgPool2d(2),
        nn.ConvTranspose2d(2, 2, 2, rng, stride=2),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(8, 2, rng),
    )
    checked(network, spread_out(3, 16), "as it is")
