"""Layers and initialisers against plain NumPy."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from mnist_engine import nn
from mnist_engine.autograd import GradientTape, Tensor, check_gradients


def generator(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


X = generator(5).standard_normal((6, 4), dtype=np.float32)


# -- linear --------------------------------------------------------------------------------------


def test_linear_is_x_times_w_transposed_plus_b() -> None:
    layer = nn.Linear(4, 3, generator())
    weight, bias = layer.weight.numpy(), layer.bias.numpy()
    assert (weight.shape, bias.shape) == ((3, 4), (3,))
    np.testing.assert_allclose(layer(Tensor(X)).data, X @ weight.T + bias, rtol=1e-6)


def test_linear_says_which_shapes_it_needs() -> None:
    layer = nn.Linear(4, 3, generator())
    needed = r"needed are \(n, 4\), \(3, 4\) and \(3,\)"
    for shape in ((6, 5), (4,), (2, 3, 4)):
        with pytest.raises(ValueError, match=needed):
            layer(Tensor(np.zeros(shape, np.float32)))


def test_the_seed_decides_the_weights() -> None:
    one, same, other = (nn.Linear(4, 3, generator(seed)) for seed in (1, 1, 2))
    np.testing.assert_array_equal(one.weight.data, same.weight.data)
    assert (one.weight.data != other.weight.data).all()


def test_linear_without_a_bias_is_x_times_w_transposed() -> None:
    layer = nn.Linear(4, 3, generator(), bias=False)
    assert list(layer.state_dict()) == ["weight"]
    np.testing.assert_allclose(layer(Tensor(X)).data, X @ layer.weight.numpy().T, rtol=1e-6)
    check_gradients(layer.astype(np.float64), [X.astype(np.float64)])


# -- arguments -----------------------------------------------------------------------------------

WRONG: dict[str, tuple[Callable[[], nn.Module], type[Exception], str]] = {
    "linear, no generator": (
        lambda: nn.Linear(4, 3, 7),
        TypeError,
        r"Linear: rng is 7; give a random generator such as np\.random\.default_rng\(seed\)",
    ),
    "convolution, no generator": (lambda: nn.Conv2d(1, 8, 3, 1), TypeError, "Conv2d: rng is 1"),
    "transposed convolution, no generator": (
        lambda: nn.ConvTranspose2d(1, 8, 3, None),
        TypeError,
        "ConvTranspose2d: rng is None",
    ),
    "embedding, no generator": (lambda: nn.Embedding(4, 3, 0), TypeError, "Embedding: rng is 0"),
    "class plane, no generator": (
        lambda: nn.ClassPlane(2, 3, 4, 0),
        TypeError,
        "ClassPlane: rng is 0",
    ),
    "dropout, no generator": (lambda: nn.Dropout(0.5, 0), TypeError, "Dropout: rng is 0"),
    "spectral norm, no generator": (
        lambda: nn.SpectralNorm(nn.Linear(4, 3, generator()), 0),
        TypeError,
        "SpectralNorm: rng is 0",
    ),
    "no inputs": (
        lambda: nn.Linear(0, 3, generator()),
        ValueError,
        "Linear: inputs is 0; it must be at least 1",
    ),
    "no outputs": (lambda: nn.Linear(3, -1, generator()), ValueError, "Linear: outputs is -1"),
    "half an output": (
        lambda: nn.Linear(3, 2.5, generator()),
        TypeError,
        r"Linear: outputs is 2\.5; it must be a whole number",
    ),
    "no channels": (lambda: nn.Conv2d(0, 3, 3, generator()), ValueError, "Conv2d: inputs is 0"),
    "no channels out": (
        lambda: nn.ConvTranspose2d(3, 0, 3, generator()),
        ValueError,
        "ConvTranspose2d: outputs is 0",
    ),
    "no kernel": (
        lambda: nn.Conv2d(1, 3, (3, 0), generator()),
        ValueError,
        "Conv2d: kernel_size is 0",
    ),
    "three sides": (
        lambda: nn.Conv2d(1, 3, (3, 3, 3), generator()),
        TypeError,
        r"Conv2d: kernel_size is \(3, 3, 3\); it must be one whole number, or a pair of them",
    ),
    "no stride": (
        lambda: nn.ConvTranspose2d(1, 3, 3, generator(), stride=0),
        ValueError,
        "ConvTranspose2d: stride is 0",
    ),
    "negative padding": (
        lambda: nn.Conv2d(1, 3, 3, generator(), padding=-1),
        ValueError,
        "Conv2d: padding is -1; it must be at least 0",
    ),
    "negative output padding": (
        lambda: nn.ConvTranspose2d(1, 3, 3, generator(), output_padding=(0, -1)),
        ValueError,
        "ConvTranspose2d: output_padding is -1",
    ),
    "no window": (lambda: nn.MaxPool2d(0), ValueError, "MaxPool2d: kernel_size is 0"),
    "no step": (lambda: nn.AvgPool2d(2, 0), ValueError, "AvgPool2d: stride is 0"),
    "no labels": (lambda: nn.Embedding(0, 3, generator()), ValueError, "Embedding: count is 0"),
    "no height": (
        lambda: nn.ClassPlane(0, 3, 4, generator()),
        ValueError,
        "ClassPlane: height is 0; it must be at least 1",
    ),
    "half a width": (
        lambda: nn.ClassPlane(2, 1.5, 4, generator()),
        TypeError,
        r"ClassPlane: width is 1\.5; it must be a whole number",
    ),
    "no classes": (
        lambda: nn.ClassPlane(2, 3, 0, generator()),
        ValueError,
        "ClassPlane: classes is 0",
    ),
    "no features": (lambda: nn.BatchNorm1d(0), ValueError, "BatchNorm1d: features is 0"),
    "an axis to unflatten": (
        lambda: nn.Unflatten(1, (1, 28, 28)),
        TypeError,
        r"Unflatten: a number of the shape is \(1, 28, 28\); it must be a whole number",
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_wrong_arguments_are_refused_by_name(name: str) -> None:
    make, error, message = WRONG[name]
    with pytest.raises(error, match=message):
        make()


@pytest.mark.parametrize(
    "make",
    [
        lambda: nn.Linear(4, 3, generator(), False),
        lambda: nn.Conv2d(1, 8, 3, generator(), 1),
        lambda: nn.ConvTranspose2d(1, 8, 3, generator(), 1),
        lambda: nn.BatchNorm1d(3, 1e-5),  # which PyTorch takes as epsilon
        lambda: nn.BatchNorm2d(3, 1e-5),
    ],
)
def test_settings_are_given_by_keyword(make: Callable[[], nn.Module]) -> None:
    with pytest.raises(TypeError, match="positional arguments"):
        make()


def test_sizes_may_be_numbers_of_numpy() -> None:
    layer = nn.Conv2d(np.int64(1), np.int32(2), np.int64(3), generator())
    assert layer.weight.shape == (2, 1, 3, 3)


# -- shapes --------------------------------------------------------------------------------------


def test_flatten_puts_the_channels_one_after_the_other() -> None:
    images = np.arange(24, dtype=np.float32).reshape(2, 3, 2, 2)
    channels_last = images.transpose(0, 2, 3, 1).copy().transpose(0, 3, 1, 2)
    for x in (images, channels_last):
        rows = nn.Flatten()(Tensor(x))
        np.testing.assert_array_equal(rows.data, np.arange(24).reshape(2, 12))


def test_unflatten_undoes_flatten() -> None:
    images = generator().standard_normal((5, 3, 4, 2))
    layers = nn.Sequential(nn.Flatten(), nn.Unflatten(3, 4, 2))
    np.testing.assert_array_equal(layers(Tensor(images)).data, images)
    assert layers(Tensor(images[:0])).shape == (0, 3, 4, 2)
    check_gradients(layers, [images[:1]])


def test_a_shape_may_be_one_tuple() -> None:
    assert nn.Unflatten((2, 1, 2))(Tensor(X)).shape == nn.Unflatten(2, 1, 2)(Tensor(X)).shape


def test_unflatten_says_what_does_not_fit() -> None:
    with pytest.raises(ValueError, match=r"Unflatten: inputs have shapes \(6, 4\)"):
        nn.Unflatten(1, 2, 3)(Tensor(X))


# -- activations ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("layer", "formula"),
    [
        (nn.Sigmoid(), lambda x: 1 / (1 + np.exp(-x))),
        (nn.Tanh(), np.tanh),
        (nn.ReLU(), lambda x: np.where(x > 0, x, 0)),
        (nn.LeakyReLU(), lambda x: np.where(x > 0, x, 0.01 * x)),
        (nn.LeakyReLU(0.2), lambda x: np.where(x > 0, x, 0.2 * x)),
        (nn.Softmax(), lambda x: np.exp(x) / np.exp(x).sum(axis=1, keepdims=True)),
    ],
)
def test_activations_are_their_formulas(layer: nn.Module, formula: np.ufunc) -> None:
    np.testing.assert_allclose(layer(Tensor(X)).data, formula(X), rtol=2e-6)


@pytest.mark.parametrize(("layer", "slope"), [(nn.ReLU(), 0.0), (nn.LeakyReLU(0.2), 0.2)])
def test_the_slope_at_the_kink_is_that_of_the_left(layer: nn.Module, slope: float) -> None:
    x = Tensor([0.0, -0.0], requires_grad=True)
    with GradientTape() as tape:
        y = layer(x).sum()
        (recorded,) = tape.gradient(y, [x], create_graph=True)
    np.testing.assert_allclose(recorded.data, slope)
    np.testing.assert_allclose(tape.gradient(y, [x])[0].data, slope)


# -- dropout -------------------------------------------------------------------------------------


@pytest.mark.parametrize("probability", [0.2, 0.5, 0.9])
def test_dropout_drops_its_share_and_keeps_the_mean(probability: float) -> None:
    y = nn.Dropout(probability, generator())(Tensor(np.ones((400, 500), np.float32))).data
    assert (y == 0).mean() == pytest.approx(probability, abs=0.01)
    assert y.mean() == pytest.approx(1, abs=0.03)
    np.testing.assert_allclose(y[y != 0], 1 / (1 - probability), rtol=1e-6)


def test_dropout_passes_the_gradient_where_it_passed_the_number() -> None:
    layer, x = nn.Dropout(0.5, generator()), Tensor(np.ones((8, 8)), requires_grad=True)
    with GradientTape() as tape:
        y = layer(x)
    np.testing.assert_array_equal(tape.gradient(y, [x])[0].data, y.data)


def test_each_dropout_mask_is_new_and_the_seed_decides_them() -> None:
    x = Tensor(np.ones((8, 8), np.float32))
    one, same = nn.Dropout(0.5, generator(1)), nn.Dropout(0.5, generator(1))
    first, second = one(x).data, one(x).data
    assert (first != second).any()
    np.testing.assert_array_equal(same(x).data, first)
    np.testing.assert_array_equal(same(x).data, second)


def test_dropout_does_nothing_in_evaluation_or_with_probability_0() -> None:
    x = Tensor(X)
    assert nn.Dropout(0.5, generator()).eval()(x) is x
    assert nn.Dropout(0.0, generator())(x) is x


@pytest.mark.parametrize("probability", [-0.1, 1.0])
def test_dropout_refuses_what_is_no_probability_below_one(probability: float) -> None:
    with pytest.raises(ValueError, match=r"must be in \[0, 1\)"):
        nn.Dropout(probability, generator())


# -- batch normalisation -------------------------------------------------------------------------


def some_batch_norm(momentum: float = 0.1) -> nn.BatchNorm1d:
    layer = nn.BatchNorm1d(4, momentum=momentum)
    layer.weight.data[:] = [0.5, 1, 2, -1]
    layer.bias.data[:] = [0, 1, -1, 3]
    return layer


def test_batch_norm_in_training_uses_the_batch() -> None:
    layer = some_batch_norm()
    normal = (X - X.mean(axis=0)) / np.sqrt(X.var(axis=0) + 1e-5)
    expected = normal * layer.weight.data + layer.bias.data
    np.testing.assert_allclose(layer(Tensor(X)).data, expected, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("momentum", [0.1, 0.2, 1.0])
def test_batch_norm_keeps_running_statistics(momentum: float) -> None:
    layer, rng = some_batch_norm(momentum), generator(8)
    mean, variance = np.zeros(4), np.ones(4)
    for step in range(1, 20):
        x = rng.normal(step, 2, (5, 4)).astype(np.float32)
        layer(Tensor(x))
        mean = (1 - momentum) * mean + momentum * x.mean(axis=0, dtype=np.float64)
        unbiased = x.var(axis=0, ddof=1, dtype=np.float64)
        variance = (1 - momentum) * variance + momentum * unbiased
        np.testing.assert_allclose(layer.running_mean, mean, rtol=1e-5)
        np.testing.assert_allclose(layer.running_var, variance, rtol=1e-5)
        assert layer.num_batches_tracked == step
    assert layer.running_mean.dtype == layer.running_var.dtype == np.float32


def test_batch_norm_in_evaluation_uses_the_running_statistics_and_leaves_them() -> None:
    layer = some_batch_norm()
    layer(Tensor(X * 3 + 1))
    layer.eval()
    before = layer.state_dict()
    scale = layer.weight.data / np.sqrt(layer.running_var + 1e-5)
    expected = (X - layer.running_mean) * scale + layer.bias.data
    np.testing.assert_allclose(layer(Tensor(X)).data, expected, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(layer(Tensor(X[:1])).data, expected[:1], rtol=1e-5, atol=1e-6)
    for name, array in layer.state_dict().items():
        np.testing.assert_array_equal(array, before[name])


def test_batch_norm_in_evaluation_is_differentiable() -> None:
    layer = nn.BatchNorm1d(4).astype(np.float64)
    layer(Tensor(X.astype(np.float64)))
    check_gradients(layer.eval(), [X.astype(np.float64)])


def test_batch_norm_of_one_row_is_refused_in_training() -> None:
    with pytest.raises(ValueError, match="batch of 1 has no variance"):
        some_batch_norm()(Tensor(X[:1]))


def test_batch_norm_of_other_features_is_refused_and_leaves_the_statistics() -> None:
    layer = nn.BatchNorm1d(1)
    needed = r"BatchNorm1d: got \(6, 4\), needed is \(n, channels\) with 1"
    with pytest.raises(ValueError, match=needed):
        layer(Tensor(X))
    assert layer.running_mean.tolist() == [0]
