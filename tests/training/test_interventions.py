"""What people do to a run: how it is counted, and how it is done again in a later life."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any, cast

import pytest

from mnist_engine.training import TrainControl, make_trainer
from mnist_engine.training.clock import Clock
from mnist_engine.training.events import CheckpointDue, Event, Intervened, StepDone
from mnist_engine.training.interventions import Interventions
from mnist_engine.training.learner import Learner
from mnist_engine.training.settings import Settings


class Boundaries:
    """The boundaries of a run of two networks that nobody trains."""

    def __init__(self) -> None:
        self.control = TrainControl()
        discriminator, generator = SimpleNamespace(factor=1.0), SimpleNamespace(factor=1.0)
        for learner in (discriminator, generator):
            learner.scale = lambda factor, learner=learner: Learner.scale(learner, factor)
        self.learners = cast(
            dict[str, Learner], {"discriminator": discriminator, "generator": generator}
        )
        self.interventions = Interventions(
            self.control, Clock(), self.learners, Settings(), lambda: None
        )

    @property
    def factors(self) -> tuple[float, float]:
        return self.learners["discriminator"].factor, self.learners["generator"].factor

    def at(self, step: int) -> list[Event]:
        """What happens at the boundary after ``step`` steps, until training goes on."""
        return list(self.interventions.boundary(step))

    def done_at(self, step: int) -> list[Intervened]:
        return [event for event in self.at(step) if isinstance(event, Intervened)]


def change(step: int, number: int, after: float, network: str = "generator") -> Intervened:
    return Intervened(
        step=step, number=number, what="learning rate", source="key", network=network, after=after
    )


def numbers(events: list[Intervened]) -> list[int]:
    return [event.number for event in events]


# --- numbers ------------------------------------------------------------------------------------


def test_interventions_are_counted_from_one() -> None:
    run = Boundaries()
    run.control.pause()
    run.control.scale_learning_rate(0.5)
    run.control.resume()
    assert [(each.number, each.what) for each in run.done_at(3)] == [
        (1, "pause"),
        (2, "learning rate"),
        (3, "learning rate"),
        (4, "resume"),
    ]
    run.control.stop()
    assert numbers(run.done_at(4)) == [5]
    assert numbers(run.interventions.done) == [1, 2, 3, 4, 5]


def test_in_a_later_life_numbers_go_on_behind_all_that_was_ever_done() -> None:
    """Also behind a pause that is not done again, and while something waits for its step."""
    run = Boundaries()
    run.interventions.take_over([change(2, 1, 0.5)])
    pause = Intervened(step=6, number=3, what="pause", source="key")
    run.interventions.repeat([change(2, 1, 0.5), change(5, 2, 0.25), pause])
    run.control.pause()
    run.control.resume()
    assert numbers(run.done_at(2)) == [4, 5]
    assert numbers(run.done_at(5)) == [2]
    run.control.stop()
    assert numbers(run.done_at(6)) == [6]


def test_what_was_taken_over_counts_and_nobody_stops_the_run_again() -> None:
    run = Boundaries()
    stop = Intervened(step=2, number=7, what="stop", source="key")
    run.interventions.take_over([stop])
    assert not run.interventions.stopped
    run.control.scale_learning_rate(0.5, ("generator",))
    assert numbers(run.done_at(2)) == [8]
    assert numbers(run.interventions.done) == [7, 8]


# --- once more ----------------------------------------------------------------------------------


def test_learning_rates_are_changed_again_at_their_steps() -> None:
    run = Boundaries()
    first, second = change(2, 1, 0.5), change(2, 2, 8.0, "discriminator")
    third = change(4, 3, 2.0**-20)
    run.interventions.repeat([third, second, first])
    seen = {step: (run.at(step), run.factors) for step in range(6)}
    assert seen == {
        0: ([], (1.0, 1.0)),
        1: ([], (1.0, 1.0)),
        2: ([first, second], (8.0, 0.5)),
        3: ([], (8.0, 0.5)),
        4: ([third], (8.0, 2.0**-20)),
        5: ([], (8.0, 2.0**-20)),
    }
    assert run.interventions.done == [first, second, third]


def test_what_the_state_has_already_is_not_done_again() -> None:
    run = Boundaries()
    first, second = change(2, 1, 0.5), change(2, 2, 0.25)
    run.interventions.take_over([first])
    run.interventions.repeat([first, second])
    assert run.at(2) == [second]


def test_pauses_steps_and_stops_are_not_done_again() -> None:
    run = Boundaries()
    run.interventions.repeat(
        Intervened(step=number, number=number, what=what, source="key")
        for number, what in enumerate(("pause", "step", "resume", "pause", "stop"), 1)
    )
    assert [run.at(step) for step in range(7)] == [[]] * 7
    assert not run.interventions.stopped


def test_a_network_that_the_task_does_not_have_is_passed_over() -> None:
    run = Boundaries()
    run.interventions.repeat([change(1, 1, 0.5, "classifier")])
    assert numbers(run.done_at(1)) == [1]
    assert run.factors == (1.0, 1.0)


def test_a_new_change_waits_until_the_course_of_the_run_is_not_known_any_more() -> None:
    run = Boundaries()
    run.interventions.repeat([change(5, 1, 0.5)], known_until=5)
    run.control.scale_learning_rate(0.5, ("discriminator",))
    assert run.at(3) == []
    run.control.reset_learning_rate(("generator",))
    assert run.at(4) == []
    assert run.factors == (1.0, 1.0)
    again, halved, back = run.done_at(5)
    assert (again.number, halved.number, back.number) == (1, 2, 3)
    assert (halved.step, halved.network, halved.after) == (5, "discriminator", 0.5)
    assert (back.network, back.before, back.after) == ("generator", 0.5, 1.0)
    run.control.scale_learning_rate(4.0, ("generator",))
    assert numbers(run.done_at(6)) == [4], "and nothing twice"


def test_pauses_and_stops_do_not_wait() -> None:
    run = Boundaries()
    run.interventions.repeat([], known_until=9)
    run.control.pause()
    run.control.scale_learning_rate(0.5)
    run.control.step()
    assert [each.what for each in run.done_at(1)] == ["pause", "step"]
    run.control.stop()
    assert [each.what for each in run.done_at(2)] == ["stop"]
    assert run.interventions.stopped
    assert run.factors == (1.0, 1.0)


# --- what is to be saved ------------------------------------------------------------------------


def reasons(events: list[Event]) -> list[str]:
    return [event.reason for event in events if isinstance(event, CheckpointDue)]


@pytest.mark.parametrize(
    ("ask", "expected"),
    [
        (lambda control: control.checkpoint(), ["request"]),
        (lambda control: control.checkpoint(source="clock"), ["clock"]),
        (lambda control: control.scale_learning_rate(0.5), ["intervention"]),
        (lambda control: control.step(), ["intervention"]),
        (lambda control: control.stop(), ["stop"]),
        (lambda control: control.resume(), []),
    ],
)
def test_a_checkpoint_is_due_where_something_would_be_lost(ask: Any, expected: list[str]) -> None:
    run = Boundaries()
    ask(run.control)
    events = run.at(1)
    assert reasons(events) == expected
    effects = [each for each in events if isinstance(each, Intervened) and each.what != "step"]
    assert events[: len(effects)] == effects, "it has what was done; a step is yet to come"


def test_several_requests_at_once_need_one_checkpoint() -> None:
    run = Boundaries()
    run.control.scale_learning_rate(0.5)
    run.control.scale_learning_rate(0.5)
    run.control.checkpoint()
    assert len(reasons(run.at(1))) == 1


def test_what_was_done_again_needs_no_checkpoint() -> None:
    run = Boundaries()
    run.interventions.repeat([change(1, 1, 0.5)])
    assert reasons(run.at(1)) == []


def test_a_checkpoint_can_be_asked_for_while_training_is_paused(
    make_recipe: Any, make_dataset: Any
) -> None:
    trainer = make_trainer(make_recipe("classify"), make_dataset(), TrainControl())
    trainer.control.pause()
    due: Iterator[CheckpointDue] = (e for e in trainer if isinstance(e, CheckpointDue))
    assert next(due).reason == "intervention"
    trainer.control.checkpoint()
    assert (next(due).reason, trainer.steps_done) == ("request", 0)
    trainer.control.resume()
    assert (next(due).reason, trainer.steps_done) == ("epoch", 4)


def test_a_run_done_again_has_the_learning_rates_it_had(
    make_recipe: Any, make_dataset: Any
) -> None:
    def rates(trainer: Any) -> list[dict[str, float]]:
        return [event.learning_rates for event in trainer if isinstance(event, StepDone)]

    first = make_trainer(make_recipe("gan"), make_dataset(), TrainControl())
    first.control.scale_learning_rate(0.5, ("generator",))
    first.control.pause()
    first.control.resume()
    seen = rates(first)
    again = make_trainer(make_recipe("gan"), make_dataset(), TrainControl())
    again.interventions.repeat(first.interventions.done)
    assert rates(again) == seen == [{"discriminator": 0.1, "generator": 0.05}] * 8
