"""Curves and run states: any length in bounded memory, and what was seen stays as it was seen."""

from __future__ import annotations

import sys
import tracemalloc
from dataclasses import FrozenInstanceError
from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mnist_engine.runs.history import Curve, History
from mnist_engine.runs.state import RunState, Snapshot
from mnist_engine.training.answers import Answers
from mnist_engine.training.events import (
    Alarm,
    CheckpointSaved,
    Cleared,
    Diverged,
    EpochDone,
    Event,
    Finished,
    Intervened,
    Measured,
    Resumed,
    SamplesDrawn,
    SavingFailed,
    Started,
    StepDone,
)


def filled(values: list[float], capacity: int = 8) -> Curve:
    history = History(capacity)
    for step, value in enumerate(values, 1):
        history.append(step, value)
    return history.curve()


def test_a_million_values_take_no_more_memory_than_a_few_thousand() -> None:
    history = History(256)
    for step in range(1000):
        history.append(step, 1.0)
    tracemalloc.start()
    for step in range(1000, 1_000_000):
        history.append(step, -5.0 if step == 123_456 else 9.0 if step == 654_321 else 1.0)
    grown, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    curve = history.curve()
    assert grown < 10_000
    assert 128 <= len(curve.x) <= 257
    assert (curve.low.min(), curve.high.max()) == (-5.0, 9.0)
    assert 114_000 < curve.x[curve.low.argmin()] < 132_000, "where it was"
    assert curve.x[-1] == 999_999


def test_a_short_curve_is_the_values_themselves() -> None:
    curve = filled([3.0, 1.0, 2.0])
    np.testing.assert_array_equal(curve.x, [1, 2, 3])
    for row in (curve.mean, curve.low, curve.high):
        np.testing.assert_array_equal(row, [3, 1, 2])
    assert curve.last == 2.0


def test_a_recent_value_is_the_mean_of_the_last_hundredth() -> None:
    assert filled([9.0] * 297 + [1.0, 2.0, 6.0], capacity=512).recent == 3.0
    assert filled([3.0, 1.0]).recent == 1.0


def test_an_empty_curve_has_no_last_value() -> None:
    assert np.isnan(History().curve().last)
    assert np.isnan(History().curve().recent)


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=200), st.sampled_from([2, 4, 8, 64]))
def test_extremes_mean_and_order_survive(values: list[float], capacity: int) -> None:
    curve = filled(values, capacity)
    assert len(curve.x) <= capacity + 1
    assert (curve.low.min(), curve.high.max()) == (min(values), max(values))
    assert curve.x[-1] == len(values)
    assert (np.diff(curve.x) > 0).all()
    counts = np.diff([0, *curve.x])  # how many values each point stands for
    mean = (curve.mean * counts).sum() / len(values)
    assert mean == pytest.approx(np.mean(values), abs=1e-6)
    slack = 1e-9 * (1 + np.abs(curve.mean))
    assert (curve.low - slack <= curve.mean).all()
    assert (curve.mean <= curve.high + slack).all()


def test_what_is_not_finite_is_left_out() -> None:
    np.testing.assert_array_equal(filled([1.0, np.nan, np.inf, -np.inf, 2.0]).x, [1, 5])


def test_steps_that_are_done_once_more_take_the_place_of_the_former() -> None:
    history = History(8)
    for number, value in ((1, 1.0), (2, 2.0), (3, 3.0), (4, 4.0), (3, 30.0), (4, 40.0), (5, 50.0)):
        history.append(number, value)
    np.testing.assert_array_equal(history.curve().x, [1, 2, 3, 4, 5])
    np.testing.assert_array_equal(history.curve().mean, [1, 2, 30, 40, 50])


@example([2, 1])  # the last step of a life alone is done once more
@given(st.lists(st.integers(1, 40), min_size=1, max_size=12))
def test_a_curve_goes_back_as_often_as_training_does(lasts: list[int]) -> None:
    """To step 1, 2, 3 ... and each time on for a while."""
    history = History(4)
    for begin, last in enumerate(lasts, 1):
        for number in range(begin, begin + last):
            history.append(number, float(begin))
    curve = history.curve()
    assert (np.diff(curve.x) > 0).all()
    assert curve.x[-1] == len(lasts) + lasts[-1] - 1
    assert curve.high[-1] == len(lasts)
    assert len(curve.x) <= 5


def test_a_curve_does_not_change_any_more() -> None:
    history = History(4)
    history.append(1, 5.0)
    curve = history.curve()
    for step in range(2, 40):
        history.append(step, 7.0)
    np.testing.assert_array_equal(curve.mean, [5.0])
    with pytest.raises(ValueError, match="read-only"):
        curve.mean[0] = 1


@pytest.mark.parametrize("capacity", [0, 1, 3])
def test_a_capacity_must_be_even(capacity: int) -> None:
    with pytest.raises(ValueError, match="even number"):
        History(capacity)


# --- the state of a run -------------------------------------------------------------------------

STARTED = Started(
    step=0,
    task="gan",
    recipe="x",
    summary="",
    epochs=2,
    steps_per_epoch=50,
    seed=0,
    threads=1,
    parameters={"generator": 1, "discriminator": 1},
    image_shape=(2, 2),
)


def step(number: int, seconds: float | None = None, **losses: float) -> StepDone:
    return StepDone(
        step=number,
        seconds=number / 10 if seconds is None else seconds,
        epoch=1,
        losses=losses or {"generator": 1.0 / number},
        learning_rates={"generator": 0.1},
        measures={"D(real)": 0.5},
    )


SAMPLES = SamplesDrawn(step=3, epoch=1, count=1, image_shape=(2, 2), columns=1, images=bytes(4))
EVENTS: list[Event] = [
    STARTED,
    step(1),
    step(2),
    SAMPLES,
    Intervened(step=2, what="learning rate", source="key", network="generator", after=0.5),
    Intervened(step=2, what="pause", source="key"),
    Intervened(step=2, what="resume", source="key"),
    step(3),
    EpochDone(step=3, epoch=1, measures={"generator loss": 0.7}),
    Measured(step=3, values={"class KL": 2.2}),
    Alarm(step=3, name="collapse", level="alarm", text="the digits are all alike"),
    CheckpointSaved(step=3, file="checkpoints/step-00000003.safetensors"),
    CheckpointSaved(step=3, file="weights"),
    Finished(step=3, epoch=1, ending="completed"),
]


def folded(events: list[Event], **options: Any) -> Snapshot:
    state = RunState(**options)
    for event in events:
        state.apply(event)
    return state.snapshot()


def same(one: Snapshot, other: Snapshot) -> bool:
    """Equal, looking into curves too."""
    np.testing.assert_equal(vars(one), vars(other))
    return True


def test_events_fold_to_what_a_screen_shows() -> None:
    now = folded(EVENTS)
    assert (now.phase, now.step, now.epoch, now.seconds) == ("finished", 3, 1, 0.3)
    assert now.started is STARTED
    assert now.samples is SAMPLES
    assert now.losses["generator"].last == pytest.approx(1 / 3)
    assert now.measures["D(real)"].last == 0.5
    np.testing.assert_array_equal(now.epochs["generator loss"].x, [1])
    assert now.learning_rates == {"generator": 0.1}
    assert now.factors == {"generator": 0.5}
    assert [mark.what for mark in now.marks] == ["learning rate", "pause", "resume"]
    assert now.measures["class KL"].last == 2.2
    assert [(alarm.name, alarm.level) for alarm in now.alarms] == [("collapse", "alarm")]
    assert now.checkpoint is EVENTS[-3]
    assert now.weights is EVENTS[-2]
    assert now.finished is EVENTS[-1]


def test_answers_are_those_of_the_last_epoch() -> None:
    early, late = (Answers(confusion=((count,),), mistakes=()) for count in (1, 2))
    epochs = [
        EpochDone(step=n, epoch=n, measures={}, answers=a) for n, a in ((1, early), (2, late))
    ]
    assert folded([STARTED, epochs[0]]).answers is early
    assert folded([STARTED, *epochs, step(3)]).answers is late


def test_what_happened_is_told_in_order_without_what_is_told_elsewhere() -> None:
    answers = Answers(confusion=((1,),), mistakes=())
    epoch = EpochDone(step=3, epoch=1, measures={"validation loss": 0.7}, answers=answers)
    resumed = Resumed(step=3, logged=3)
    now = folded([*EVENTS[:8], epoch, *EVENTS[9:], resumed])
    bare = EpochDone(step=3, epoch=1, measures=epoch.measures)
    assert now.happened == (*EVENTS[4:7], bare, *EVENTS[10:], resumed)


def test_a_disk_that_stays_full_is_told_once() -> None:
    full = [SavingFailed(step=n, file="events.jsonl", reason="disk full") for n in (1, 2)]
    saved = CheckpointSaved(step=3, file="checkpoints/step-3.safetensors")
    again = SavingFailed(step=4, file="events.jsonl", reason="disk full")
    assert folded([STARTED, *full, saved, again]).happened == (full[0], saved, again)


def test_folding_twice_gives_the_same_state() -> None:
    assert same(folded(EVENTS), folded(EVENTS))


@pytest.mark.parametrize(
    ("event", "phase"),
    [
        (Intervened(step=1, what="pause", source="key"), "paused"),
        (Intervened(step=1, what="step", source="key"), "training"),
        (Finished(step=1, epoch=1, ending="completed"), "finished"),
        (Finished(step=1, epoch=1, ending="stopped"), "stopped"),
        (Finished(step=1, epoch=1, ending="diverged"), "diverged"),
    ],
)
def test_the_phase_follows_the_events(event: Event, phase: str) -> None:
    assert folded([]).phase == "starting"
    assert folded([STARTED, step(1)]).phase == "training"
    assert folded([STARTED, step(1), event]).phase == phase


def test_a_run_that_goes_on_has_not_ended() -> None:
    stopped = [STARTED, step(1), step(2), Finished(step=2, epoch=1, ending="stopped")]
    for again in (Resumed(step=1, logged=2), step(3)):
        now = folded([*stopped, again])
        assert (now.phase, now.step, now.finished) == ("training", again.step, None)
    diverged = [STARTED, step(1), Diverged(step=1, network="generator", value="nan")]
    assert folded([*diverged, Resumed(step=1, logged=1)]).diverged is None


def test_what_a_training_that_went_back_meets_again_is_there_once() -> None:
    slower = Intervened(step=2, number=1, what="learning rate", source="key", after=0.5)
    alarm = Alarm(step=3, name="collapse", level="alarm", text="the digits are all alike")
    over = Cleared(step=4, name="collapse")
    epoch = EpochDone(step=4, epoch=1, measures={})
    once: list[Event] = [STARTED, step(1), step(2), slower, step(3), alarm, step(4), over, epoch]
    resumed = Resumed(step=1, logged=4)
    now = folded([*once, resumed, *once[2:], step(5)])
    assert now.marks == (slower,)
    assert now.happened == (slower, resumed, alarm, over, epoch)
    assert now.alarms == (alarm,)
    np.testing.assert_array_equal(now.losses["generator"].x, [1, 2, 3, 4, 5])
    np.testing.assert_array_equal(now.clock.x, [1, 2, 3, 4, 5])
    assert now.steps_per_second == pytest.approx(10.0)


def test_a_divergence_is_kept() -> None:
    diverged = Diverged(step=1, network="generator", value="nan")
    assert folded([STARTED, step(1), diverged]).diverged is diverged


def test_a_snapshot_does_not_change_any_more() -> None:
    state = RunState()
    for event in EVENTS[:5]:
        state.apply(event)
    early = state.snapshot()
    again = state.snapshot()
    assert early.version == again.version == 5
    for event in EVENTS[5:]:
        state.apply(event)
    assert same(early, again)
    assert early.phase == "training"
    assert len(early.losses["generator"].x) == 2
    assert len(early.marks) == 1
    assert state.snapshot().version == len(EVENTS)
    with pytest.raises(FrozenInstanceError):
        early.step = 9  # type: ignore[misc]


def test_steps_a_second_and_time_left_come_from_training_time() -> None:
    assert folded([STARTED]).seconds_left is None
    events: list[Event] = [STARTED, *(step(n, n * 0.5) for n in range(1, 21))]
    now = folded(events)
    assert now.steps_per_second == pytest.approx(2.0)
    assert now.seconds_left == pytest.approx((100 - 20) / 2.0)


def test_the_clock_tells_when_a_step_was_done_however_many_there_are() -> None:
    clock = folded([STARTED, *(step(n, n**1.5) for n in range(1, 10_001))]).clock
    assert len(clock.x) <= 4097
    np.testing.assert_allclose(clock.high, clock.x**1.5)


def test_the_memory_of_a_state_is_bounded() -> None:
    state = RunState(marks_kept=10)
    state.apply(STARTED)
    mark = Intervened(step=1, what="learning rate", source="key", network="generator", after=2.0)
    alarm = Alarm(step=1, name="collapse", level="warning", text="the digits are much alike")
    for number in range(1, 20_001):
        state.apply(step(number))
        if number % 10 == 0:
            state.apply(mark)
            state.apply(alarm)
    now = state.snapshot()
    assert len(now.marks) == len(now.alarms) == len(now.happened) == 10
    assert len(now.losses["generator"].x) <= 4097
    assert sum(sys.getsizeof(row) for row in now.losses["generator"]) < 200_000


# --- troubles -----------------------------------------------------------------------------------


def alarm(step: int, name: str = "collapse", level: str = "warning") -> Alarm:
    return Alarm(step=step, name=name, level=level, text="so it is")


def troubles(*events: Event) -> list[tuple[str, str]]:
    state = RunState()
    for event in events:
        state.apply(event)
    return [(each.name, each.level) for each in state.snapshot().troubles]


def test_a_trouble_stands_until_it_has_cleared() -> None:
    won = alarm(3, "discriminator winning")
    worse = alarm(4, level="alarm")
    assert troubles(alarm(2), won, worse) == [
        ("discriminator winning", "warning"),
        ("collapse", "alarm"),
    ]
    assert troubles(alarm(2), won, Cleared(step=5, name="collapse")) == [
        ("discriminator winning", "warning")
    ]


def test_who_goes_on_with_a_run_knows_its_troubles_until_then() -> None:
    assert troubles(alarm(2), Resumed(step=2, logged=4)) == [("collapse", "warning")]
    assert troubles(alarm(3), Resumed(step=2, logged=4)) == []
    assert troubles(alarm(3), Resumed(step=2, logged=4), alarm(3)) == [("collapse", "warning")]


def test_a_branch_is_as_fast_as_its_own_steps_and_has_the_factors_of_its_parent() -> None:
    state = RunState()
    state.apply(msgspec.structs.replace(STARTED, step=1000, factors={"generator": 0.5}))
    for number, seconds in ((1001, 0.5), (1002, 1.0), (1003, 1.5)):
        state.apply(StepDone(step=number, seconds=seconds, epoch=4, losses={}, learning_rates={}))
        assert state.snapshot().steps_per_second == 2
    assert (state.snapshot().own_steps, state.snapshot().mean_speed) == (3, 2)
    assert state.snapshot().factors == {"generator": 0.5}
