"""Layers and initialisers against plain NumPy."""

from __future__ import annotations

import numpy as np
import pytest

from mnist_engine import nn
from mnist_engine.autograd import GradientTape, Tensor, check_gradients
from mnist_engine.nn import initialisers


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
    layer = nn.BatchNorm1d(4, momentum)
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
    with pytest.raises(ValueError, match=r"BatchNorm: inputs have shapes \(6, 4\), \(1,\), \(1,\)"):
        layer(Tensor(X))
    assert layer.running_mean.tolist() == [0]


# -- initialisers --------------------------------------------------------------------------------

SHAPE, FAN_IN = (300, 400), 400


@pytest.mark.parametrize(
    ("initialiser", "limit"),
    [
        (initialisers.uniform(0.25), 0.25),
        (initialisers.fan_in_uniform, 1 / 20),
        (initialisers.kaiming_uniform, np.sqrt(6 / 400)),
    ],
)
def test_uniform_initialisers_fill_their_range(
    initialiser: initialisers.Initialiser, limit: float
) -> None:
    weights = initialiser(generator(), SHAPE, FAN_IN)
    assert (weights.shape, weights.dtype) == (SHAPE, np.float32)
    assert weights.max() == pytest.approx(limit, rel=1e-3)
    assert weights.min() == pytest.approx(-limit, rel=1e-3)
    assert np.abs(weights).max() <= np.float32(limit)
    assert weights.std() == pytest.approx(limit / np.sqrt(3), rel=0.01)


def test_the_normal_initialiser() -> None:
    weights = initialisers.normal(0.02)(generator(), SHAPE, FAN_IN)
    assert weights.dtype == np.float32
    assert weights.mean() == pytest.approx(0, abs=3e-4)
    assert weights.std() == pytest.approx(0.02, rel=0.01)
    assert (np.abs(weights) < 0.04).mean() == pytest.approx(0.9545, abs=0.003)


def test_the_zero_initialiser() -> None:
    weights = initialisers.zeros(generator(), SHAPE, FAN_IN)
    assert (weights.shape, weights.dtype, weights.any()) == (SHAPE, np.float32, False)


def test_a_layer_takes_the_initialisers_it_is_given() -> None:
    layer = nn.Linear(400, 30, generator(), initialisers.uniform(2), initialisers.zeros)
    assert np.abs(layer.weight.data).max() == pytest.approx(2, rel=1e-3)
    assert not layer.bias.data.any()
