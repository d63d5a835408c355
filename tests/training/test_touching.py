"""Steps of one network, steps in stages, and settings: what a person may do besides rates.

Whatever is done can be done again: a second trainer that repeats it has the same weights.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

from mnist_engine.training import TrainControl, Trainer, make_trainer
from mnist_engine.training.events import (
    Event,
    Inspected,
    Intervened,
    Staged,
    StepDone,
    decode_event,
    encode_event,
)
from mnist_engine.training.inspection import BINS, INSPECT_EVERY

Weights = dict[str, bytes]

DROPOUT = {"layers": ["linear 8", "relu", "dropout 0.3", "linear classes"]}


class Hand:
    """A trainer, and a person who pauses it before the first step."""

    def __init__(self, trainer: Trainer) -> None:
        self.trainer = trainer
        self.control = trainer.control
        self.events: list[Event] = []
        self.control.pause()
        self._iterator: Iterator[Event] = iter(trainer)

    def until(self, kind: type[Event]) -> Event:
        """The next event of that kind."""
        for event in self._iterator:
            self.events.append(event)
            if isinstance(event, kind):
                return event
        raise AssertionError(f"no {kind.__name__} came")

    def step(self, network: str = "") -> StepDone:
        """One step, of that network alone if any is named."""
        self.control.step(networks=(network,) if network else ())
        event = self.until(StepDone)
        assert isinstance(event, StepDone)
        return event

    def finish(self) -> None:
        self.control.resume()
        self.events += self._iterator

    def weights(self, network: str = "") -> Weights:
        return {
            f"{name}.{key}": np.ascontiguousarray(array).tobytes()
            for name, module in self.trainer.saved_networks().items()
            for key, array in module.state_dict().items()
            if network in ("", name)
        }


@pytest.fixture
def hand(make_recipe: Any, make_dataset: Any) -> Callable[..., Hand]:
    def make(task: str, **changes: Any) -> Hand:
        return Hand(make_trainer(make_recipe(task, **changes), make_dataset(), TrainControl()))

    return make


def again(run: Hand, other: Hand) -> Weights:
    """The weights of a run in which all that people did in ``run`` is done again."""
    other.trainer.interventions.repeat(e for e in run.events if isinstance(e, Intervened))
    other.finish()
    return other.weights()


# --- steps of one network ------------------------------------------------------------------------


@pytest.mark.parametrize("first", ["discriminator", "generator"])
@pytest.mark.parametrize("fresh_noise", [True, False])
@pytest.mark.parametrize(
    ("alone", "still"), [("discriminator", "generator"), ("generator", "discriminator")]
)
def test_a_step_of_one_network_leaves_the_other_as_it_was(
    hand: Any, first: str, fresh_noise: bool, alone: str, still: str
) -> None:
    game = {"first": first, "fresh_noise": fresh_noise, "generator_every": 3}
    run = hand("gan", game=game)
    run.step()
    before = {name: run.weights(name) for name in (alone, still)}
    done = run.step(alone)
    assert run.weights(still) == before[still]
    assert run.weights(alone) != before[alone]
    assert ("generator" in done.losses) is (alone == "generator")
    run.step()
    assert run.weights("discriminator") != before["discriminator"]


def test_each_of_several_that_were_asked_together_is_done(hand: Any) -> None:
    run = hand("gan")
    for network in ("discriminator", "discriminator", "generator"):
        run.control.step(networks=(network,))
    losses = [run.until(StepDone).losses.keys() for _ in range(3)]
    assert ["generator" in names for names in losses] == [False, False, True]
    steps = [e for e in run.events if isinstance(e, Intervened) and e.what == "step"]
    assert [(e.step, e.network) for e in steps] == [
        (0, "discriminator"), (1, "discriminator"), (2, "generator")
    ]  # fmt: skip


def test_steps_of_one_network_can_be_done_again(hand: Any) -> None:
    run = hand("gan")
    for network in ("", "discriminator", "discriminator", "generator", ""):
        run.step(network)
    run.finish()
    assert again(run, hand("gan")) == run.weights()
    plain = hand("gan")
    plain.finish()
    assert plain.weights() != run.weights()


def test_a_network_that_there_is_not_makes_no_step(hand: Any) -> None:
    run = hand("classify")
    run.control.step(networks=("generator",))
    run.step()
    assert run.trainer.steps_done == 1


# --- stages --------------------------------------------------------------------------------------


MOVE = ["judge", "loss", "gradients", "update"]
STAGES = {"classify": ["sample", *MOVE], "gan": ["sample", *2 * ["generate", *MOVE]]}


@pytest.mark.parametrize("task", ["classify", "gan"])
def test_a_step_in_stages_is_the_same_step(hand: Any, task: str) -> None:
    slow, fast = hand(task), hand(task)
    told = []
    for _ in STAGES[task]:
        slow.control.stage()
        told.append(slow.until(Staged))
    assert [event.stage for event in told] == STAGES[task]
    slow.finish()
    fast.finish()
    assert slow.weights() == fast.weights()


def test_the_stages_of_a_classifier(hand: Any) -> None:
    run = hand("classify")
    stages = []
    for _ in range(5):
        run.control.stage()
        stages.append(run.until(Staged))
    assert [e.stage for e in stages] == ["sample", "judge", "loss", "gradients", "update"]
    assert run.trainer.steps_done == 0
    assert stages[3].numbers["gradient norm"] > 0
    assert 0 < stages[4].numbers["change"] < 1
    run.control.stage()
    assert run.until(StepDone).losses["classifier"] == stages[2].numbers["loss"]


def test_in_the_midst_of_a_step_another_key_finishes_it(hand: Any) -> None:
    run = hand("classify")
    run.control.stage()
    run.until(Staged)
    run.control.step()
    assert run.until(StepDone).step == 1
    assert sum(isinstance(e, Staged) for e in run.events) == 1
    run.control.stage()
    run.until(Staged)
    run.control.scale_learning_rate(0.5)
    run.control.resume()
    run.until(StepDone)
    changed = run.until(Intervened)
    assert (changed.what, changed.step) == ("learning rate", 2)


# --- settings ------------------------------------------------------------------------------------

GAN_SETTINGS = [
    ("label smoothing", "", 0.2),
    ("instance noise", "", 0.3),
    ("generator every", "", 2.0),
    ("dropout", "discriminator", 0.5),
]
CLASSIFIER_SETTINGS = [
    ("label smoothing", "", 0.2),
    ("input noise", "", 0.3),
    ("dropout", "classifier", 0.6),
]
SETTINGS = [("gan", *each) for each in GAN_SETTINGS] + [
    ("classify", *each) for each in CLASSIFIER_SETTINGS
]
WITH_DROPOUT = {
    "gan": {"discriminator": {"layers": ["linear 8", "relu", "dropout 0.1", "linear 1"]}},
    "classify": {"classifier": DROPOUT},
}


@pytest.mark.parametrize(("task", "name", "network", "value"), SETTINGS)
def test_a_setting_changes_the_course_and_can_be_repeated(
    hand: Any, task: str, name: str, network: str, value: float
) -> None:
    run, plain, other = (hand(task, **WITH_DROPOUT[task]) for _ in range(3))
    run.step()
    before = run.trainer.settings.find(network, name).read()
    run.control.change_setting(name, value, network)
    change = run.until(Intervened)
    assert (change.setting, change.network, change.step) == (name, network, 1)
    assert (change.before, change.after) == (before, value)
    run.finish()
    plain.finish()
    assert run.weights() != plain.weights()
    assert again(run, other) == run.weights()


@pytest.mark.parametrize(("task", "name", "network", "value"), SETTINGS)
def test_a_setting_outlives_the_process(
    hand: Any, task: str, name: str, network: str, value: float
) -> None:
    run, other = (hand(task, **WITH_DROPOUT[task]) for _ in range(2))
    run.control.change_setting(name, value, network)
    run.step()
    run.step()
    state = run.trainer.state()
    copy = type(state)({key: array.copy() for key, array in state.arrays.items()}, state.progress)
    run.finish()
    other.trainer.resume(copy)
    other.finish()
    assert other.weights() == run.weights()


@pytest.mark.parametrize(
    ("name", "network", "value"),
    [
        ("dropout", "classifier", 1.0),
        ("dropout", "classifier", float("nan")),
        ("dropout", "generator", 0.1),
        ("label smoothing", "", -0.1),
        ("input noise", "", 1e9),
        ("colour", "", 1.0),
    ],
)
def test_what_cannot_be_set_is_passed_over(
    hand: Any, name: str, network: str, value: float
) -> None:
    run = hand("classify", classifier=DROPOUT)
    run.control.change_setting(name, value, network)
    run.step()
    assert run.trainer.settings.changed == {}


def test_only_what_the_game_has_can_be_set(hand: Any) -> None:
    def names(run: Hand) -> set[str]:
        return {setting.name for setting in run.trainer.settings}

    assert names(hand("gan")) == {"label smoothing", "instance noise", "generator every"}
    assert names(hand("gan", game={"loss": "hinge"})) == {"instance noise", "generator every"}
    assert names(hand("classify", loss="mean-squared-error")) == {"input noise"}


# --- a look inside -------------------------------------------------------------------------------


@pytest.mark.parametrize("loss", ["non-saturating", "wasserstein", "hinge"])
def test_every_so_many_steps_there_is_a_look_inside(hand: Any, loss: str) -> None:
    run = hand("gan", game={"loss": loss}, epochs=6, generator={"layers": ["linear pixels"]})
    run.finish()
    looks = [event for event in run.events if isinstance(event, Inspected)]
    assert [look.step for look in looks] == list(range(INSPECT_EVERY, 25, INSPECT_EVERY))
    size = run.trainer.batches.batch_size
    for look in looks:
        assert look.gradient_norms.keys() == {"discriminator", "generator"}
        assert min(look.gradient_norms.values()) > 0
        assert {name: sum(counts) for name, counts in look.verdicts.items()} == {
            "real": size, "generated": size
        }  # fmt: skip
        assert {len(counts) for counts in look.verdicts.values()} == {BINS}
        assert (look.verdict_range == (0, 1)) is (loss == "non-saturating")
        assert look.boundary == {"non-saturating": 0.5, "wasserstein": None, "hinge": 0.0}[loss]


def test_units_that_are_silent_for_all_images_are_counted(hand: Any) -> None:
    run = hand("classify", classifier={"layers": ["linear 8", "relu", "linear classes"]}, epochs=6)
    weights = run.trainer.networks["classifier"].state_dict()
    weights["0.bias"][:2] = -1e6  # two of eight
    run.trainer.networks["classifier"].load_state_dict(weights)
    run.finish()
    (look,) = [event for event in run.events if isinstance(event, Inspected)]
    assert look.silent == {"classifier.1": 0.25}


# --- questions -----------------------------------------------------------------------------------


def test_a_question_is_answered_between_steps_and_changes_nothing(hand: Any) -> None:
    run, plain = hand("gan"), hand("gan")
    answers = []
    for _ in range(3):
        answers.append(run.control.questions.ask(lambda trainer: trainer.steps_done))
        run.step()
    run.finish()
    assert [answer.result(0) for answer in answers] == [0, 1, 2]
    assert run.control.questions.ask(lambda trainer: trainer.steps_done).result(0) == 8
    plain.finish()
    assert plain.weights() == run.weights()


def test_what_a_question_raises_is_its_answer_and_training_goes_on(hand: Any) -> None:
    run = hand("gan")
    answer = run.control.questions.ask(lambda trainer: trainer.learners["nobody"])
    run.step()
    with pytest.raises(KeyError, match="nobody"):
        answer.result(0)
    assert run.step().step == 2


@pytest.mark.parametrize(
    ("task", "network", "count"), [("gan", "discriminator", 4), ("classify", "classifier", 3)]
)
def test_what_can_be_turned_is_told_at_the_start_and_kept_in_a_log(
    hand: Any, task: str, network: str, count: int
) -> None:
    trainer = hand(task, **WITH_DROPOUT[task]).trainer
    started = trainer.started(0)
    assert decode_event(encode_event(started)) == started
    assert len(started.settings) == count
    dropout = next(one for one in started.settings if one.name == "dropout")
    assert (dropout.network, dropout.lowest, dropout.highest) == (network, 0.0, 0.95)
    assert dropout.value == trainer.settings.find(network, "dropout").read()
