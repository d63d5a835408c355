"""Going back and forth in a run: each step is seen as it was when it was the last."""

from __future__ import annotations

import time
from pathlib import Path

import msgspec
import numpy as np
import pytest

from mnist_engine.runs.directory import RunDirectory
from mnist_engine.runs.pictures import save_grid
from mnist_engine.runs.state import RunState, Snapshot
from mnist_engine.runs.timeline import Timeline
from mnist_engine.training.answers import Answers
from mnist_engine.training.events import (
    Alarm,
    CheckpointSaved,
    Cleared,
    EpochDone,
    Event,
    Finished,
    Intervened,
    Measured,
    Resumed,
    SamplesDrawn,
    Started,
    StepDone,
)

STEPS_PER_EPOCH = 10
STARTED = Started(
    step=0,
    task="gan",
    recipe="x",
    summary="",
    epochs=4,
    steps_per_epoch=STEPS_PER_EPOCH,
    seed=0,
    threads=1,
    parameters={"generator": 1},
    image_shape=(3, 2),
)


def step(number: int, factor: float = 1.0) -> StepDone:
    return StepDone(
        step=number,
        seconds=number / 4,
        epoch=-(-number // STEPS_PER_EPOCH),
        losses={"generator": 1 / number},
        learning_rates={"generator": factor * 0.1 * 0.98**number},
        measures={"D(real)": 0.5},
    )


def samples(epoch: int, count: int = 5) -> SamplesDrawn:
    """Kept in a file, as a log has it."""
    return SamplesDrawn(
        step=epoch * STEPS_PER_EPOCH,
        epoch=epoch,
        count=count,
        image_shape=(3, 2),
        columns=2,
        epoch_end=True,
        file=f"samples/epoch-{epoch:04d}.png",
    )


def images(epoch: int, count: int = 5) -> bytes:
    rng = np.random.default_rng(epoch)
    return rng.integers(0, 256, count * 6, dtype=np.uint8).tobytes()


def story() -> list[Event]:
    """Three epochs: the rate is halved after step 12, an alarm comes after step 25."""
    events: list[Event] = [STARTED]
    for number in range(1, 3 * STEPS_PER_EPOCH + 1):
        events.append(step(number, 0.5 if number > 12 else 1.0))
        epoch, rest = divmod(number, STEPS_PER_EPOCH)
        if number == 12:
            halved = Intervened(
                step=12,
                number=1,
                what="learning rate",
                source="key",
                network="generator",
                after=0.5,
            )
            events += [halved, CheckpointSaved(step=12, file="checkpoints/a.safetensors")]
        if number == 15:
            events.append(Measured(step=15, values={"class KL": 0.3}))
        if number == 8:
            events.append(Alarm(step=8, name="slow learning", level="warning", text="hardly falls"))
        if number == 13:
            events.append(Cleared(step=13, name="slow learning"))
        if number == 25:
            events.append(Alarm(step=25, name="collapse", level="alarm", text="all alike"))
        if not rest:
            answers = Answers(confusion=((epoch,),), mistakes=())
            measures = {"accuracy real": 0.6 + epoch / 100}
            events.append(
                EpochDone(
                    step=number,
                    seconds=number / 4,
                    epoch=epoch,
                    measures=measures,
                    answers=answers,
                )
            )
            events.append(samples(epoch))
    events.append(Finished(step=30, seconds=8.0, epoch=3, ending="completed"))
    return events


@pytest.fixture
def run(tmp_path: Path) -> RunDirectory:
    """A run with the grids of its three epochs."""
    directory = RunDirectory(tmp_path)
    directory.samples.mkdir()
    for epoch in (1, 2, 3):
        drawn = msgspec.structs.replace(samples(epoch), images=images(epoch))
        save_grid(drawn, directory.path / drawn.file)
    return directory


def timeline_of(run: RunDirectory, events: list[Event]) -> Timeline:
    timeline = Timeline(run)
    for event in events:
        timeline.apply(event)
    return timeline


def live(events: list[Event], step: int) -> Snapshot:
    """What a screen showed when ``step`` was the newest, and all that came with it was told."""
    state = RunState()
    for event in events:
        if event.step <= step and not isinstance(event, Finished):
            state.apply(event)
    return state.snapshot()


@pytest.mark.parametrize("number", [0, 1, 8, 9, 10, 12, 13, 24, 25, 30])
def test_a_step_is_seen_as_it_was(number: int, run: RunDirectory) -> None:
    now, then = timeline_of(run, story()).at(number), live(story(), number)
    assert now.phase == "replay"
    for name in ("started", "step", "epoch", "factors", "marks", "alarms", "troubles", "answers"):
        assert getattr(now, name) == getattr(then, name), name
    assert now.checkpoint == then.checkpoint
    for name in ("losses", "measures", "epochs", "clock"):
        np.testing.assert_equal(getattr(now, name), getattr(then, name))
    assert now.learning_rates == pytest.approx(then.learning_rates, rel=1e-3)
    if number < 30:
        assert now.seconds == then.seconds
        assert now.finished is None
        assert now.happened == then.happened


def test_the_end_is_seen_at_the_end(run: RunDirectory) -> None:
    events = story()
    end = timeline_of(run, events).at(30)
    assert end.finished is events[-1]
    assert end.seconds == 8.0
    assert end.step == 30


def test_a_run_has_a_first_and_a_last_step_and_nothing_beyond(run: RunDirectory) -> None:
    timeline = timeline_of(run, story())
    assert (timeline.first_step, timeline.last_step) == (0, 30)
    assert timeline.at(-5).step == 0
    assert timeline.at(99).step == 30
    assert timeline.at(0).losses == {}
    empty = timeline_of(run, [])
    assert (empty.first_step, empty.last_step, empty.at(7).step) == (0, 0, 0)


def test_a_branch_begins_where_it_left_its_parent(run: RunDirectory) -> None:
    started = msgspec.structs.replace(STARTED, step=20, factors={"generator": 0.25})
    timeline = timeline_of(run, [started, step(21), step(22)])
    assert (timeline.first_step, timeline.last_step) == (20, 22)
    assert timeline.at(0).step == 20
    assert timeline.at(21).factors == {"generator": 0.25}


def test_the_newest_digits_that_were_kept_are_seen(run: RunDirectory) -> None:
    timeline = timeline_of(run, story())
    assert timeline.at(9).samples is None
    for number, epoch in ((10, 1), (19, 1), (20, 2), (30, 3)):
        drawn = timeline.at(number).samples
        assert drawn is not None
        assert (drawn.epoch, drawn.images) == (epoch, images(epoch))
    assert timeline.at(14).samples is timeline.at(10).samples, "they need not be drawn again"


def test_the_same_step_twice_is_the_same_object_and_another_has_another_version(
    run: RunDirectory,
) -> None:
    timeline = timeline_of(run, story())
    seen = [timeline.at(number) for number in (3, 4, 3)]
    assert timeline.at(3) is seen[-1]
    assert len({snapshot.version for snapshot in seen}) == 3


def test_a_timeline_grows_with_its_run(run: RunDirectory) -> None:
    timeline = timeline_of(run, story()[:5])
    assert timeline.at(99).step == 4
    timeline.apply(step(5))
    assert timeline.at(99).step == 5


def test_a_run_that_was_stopped_and_resumed_has_one_course(run: RunDirectory) -> None:
    events = [
        STARTED,
        *map(step, (1, 2, 3)),
        Finished(step=3, epoch=1, ending="stopped"),
        Resumed(step=2, logged=3),
        step(4),
    ]
    timeline = timeline_of(run, events)
    assert timeline.at(4).finished is None
    np.testing.assert_array_equal(timeline.at(4).losses["generator"].x, [1, 2, 3, 4])
    np.testing.assert_array_equal(timeline.at(3).losses["generator"].x, [1, 2, 3])


def test_the_speed_at_a_step_is_that_of_the_moments_before(run: RunDirectory) -> None:
    timeline = timeline_of(run, story())
    assert timeline.at(20).steps_per_second == pytest.approx(4.0)
    assert timeline.at(20).seconds_left == pytest.approx((40 - 20) / 4.0)
    assert timeline.at(1).seconds_left is None


def test_a_step_of_a_long_run_is_found_at_once(run: RunDirectory) -> None:
    """Of 20,000 steps with interventions, in five milliseconds: the median of a hundred looks."""
    timeline = timeline_of(run, [STARTED])
    for number in range(1, 20_001):
        timeline.apply(step(number))
        if number % 100 == 0:
            timeline.apply(
                Intervened(step=number, number=number, what="pause", source="key", after=0.5)
            )
    took = []
    for number in range(1, 20_000, 200):
        begin = time.perf_counter()
        assert timeline.at(number).step == number
        took.append(time.perf_counter() - begin)
    assert sorted(took)[len(took) // 2] < 0.005
