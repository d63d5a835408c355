"""Whatever people choose, they see a part of what there is, and the cursor is in it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnist_tui.monitor.plot_view import LEAST_WINDOW, SMOOTHINGS, PlotView

EXTENT = (0.0, 1000.0)
extents = st.tuples(st.integers(0, 5000), st.integers(1, 10**6)).map(
    lambda pair: (float(pair[0]), float(pair[0] + pair[1]))
)
choices = st.lists(
    st.one_of(
        st.sampled_from(["closer", "farther"]).map(
            lambda name: lambda view, extent: getattr(view, name)(extent)
        ),
        st.integers(-150, 150).map(lambda by: lambda view, extent: view.moved(by, extent)),
        st.floats(0, 1).map(
            lambda share: (
                lambda view, extent: view.reading(
                    round(extent[0] + share * (extent[1] - extent[0])), extent
                )
            )
        ),
    ),
    max_size=12,
)


@given(extents, choices)
def test_what_is_seen_lies_within_the_run_and_holds_the_cursor(extent, choices):
    view = PlotView()
    for choose in choices:
        view = choose(view, extent)
        low, high = view.limits(extent)
        assert extent[0] <= low < high <= extent[1]
        if view.window is not None and view.window < extent[1] - extent[0]:
            assert high - low == pytest.approx(view.window)
        else:
            assert (low, high) == extent
        if view.cursor is not None:
            assert low <= view.cursor <= high
            assert view.cursor < extent[1]


@given(extents, choices, st.integers(1, 10**6))
def test_a_run_that_grows_keeps_what_is_read_in_sight(extent, choices, more):
    view = PlotView()
    for choose in choices:
        view = choose(view, extent)
    later = (extent[0], extent[1] + more)
    low, high = view.limits(later)
    assert later[0] <= low < high <= later[1]
    if view.cursor is not None:
        assert low <= view.cursor <= high
    else:
        assert high == later[1], "who reads nothing follows the run"


def test_windows_are_round_and_end_at_the_newest_step():
    view, seen = PlotView(), []
    for _ in range(8):
        view = view.closer(EXTENT)
        seen.append(view.limits(EXTENT))
    assert [high - low for low, high in seen] == [500, 200, 100, 50, 20, 10, 10, 10]
    assert {high for _, high in seen} == {1000}
    for window in (20, 50, 100, 200, 500, None, None):
        view = view.farther(EXTENT)
        assert view.window == window


@pytest.mark.parametrize("length", [1, 5, 15])
def test_a_short_run_is_seen_as_a_whole(length):
    assert PlotView().closer((0.0, float(length))).limits((0.0, length)) == (0.0, length)
    assert length < 2 * LEAST_WINDOW


def test_beyond_the_last_step_are_the_newest_values():
    view = PlotView().moved(-10, EXTENT)
    assert view.cursor == 900
    assert view.moved(9, EXTENT).cursor == 990
    assert view.moved(10, EXTENT) == PlotView()
    assert view.moved(-500, EXTENT).cursor == 0


def test_the_cursor_takes_the_window_with_it_and_the_end_gives_it_back():
    view = replace(PlotView(), window=100).moved(-50, EXTENT)
    assert (view.cursor, view.limits(EXTENT)) == (950, (900, 1000))
    view = view.reading(850, EXTENT)
    assert view.limits(EXTENT) == (850, 950)
    assert view.reading(900, EXTENT).limits(EXTENT) == (850, 950), "in sight is enough"
    assert view.reading(None, EXTENT).limits(EXTENT) == (900, 1000)


def test_a_replays_step_is_always_in_sight():
    view = replace(PlotView(), window=100).following(300, EXTENT)
    assert view.limits(EXTENT) == (300, 400)
    assert view.following(450, EXTENT).limits(EXTENT) == (350, 450)
    assert view.cursor is None


def test_choices_come_round_and_smoothing_stops_at_its_ends():
    view = PlotView()
    assert view.over_next_axis().over_next_axis().over_next_axis() == view
    assert view.with_next_scale().with_next_scale().with_next_scale() == view
    assert view.smoother(-1) == view
    for weight in (*SMOOTHINGS[1:], SMOOTHINGS[-1]):
        view = view.smoother(1)
        assert view.smoothing == weight
