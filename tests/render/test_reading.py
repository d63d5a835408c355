"""Parts of curves are parts of their lines; values are the newest ones."""

from __future__ import annotations

import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from mnist_engine.runs.history import Curve
from mnist_tui.render.reading import value_at, within

steps = st.lists(st.integers(0, 100), max_size=20, unique=True).map(sorted)
limits = st.tuples(st.integers(-20, 120), st.integers(0, 60)).map(lambda p: (p[0], p[0] + p[1]))


def curve(x) -> Curve:
    x = np.asarray(x, dtype=float)
    mean = np.sin(x)
    return Curve(x, mean, mean - 1, mean + 1)


@given(steps, limits)
def test_a_part_lies_on_the_line_within_its_limits(x, limits):
    whole, part = curve(x), within(curve(x), limits)
    assert all(limits[0] <= place <= limits[1] for place in part.x)
    assert len(set(part.x)) == len(part.x)
    for name in ("mean", "low", "high"):
        np.testing.assert_allclose(
            getattr(part, name), np.interp(part.x, x, getattr(whole, name)) if x else []
        )


@given(steps, limits)
def test_a_part_reaches_as_far_as_the_line_does(x, limits):
    part = within(curve(x), limits)
    assert {place for place in x if limits[0] <= place <= limits[1]} <= set(part.x)
    if x and limits[0] <= x[-1] and limits[1] >= x[0]:
        assert part.x[0] == max(limits[0], x[0])
        assert part.x[-1] == min(limits[1], x[-1])
    else:
        assert not len(part.x)


@given(steps, st.integers(-5, 105))
def test_a_value_is_the_newest_that_was_there(x, step):
    before = [place for place in x if place <= step]
    value = value_at(curve(x), step)
    assert value == np.sin(before[-1]) if before else math.isnan(value)
