"""Averages are those of the definition, whatever the points are."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnist_engine.runs.history import Curve
from mnist_tui.render.smoothing import smoothed

numbers = st.floats(-1e6, 1e6)


def curve(values, x=None) -> Curve:
    values = np.asarray(values, dtype=float)
    x = np.arange(len(values), dtype=float) if x is None else np.asarray(x, dtype=float)
    return Curve(x, values, values - 1, values + 1)


@given(st.lists(numbers, min_size=1, max_size=80), st.floats(0, 0.9999))
def test_it_is_adams_average_of_a_value_a_step(values, weight):
    average, expected = 0.0, []
    for number, value in enumerate(values, 1):
        average = weight * average + (1 - weight) * value
        expected.append(average / (1 - weight**number))
    np.testing.assert_allclose(smoothed(curve(values), weight).mean, expected, rtol=1e-6, atol=1e-6)


@given(
    st.lists(st.tuples(numbers, st.integers(1, 2000)), min_size=1, max_size=60),
    st.floats(0, 0.9999),
)
def test_a_value_counts_by_how_many_steps_it_lies_back(points, weight):
    values, distances = (np.array(part, dtype=float) for part in zip(*points, strict=True))
    x = np.cumsum(distances)
    weights = weight ** np.maximum(x[:, None] - x, 0) * (x[:, None] >= x)
    expected = weights @ values / weights.sum(axis=1)
    np.testing.assert_allclose(
        smoothed(curve(values, x), weight).mean, expected, rtol=1e-6, atol=1e-6
    )


@given(st.lists(st.floats(allow_nan=True, allow_infinity=True), max_size=40), st.floats(0, 0.99))
def test_it_stays_among_the_values_it_has_seen(values, weight):
    averaged = smoothed(curve(values), weight)
    seen = [value for value in values if np.isfinite(value)]
    assert len(averaged.x) == len(seen)
    room = 1e-9 * max(map(abs, seen), default=0.0)
    for number, value in enumerate(averaged.mean, 1):
        assert min(seen[:number]) - room <= value <= max(seen[:number]) + room


def test_the_first_value_is_itself():
    assert smoothed(curve([7.0, 0.0]), 0.999).mean[0] == 7.0


def test_without_weight_nothing_is_averaged():
    np.testing.assert_array_equal(smoothed(curve([3, 1, 2]), 0).mean, [3, 1, 2])


@pytest.mark.parametrize("weight", [-0.1, 1.0, 2.0])
def test_a_weight_that_forgets_nothing_is_refused(weight):
    with pytest.raises(ValueError, match="it must be at least 0 and below 1"):
        smoothed(curve([1.0]), weight)
