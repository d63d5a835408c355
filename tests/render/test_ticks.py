"""Ticks are round, inside, and spelled so that neighbours differ."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnist_tui.render.ticks import (
    count_labels,
    decimal_labels,
    nice_ticks,
    percent_labels,
    short_count,
)


@pytest.mark.parametrize(
    ("low", "high", "most", "ticks"),
    [
        (0, 1, 3, [0, 0.5, 1]),
        (0, 1, 6, [0, 0.2, 0.4, 0.6, 0.8, 1]),
        (0, 46_900, 5, [0, 10_000, 20_000, 30_000, 40_000]),
        (-1, 1, 3, [-1, 0, 1]),
        (0.93, 0.984, 4, [0.94, 0.96, 0.98]),
        (5, 5, 3, [5]),
        (3, 1, 3, []),
        (0, math.inf, 3, []),
    ],
)
def test_ticks_are_round(low, high, most, ticks):
    assert nice_ticks(low, high, most) == pytest.approx(ticks)


@given(
    low=st.floats(-1e6, 1e6),
    span=st.floats(1e-3, 1e6),
    most=st.integers(2, 20),
)
def test_ticks_are_few_inside_and_spelled_differently(low, span, most):
    high = low + span
    ticks = nice_ticks(low, high, most)
    assert len(ticks) <= most
    assert all(low - 1e-6 * span <= tick <= high + 1e-6 * span for tick in ticks)
    if span > 1e-3 * abs(low):
        labels = decimal_labels(ticks)
        assert len(set(labels)) == len(labels)


@given(high=st.integers(1, 10**6), most=st.integers(2, 20))
def test_whole_ticks_are_whole(high, most):
    ticks = nice_ticks(1, high, most, whole=True)
    assert all(tick == int(tick) for tick in ticks)
    assert ticks


def test_labels_of_one_axis_have_the_same_decimals():
    assert decimal_labels([0, 0.5, 1.0]) == ["0.0", "0.5", "1.0"]
    assert decimal_labels([0, 0.25]) == ["0.00", "0.25"]
    assert decimal_labels([0, 20]) == ["0", "20"]
    assert decimal_labels([]) == []
    assert decimal_labels([1e9]) == ["1e+09"]


def test_percentages_keep_the_decimals_that_they_need():
    assert percent_labels([0, 0.5, 1]) == ["0%", "50%", "100%"]
    assert percent_labels([0.984, 0.986]) == ["98.4%", "98.6%"]


def test_counts_are_short():
    assert count_labels([0, 500, 1000, 1500]) == ["0", "500", "1k", "1.5k"]
    assert short_count(2_000_000) == "2M"
    assert short_count(46_900) == "46.9k"
