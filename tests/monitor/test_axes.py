"""Steps lie where they belong on every axis, and are found again there."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnist_engine.runs.history import Curve
from mnist_engine.runs.state import Snapshot
from mnist_engine.training.events import Started
from mnist_tui.monitor.axes import AXES, extent_of, places, step_at, time_labels


def snapshot(clock: list[float], began: int = 0) -> Snapshot:
    seconds = np.asarray(clock)
    started = Started(
        step=began,
        task="gan",
        recipe="dense",
        summary="",
        epochs=3,
        steps_per_epoch=4,
        seed=0,
        threads=1,
        parameters={},
        image_shape=(28, 28),
    )
    steps = np.arange(began + 1.0, began + 1.0 + len(clock))
    return Snapshot(
        started=started,
        step=began + len(clock),
        clock=Curve(steps, seconds, seconds, seconds),
    )


clocks = st.lists(st.floats(0.01, 5), min_size=1, max_size=30).map(lambda p: list(np.cumsum(p)))


@given(clocks, st.sampled_from(AXES), st.floats(0, 1))
def test_a_place_on_an_axis_leads_back_to_its_step(clock, axis, share):
    run = snapshot(clock)
    step = share * run.step
    assert step_at(axis, float(places(axis, step, run)), run) == pytest.approx(step, abs=1e-6)


@given(clocks, st.sampled_from(AXES))
def test_every_axis_begins_at_nothing_and_grows(clock, axis):
    run = snapshot(clock)
    along = places(axis, np.arange(run.step + 1.0), run)
    assert along[0] == 0
    assert (np.diff(along) > 0).all()


def test_epochs_and_seconds_are_those_of_the_run():
    run = snapshot([0.5, 1.0, 3.0, 4.0])
    assert places("epoch", 2, run) == 0.5
    assert places("time", 3, run) == 3.0


def test_before_anything_is_known_all_is_at_the_beginning():
    assert places("time", 5, Snapshot()) == 0
    assert places("epoch", 5, Snapshot()) == 5
    assert extent_of(Snapshot()) == (0, 1)


def test_a_run_that_branched_off_begins_there():
    assert extent_of(snapshot([1.0, 2.0], began=500)) == (500, 502)


def test_times_have_their_unit():
    assert time_labels("min")([0.0, 2.5]) == ["0 min", "2.5 min"]
