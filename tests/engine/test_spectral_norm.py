"""Spectral normalisation against the singular values themselves."""

from __future__ import annotations

import numpy as np
import pytest

from mnist_engine import nn
from mnist_engine.autograd import GradientTape, Tensor, check_gradients
from mnist_engine.optim import SGD


def generator(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def normalised_linear(bias: bool = True) -> nn.SpectralNorm:
    return nn.SpectralNorm(nn.Linear(5, 4, generator(), bias=bias), generator(1))


X = generator(2).standard_normal((6, 5))


def applied_weight(module: nn.SpectralNorm) -> np.ndarray:
    """The matrix that a linear layer under the norm multiplies with."""
    zero = module(Tensor(np.zeros((1, 5), np.float32))).data
    return (module(Tensor(np.eye(5, dtype=np.float32))).data - zero).T


def test_the_largest_singular_value_becomes_one() -> None:
    module = normalised_linear()
    weight = module.layer.weight.numpy()
    for _ in range(100):
        module(Tensor(X.astype(np.float32)))
    found = applied_weight(module.eval())
    largest = np.linalg.svd(weight, compute_uv=False)[0]
    np.testing.assert_allclose(found, weight / largest, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize(
    ("layer", "outputs_on"),
    [
        (nn.Conv2d(3, 4, (3, 2), generator(), bias=False), 0),
        (nn.ConvTranspose2d(3, 4, (3, 2), generator(), stride=2), 1),
    ],
)
def test_a_kernel_is_a_matrix_with_a_row_for_each_output(
    layer: nn.Conv2d | nn.ConvTranspose2d, outputs_on: int
) -> None:
    module = nn.SpectralNorm(layer, generator(1)).astype(np.float64)
    matrix = np.moveaxis(layer.weight.numpy(), outputs_on, 0).reshape(4, 3 * 6)
    assert (module.u.shape, module.v.shape) == ((4,), (18,))
    images = Tensor(generator(2).standard_normal((2, 3, 5, 5)))
    for _ in range(100):
        module(images)
    found = module.eval()(images).data
    layer.weight.data /= np.linalg.svd(matrix, compute_uv=False)[0]
    np.testing.assert_allclose(found, layer(images).data, rtol=1e-7, atol=1e-9)
    check_gradients(module, [images.data[:1]], order=1)


def test_a_layer_begins_with_its_norm_nearly_found() -> None:
    singular = np.linalg.svd(applied_weight(normalised_linear().eval()), compute_uv=False)
    assert singular[0] == pytest.approx(1, rel=0.05)


def test_the_state_has_the_names_and_the_order_of_pytorch() -> None:
    names = {
        "parametrizations.weight.original": (4, 5),
        "parametrizations.weight.0._u": (4,),
        "parametrizations.weight.0._v": (5,),
    }
    shapes = {name: array.shape for name, array in normalised_linear().state_dict().items()}
    assert list(shapes) == ["bias", *names]
    assert shapes == {"bias": (4,), **names}
    assert list(normalised_linear(bias=False).state_dict()) == list(names)
    network = nn.Sequential(normalised_linear(), nn.ReLU())
    assert [name for name, _ in network.named_parameters()] == [
        "0.bias",
        "0.parametrizations.weight.original",
    ]
    assert [buffer.shape for buffer in network.buffers()] == [(4,), (5,)]


def test_the_power_iteration_moves_in_training_alone() -> None:
    module = normalised_linear()
    module.layer.weight.data[:] = generator(7).standard_normal((4, 5))
    weight, x = module.layer.weight.data, Tensor(X.astype(np.float32))
    before = module.state_dict()
    module.eval()(x)
    np.testing.assert_array_equal(module.u, before["parametrizations.weight.0._u"])
    module.train()(x)
    u = weight @ before["parametrizations.weight.0._v"]
    v = weight.T @ u
    np.testing.assert_allclose(module.u, u / np.linalg.norm(u), rtol=1e-5)
    np.testing.assert_allclose(module.v, v / np.linalg.norm(v), rtol=1e-5)


def test_the_gradient_holds_the_singular_vectors_fixed() -> None:
    module = normalised_linear().astype(np.float64).eval()
    check_gradients(module, [X])
    original, bias = module.layer.weight, module.layer.bias

    def by_hand(weight: Tensor) -> Tensor:
        sigma = (Tensor(module.u[None]) @ weight @ Tensor(module.v[:, None])).sum()
        return Tensor(X) @ (weight / sigma).T + bias

    with GradientTape() as tape:
        found = (module(Tensor(X)) ** 2).sum()
        expected = (by_hand(original) ** 2).sum()
    np.testing.assert_allclose(found.data, expected.data, rtol=1e-12)
    (gradient,) = tape.gradient(found, [original])
    (right,) = tape.gradient(expected, [original])
    np.testing.assert_allclose(gradient.data, right.data, rtol=1e-10, atol=1e-12)


def test_two_passes_on_one_tape_have_each_their_own_vectors() -> None:
    module = normalised_linear().astype(np.float64)
    original = module.layer.weight
    with GradientTape() as tape:
        first = module(Tensor(X)).sum()
        (before,) = tape.gradient(first, [original])
        module(Tensor(X))
    (after,) = tape.gradient(first, [original])
    np.testing.assert_array_equal(before.data, after.data)


def test_it_trains_copies_and_keeps_the_weight_of_its_layer() -> None:
    module = normalised_linear()
    original = module.layer.weight
    optimizer = SGD(module.parameters(), 0.1)
    tape = GradientTape()
    before = original.numpy()
    for _ in range(3):
        with tape:
            loss = (module(Tensor(X.astype(np.float32))) ** 2).mean()
        optimizer.minimise(loss)
    assert module.layer.weight is original
    assert (original.data != before).any()
    twin = module.copy()
    twin.layer.weight.data[:] = 0
    assert original.data.all()


def test_a_bad_input_leaves_the_layer_as_it_was() -> None:
    module = normalised_linear()
    original = module.layer.weight
    with pytest.raises(ValueError, match="needed are"):
        module(Tensor(np.ones((2, 9), np.float32)))
    assert module.layer.weight is original


def test_a_layer_of_another_kind_is_refused() -> None:
    for layer in (nn.ReLU(), nn.BatchNorm1d(3), nn.Sequential()):
        with pytest.raises(TypeError, match="give a Linear, Conv2d or ConvTranspose2d"):
            nn.SpectralNorm(layer, generator())
