"""Logarithmic axes: who gets one, where values lie on it, and which ticks it has."""

from __future__ import annotations

import numpy as np
import pytest

from mnist_engine.runs.history import Curve
from mnist_tui.render.plot import Axes, PlotColours, Series, plot
from mnist_tui.render.scale import is_wide, placed, ticks_of
from mnist_tui.render.ticks import plain_labels
from mnist_tui.terminal import RenderMode

COLOURS = PlotColours("#333333", "#999999", "#ffaa00", "#101010")


def curve(*values: float) -> Curve:
    mean = np.array(values)
    return Curve(np.arange(1.0, len(mean) + 1), mean, mean, mean)


@pytest.mark.parametrize(
    ("values", "wide"),
    [
        ((), False),
        ((1.0, 30.0), False),
        ((1.0, 40.0), True),
        ((0.0, 40.0), False),
        ((-1.0, 40.0), False),
        ((float("nan"), 0.001, 1.0), True),
        ((1.0,) * 1000 + (40.0,), False),
    ],
    ids=str,
)
def test_a_decade_and_a_half_is_too_wide_for_a_linear_axis(values, wide):
    assert is_wide([curve(*values)]) is wide


@pytest.mark.parametrize(
    ("places", "most", "ticks"),
    [
        ((0, 2), 8, [1, 2, 5, 10, 20, 50, 100]),
        ((0, 2), 5, [1, 3, 10, 30, 100]),
        ((0, 2), 3, [1, 10, 100]),
        ((-3, 3), 4, [1e-3, 1e-1, 1e1, 1e3]),
        ((np.log10(3.5), np.log10(4.5)), 3, [3.5, 4, 4.5]),
    ],
)
def test_ticks_are_round_and_no_more_than_asked_for(places, most, ticks):
    assert ticks_of(places, most, logarithmic=True) == pytest.approx(ticks)


@pytest.mark.parametrize("width", np.linspace(0.01, 9, 50))
def test_every_logarithmic_axis_has_ticks_within_it(width):
    for low in (-2.5, -0.3, 0, 1.7):
        ticks = ticks_of((low, low + width), 5, logarithmic=True)
        assert 1 <= len(ticks) <= 5
        places = np.log10(ticks)
        assert places.min() >= low - 1e-6
        assert places.max() <= low + width + 1e-6


def test_what_is_not_above_zero_has_no_place_on_a_logarithmic_axis():
    drawn = placed(curve(-1.0, 0.0, 100.0), logarithmic_x=True, logarithmic_y=True)
    np.testing.assert_allclose(drawn.x, [np.log10(3)])
    np.testing.assert_allclose(drawn.mean, [2])


def test_a_lowest_value_of_zero_does_not_take_its_point_away():
    point = Curve(*(np.array([value]) for value in (1.0, 10.0, 0.0, 100.0)))
    drawn = placed(point, logarithmic_x=False, logarithmic_y=True)
    np.testing.assert_allclose([drawn.low[0], drawn.mean[0], drawn.high[0]], [1, 1, 2])


def test_equal_factors_are_equally_far_apart():
    x = np.array([1.0, 10.0, 100.0, 1000.0])
    drawn = Series("falling", Curve(x, *[1 / x] * 3), "#0000ff")
    axes = Axes((1, 1000), y_labels=plain_labels, logarithmic_x=True, logarithmic_y=True)
    lines = [one.text for one in plot([drawn], 64, 20, COLOURS, RenderMode(), axes)]
    rows = [number for number, line in enumerate(lines) for at in "┤" if at in line]
    gaps = np.diff(rows)
    assert len(rows) >= 4
    assert gaps.max() - gaps.min() <= 1
    labels = [lines[-1].index(label) for label in (" 10 ", " 100 ")]
    assert labels[0] < 64 / 2 < labels[1]
