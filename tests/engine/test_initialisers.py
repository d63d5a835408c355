"""How weights begin: the distributions, and the numbers of inputs and outputs that decide them."""

from __future__ import annotations

import numpy as np
import pytest

from mnist_engine import nn
from mnist_engine.nn import initialisers
from mnist_engine.nn.initialisers import Fans, Initialiser

SHAPE = (300, 400)
FANS = Fans(fan_in=400, fan_out=300)


def generator() -> np.random.Generator:
    return np.random.default_rng(0)


@pytest.mark.parametrize(
    ("initialiser", "limit"),
    [
        (initialisers.uniform(0.25), 0.25),
        (initialisers.fan_in_uniform, 1 / 20),
        (initialisers.kaiming_uniform, np.sqrt(6 / 400)),
        (initialisers.xavier_uniform, np.sqrt(6 / 700)),
    ],
)
def test_uniform_initialisers_fill_their_range(initialiser: Initialiser, limit: float) -> None:
    weights = initialiser(generator(), SHAPE, FANS)
    assert (weights.shape, weights.dtype) == (SHAPE, np.float32)
    assert weights.max() == pytest.approx(limit, rel=1e-3)
    assert weights.min() == pytest.approx(-limit, rel=1e-3)
    assert np.abs(weights).max() <= np.float32(limit)
    assert weights.std() == pytest.approx(limit / np.sqrt(3), rel=0.01)


@pytest.mark.parametrize(
    ("initialiser", "mean", "deviation"),
    [
        (initialisers.normal(0.02), 0, 0.02),
        (initialisers.normal(0.5, mean=3), 3, 0.5),
        (initialisers.dcgan, 0, 0.02),
        (initialisers.dcgan_scale, 1, 0.02),
        (initialisers.kaiming_normal, 0, np.sqrt(2 / 400)),
        (initialisers.xavier_normal, 0, np.sqrt(2 / 700)),
    ],
)
def test_normal_initialisers(initialiser: Initialiser, mean: float, deviation: float) -> None:
    weights = initialiser(generator(), SHAPE, FANS)
    assert (weights.shape, weights.dtype) == (SHAPE, np.float32)
    assert weights.mean() == pytest.approx(mean, abs=0.015 * deviation)
    assert weights.std() == pytest.approx(deviation, rel=0.01)
    within_two = np.abs(weights - mean) < 2 * deviation
    assert within_two.mean() == pytest.approx(0.9545, abs=0.003)


@pytest.mark.parametrize(
    ("initialiser", "value"), [(initialisers.zeros, 0), (initialisers.ones, 1)]
)
def test_constant_initialisers(initialiser: Initialiser, value: float) -> None:
    weights = initialiser(generator(), SHAPE, FANS)
    assert (weights.shape, weights.dtype) == (SHAPE, np.float32)
    assert (weights == value).all()


@pytest.mark.parametrize(
    ("shape", "fans"),
    [((30, 400), Fans(400, 30)), ((8, 3, 5, 2), Fans(3 * 10, 8 * 10))],
)
def test_a_kernels_area_multiplies_both_fans(shape: tuple[int, ...], fans: Fans) -> None:
    assert Fans.of(shape) == fans


def test_a_layer_takes_the_initialisers_it_is_given() -> None:
    layer = nn.Linear(
        400, 30, generator(), weights=initialisers.uniform(2), biases=initialisers.zeros
    )
    assert np.abs(layer.weight.data).max() == pytest.approx(2, rel=1e-3)
    assert not layer.bias.data.any()


def test_weight_and_bias_begin_by_the_fans_of_the_weight() -> None:
    asked = []

    def note(rng: np.random.Generator, shape: tuple[int, ...], fans: Fans) -> np.ndarray:
        asked.append((shape, fans))
        return np.zeros(shape, np.float32)

    nn.Linear(4, 3, generator(), weights=note, biases=note)
    assert asked == [((3, 4), Fans(4, 3)), ((3,), Fans(4, 3))]
