"""What people ask of a run, and what becomes of it.

Requests are carried out between two steps, so a test that asks between two events knows exactly
when. Where a trainer would wait for a request, the next one has to be asked beforehand.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pytest

from mnist_engine.training import TrainControl, Trainer, clock, make_trainer
from mnist_engine.training.control import Request
from mnist_engine.training.events import (
    CheckpointDue,
    Event,
    Finished,
    Intervened,
    SamplesDrawn,
    StepDone,
)

DEADLINE = 30.0  # seconds; far more than needed, so that only a hang meets it


class Scripted:
    """A trainer of the ``task``, event by event on this thread."""

    def __init__(self, trainer: Trainer) -> None:
        self.control = trainer.control
        self.trainer = trainer
        self._events: Iterator[Event] = iter(trainer)

    def next(self) -> Event:
        """The next event that is no picture, and asks for no checkpoint."""
        passed_over = SamplesDrawn | CheckpointDue
        return next(event for event in self._events if not isinstance(event, passed_over))

    def step(self) -> StepDone:
        event = self.next()
        assert isinstance(event, StepDone)
        return event

    def intervention(self) -> Intervened:
        event = self.next()
        assert isinstance(event, Intervened)
        return event

    def rest(self) -> list[Event]:
        return list(self._events)


@pytest.fixture
def scripted(make_recipe: Any, make_dataset: Any) -> Any:
    def make(task: str = "classify", **changes: Any) -> Scripted:
        trainer = make_trainer(make_recipe(task, **changes), make_dataset(), TrainControl())
        run = Scripted(trainer)
        run.next()  # Started
        return run

    return make


def test_pause_holds_before_the_next_step(scripted: Any) -> None:
    run = scripted()
    run.step()
    run.control.pause("palette")
    paused = run.intervention()
    assert (paused.what, paused.step, paused.source) == ("pause", 1, "palette")
    run.control.scale_learning_rate(0.5)
    assert run.intervention().step == 1, "still before step 2"
    run.control.resume()
    assert run.intervention().what == "resume"
    assert run.step().step == 2
    assert run.step().step == 3


def test_a_single_step_stays_paused(scripted: Any) -> None:
    run = scripted()
    run.step()
    run.control.step()
    assert [run.intervention().what, run.intervention().what] == ["pause", "step"]
    assert run.step().step == 2
    run.control.scale_learning_rate(0.5)
    assert run.intervention().step == 2, "paused again"
    run.control.step()
    run.control.step()
    for step in (3, 4):
        assert run.intervention().what == "step"
        assert run.step().step == step
    run.next()  # EpochDone
    run.control.resume()
    assert run.intervention().what == "resume"
    assert [run.step().step, run.step().step] == [5, 6]


def test_going_on_forgets_single_steps(scripted: Any) -> None:
    run = scripted()
    run.control.step()
    run.control.resume()
    assert [run.intervention().what, run.intervention().what] == ["pause", "resume"]
    assert run.step().step == 1
    run.control.pause()
    assert run.intervention().what == "pause"
    run.control.stop()
    assert run.intervention().what == "stop", "the step of before is not done now"


def test_what_changes_nothing_is_no_event(scripted: Any) -> None:
    run = scripted()
    run.control.resume()
    assert run.step().step == 1
    run.control.pause()
    run.control.pause()
    run.control.stop()
    run.control.stop()
    run.control.scale_learning_rate(0.5)
    rest = [event.what for event in run.rest() if isinstance(event, Intervened)]
    assert rest == ["pause", "stop"]


def test_toggling_twice_cancels_out(scripted: Any) -> None:
    run = scripted()
    run.control.toggle_pause()
    assert run.control.pause_wanted
    run.control.toggle_pause()
    assert not run.control.pause_wanted
    assert [run.intervention().what, run.intervention().what] == ["pause", "resume"]
    assert run.step().step == 1


def test_stopping_draws_measures_and_ends(scripted: Any) -> None:
    run = scripted()
    run.step()
    run.control.stop("signal")
    assert run.control.stop_wanted
    *_, stop, due, samples, finished = run.rest()
    assert (stop.what, stop.source, stop.step) == ("stop", "signal", 1)
    assert isinstance(due, CheckpointDue)
    assert isinstance(samples, SamplesDrawn)
    assert samples.epoch_end, "kept on disk"
    assert isinstance(finished, Finished)
    assert (finished.ending, finished.step) == ("stopped", 1)
    assert finished.test_accuracy is not None


def test_a_run_can_be_stopped_before_its_first_step(scripted: Any) -> None:
    run = scripted("gan")
    run.control.stop()
    *_, finished = run.rest()
    assert (finished.ending, finished.step, finished.epoch) == ("stopped", 0, 1)


def test_a_request_after_the_last_step_comes_too_late(scripted: Any) -> None:
    run = scripted()
    while not isinstance(event := run.next(), StepDone) or event.step < 8:
        pass
    run.control.pause()
    run.control.stop()
    rest = run.rest()
    assert not any(isinstance(event, Intervened) for event in rest)
    assert rest[-1].ending == "completed"


def test_time_stands_still_while_paused(scripted: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    monkeypatch.setattr(clock.time, "perf_counter", lambda: now[0])
    run = scripted()
    now[0] += 1
    assert run.step().seconds == 1
    run.control.pause()
    run.control.scale_learning_rate(0.5)
    run.intervention()
    assert run.intervention().seconds == 1
    run.control.scale_learning_rate(0.5)
    assert run.intervention().seconds == 1
    now[0] += 1000
    run.control.resume()
    assert run.intervention().seconds == 1
    now[0] += 1
    assert run.step().seconds == 1, "the clock goes again from the step's beginning"
    now[0] += 1
    assert run.step().seconds == 2


# --- learning rates -----------------------------------------------------------------------------


def test_a_factor_multiplies_the_schedule_until_it_is_taken_back(scripted: Any) -> None:
    run = scripted(
        "classify",
        classifier={"schedule": {"kind": "steps", "after_epochs": [1], "by": 0.1}},
    )
    assert run.step().learning_rates == {"classifier": 0.1}
    run.control.scale_learning_rate(0.5)
    halved = run.intervention()
    assert (halved.network, halved.before, halved.after) == ("classifier", 1.0, 0.5)
    assert run.step().learning_rates == {"classifier": 0.05}
    run.control.scale_learning_rate(0.5)
    assert (run.intervention().after, run.step().learning_rates["classifier"]) == (0.25, 0.025)
    run.step()
    run.next()  # EpochDone
    assert run.step().learning_rates["classifier"] == pytest.approx(0.0025), "10 times less by plan"
    run.control.reset_learning_rate()
    back = run.intervention()
    assert (back.before, back.after) == (0.25, 1.0)
    assert run.step().learning_rates["classifier"] == pytest.approx(0.01)


def test_each_network_of_a_gan_has_its_own_factor(scripted: Any) -> None:
    run = scripted("gan")
    run.control.scale_learning_rate(2.0, ("discriminator",))
    assert run.intervention().network == "discriminator"
    assert run.step().learning_rates == {"discriminator": 0.2, "generator": 0.1}
    run.control.scale_learning_rate(0.5)
    changes = {event.network: event.after for event in (run.intervention(), run.intervention())}
    assert changes == {"discriminator": 1.0, "generator": 0.5}
    assert run.step().learning_rates == {"discriminator": 0.1, "generator": 0.05}


def test_a_network_that_does_not_exist_is_passed_over(scripted: Any) -> None:
    run = scripted("classify")
    run.control.scale_learning_rate(2.0, ("generator",))
    assert run.step().learning_rates == {"classifier": 0.1}


@pytest.mark.parametrize(("factor", "limit"), [(0.5, 2.0**-20), (2.0, 2.0**20)])
def test_a_key_held_down_never_leads_where_none_leads_back(
    factor: float, limit: float, scripted: Any
) -> None:
    run = scripted()
    for _ in range(2000):
        run.control.scale_learning_rate(factor)
    changes = [run.intervention().after for _ in range(2000)]
    assert changes[:3] == [factor, factor**2, factor**3]
    assert changes[-1] == limit
    run.step()
    for _ in range(20):
        run.control.scale_learning_rate(1 / factor)
    assert [run.intervention().after for _ in range(20)][-1] == 1.0


@pytest.mark.parametrize("factor", [0, -1, float("nan"), float("inf")])
def test_a_factor_must_be_a_positive_number(factor: float) -> None:
    control = TrainControl()
    with pytest.raises(ValueError, match="learning rate factor is"):
        control.scale_learning_rate(factor)
    assert control.take() == []


# --- from another thread ------------------------------------------------------------------------


def test_a_paused_trainer_sleeps_until_another_thread_stops_it(
    make_recipe: Any, make_dataset: Any
) -> None:
    control = TrainControl()
    trainer = make_trainer(make_recipe("classify"), make_dataset(), control)
    asleep = threading.Event()
    control.pause()
    waits = _tell_before_waiting(control, asleep)
    events: list[Event] = []
    thread = threading.Thread(target=lambda: events.extend(trainer), daemon=True)
    thread.start()
    assert asleep.wait(DEADLINE)
    assert thread.is_alive()
    assert waits == [1]
    control.stop()
    thread.join(DEADLINE)
    assert not thread.is_alive()
    assert isinstance(events[-1], Finished)
    assert (events[-1].ending, events[-1].step) == ("stopped", 0)
    assert waits == [1], "it slept all the while, instead of asking again and again"


def test_a_paused_trainer_goes_on_when_another_thread_says_so(
    make_recipe: Any, make_dataset: Any
) -> None:
    control = TrainControl()
    trainer = make_trainer(make_recipe("gan"), make_dataset(), control)
    asleep = threading.Event()
    control.pause()
    _tell_before_waiting(control, asleep)
    events: list[Event] = []
    thread = threading.Thread(target=lambda: events.extend(trainer), daemon=True)
    thread.start()
    assert asleep.wait(DEADLINE)
    control.toggle_pause()
    thread.join(DEADLINE)
    assert not thread.is_alive()
    assert isinstance(events[-1], Finished)
    assert (events[-1].ending, events[-1].step) == ("completed", 8)


def test_requests_of_many_threads_all_arrive_in_each_ones_order() -> None:
    control = TrainControl()
    start = threading.Barrier(5)

    def ask(name: str) -> None:
        start.wait(DEADLINE)
        for number in range(1, 101):
            control.scale_learning_rate(float(number), source=name)

    threads = [threading.Thread(target=ask, args=(str(i),), daemon=True) for i in range(4)]
    for thread in threads:
        thread.start()
    start.wait(DEADLINE)
    taken: list[Request] = []
    while len(taken) < 400:
        taken += control.take(wait=True)
    for thread in threads:
        thread.join(DEADLINE)
    for name in "0123":
        factors = [request.factor for request in taken if request.source == name]
        assert factors == list(range(1, 101))


def _tell_before_waiting(control: TrainControl, asleep: threading.Event) -> list[int]:
    """Set ``asleep`` when a trainer begins to wait; the list counts how often it did."""
    condition = control._changed
    wait, count = condition.wait, [0]

    def told(timeout: float | None = None) -> bool:
        count[0] += 1
        asleep.set()  # the lock is held here: whoever asks now waits until the trainer sleeps
        return wait(timeout)

    condition.wait = told  # type: ignore[method-assign]
    return count
