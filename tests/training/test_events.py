"""What a trainer tells, and in which order."""

from __future__ import annotations

import math
import warnings
from collections.abc import Generator
from typing import Any

import msgspec
import numpy as np
import pytest

from mnist_engine.autograd.threads import thread_count
from mnist_engine.data.batches import Batch
from mnist_engine.data.dataset import Dataset
from mnist_engine.optim.schedules import Steps
from mnist_engine.recipes import AnyRecipe
from mnist_engine.training import ClassifierTrainer, TrainControl, Trainer, make_trainer
from mnist_engine.training.events import (
    AnyEvent,
    CheckpointDue,
    Diverged,
    EpochDone,
    Event,
    Finished,
    Intervened,
    SamplesDrawn,
    Staged,
    Started,
    StepDone,
    decode_event,
    encode_event,
)
from mnist_engine.training.trainer import StepResult

TASKS = ["classify", "gan"]


def run(recipe: AnyRecipe, dataset: Dataset) -> list[Event]:
    return list(make_trainer(recipe, dataset, TrainControl()))


@pytest.mark.parametrize("task", TASKS)
def test_a_run_is_told_in_this_order(task: str, make_recipe: Any, make_dataset: Any) -> None:
    """40 images to train on, 10 in a batch, two epochs, two grids an epoch."""
    events = run(make_recipe(task, samples_per_epoch=2), make_dataset())
    steps = [StepDone, StepDone, SamplesDrawn, StepDone, StepDone]
    epoch = [*steps, EpochDone, SamplesDrawn, CheckpointDue]
    assert [type(event) for event in events] == [Started, SamplesDrawn, *epoch, *epoch, Finished]
    assert [e.reason for e in events if isinstance(e, CheckpointDue)] == ["epoch", "epoch"]
    assert [e.step for e in events if isinstance(e, StepDone)] == [1, 2, 3, 4, 5, 6, 7, 8]
    assert [e.epoch for e in events if isinstance(e, StepDone)] == [1, 1, 1, 1, 2, 2, 2, 2]
    assert [(e.step, e.epoch) for e in events if isinstance(e, EpochDone)] == [(4, 1), (8, 2)]
    seconds = [event.seconds for event in events]
    assert seconds == sorted(seconds)
    assert seconds[-1] > 0


def test_a_classifier_tells_its_losses_and_accuracies(make_recipe: Any, make_dataset: Any) -> None:
    events = run(make_recipe("classify"), make_dataset())
    steps = [event for event in events if isinstance(event, StepDone)]
    epochs = [event for event in events if isinstance(event, EpochDone)]
    assert all(step.losses.keys() == {"classifier"} for step in steps)
    measures = {"training loss", "validation loss", "validation accuracy", "calibration error"}
    assert all(epoch.measures.keys() == measures for epoch in epochs)
    first = [step.losses["classifier"] for step in steps[:4]]
    assert epochs[0].measures["training loss"] == pytest.approx(np.mean(first))
    last = events[-1]
    assert isinstance(last, Finished)
    assert last.test_accuracy is not None
    assert 0 <= last.test_accuracy <= 1
    assert last.measures.keys() == {"test loss", "calibration error"}


def test_a_gan_tells_both_losses_and_how_often_it_is_seen_through(
    make_recipe: Any, make_dataset: Any
) -> None:
    events = run(make_recipe("gan"), make_dataset())
    steps = [event for event in events if isinstance(event, StepDone)]
    epochs = [event for event in events if isinstance(event, EpochDone)]
    networks = {"discriminator", "generator"}
    assert all(step.losses.keys() == step.learning_rates.keys() == networks for step in steps)
    assert all(0 < step.measures[d] < 1 for step in steps for d in ("D(real)", "D(fake)"))
    mean = np.mean([step.losses["generator"] for step in steps[:4]])
    assert epochs[0].measures["generator loss"] == pytest.approx(mean)
    for share in ("accuracy real", "accuracy known"):
        assert all(0 <= epoch.measures[share] <= 1 for epoch in epochs)
    last = events[-1]
    assert isinstance(last, Finished)
    assert last.test_accuracy is None
    assert last.measures.keys() == {"test accuracy real", "test accuracy generated"}


@pytest.mark.parametrize("first", ["discriminator", "generator"])
def test_a_generator_that_does_not_move_has_no_loss(
    first: str, make_recipe: Any, make_dataset: Any
) -> None:
    """Four steps an epoch, and a generator that moves in every third step of the run."""
    game = {"generator_every": 3, "first": first, "fresh_noise": False}
    events = run(make_recipe("gan", epochs=3, game=game), make_dataset())
    steps = [event for event in events if isinstance(event, StepDone)]
    assert [step.step for step in steps if "generator" in step.losses] == [3, 6, 9, 12]
    assert all("discriminator" in step.losses for step in steps)
    assert all(len(step.learning_rates) == 2 for step in steps), "it has a learning rate all along"
    epochs = [event for event in events if isinstance(event, EpochDone)]
    means = [epoch.measures["generator loss"] for epoch in epochs]
    losses = [step.losses["generator"] for step in steps if "generator" in step.losses]
    assert means == pytest.approx([losses[0], losses[1], np.mean(losses[2:])])
    assert reads_back(events)


def test_an_epoch_in_which_the_generator_never_moves_has_no_mean_for_it(
    make_recipe: Any, make_dataset: Any
) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # of the mean of nothing
        events = run(make_recipe("gan", game={"generator_every": 5}), make_dataset())
    epochs = [event for event in events if isinstance(event, EpochDone)]
    assert ["generator loss" in epoch.measures for epoch in epochs] == [False, True]
    assert all("discriminator loss" in epoch.measures for epoch in epochs)


def test_a_critic_tells_its_outputs_and_its_penalty_and_no_accuracy(
    make_recipe: Any, make_dataset: Any
) -> None:
    game = {"loss": "wasserstein", "gradient_penalty": 10}
    events = run(make_recipe("gan", game=game), make_dataset())
    verdicts = {"critic(real)", "critic(fake)"}
    for step in events:
        if isinstance(step, StepDone):
            assert step.measures.keys() == verdicts | {"gradient penalty"}
            distance = step.measures["critic(real)"] - step.measures["critic(fake)"]
            loss = step.measures["gradient penalty"] - distance
            assert step.losses["discriminator"] == pytest.approx(loss, abs=1e-5)
        elif isinstance(step, EpochDone):
            assert step.measures.keys() == verdicts | {"discriminator loss", "generator loss"}
    last = events[-1]
    assert isinstance(last, Finished)
    assert last.measures.keys() == {f"test {name}" for name in verdicts}
    assert reads_back(events)


def test_the_start_says_what_will_be_trained(make_recipe: Any, make_dataset: Any) -> None:
    dataset = make_dataset()
    before = thread_count()
    events = run(make_recipe("classify", seed=9), dataset)
    started = events[0]
    assert isinstance(started, Started)
    assert (started.task, started.recipe, started.seed) == ("classify", "small", 9)
    assert (started.epochs, started.steps_per_epoch, started.total_steps) == (2, 4, 8)
    assert started.parameters == {"classifier": 16 * 5 + 5 + 5 * 3 + 3}
    assert started.image_shape == (4, 4)
    assert started.threads == 1, "as many as the recipe asks for"
    assert thread_count() == before, "and as many as before when it is over"


def test_samples_of_a_classifier_are_validation_images_with_its_answers(
    make_recipe: Any, make_dataset: Any
) -> None:
    dataset = make_dataset()
    samples = next(e for e in run(make_recipe("classify"), dataset) if isinstance(e, SamplesDrawn))
    images = np.frombuffer(samples.images, np.uint8).reshape(samples.count, 4, 4)
    assert samples.count == 20
    assert set(images[:, 0, 0]) == set(range(40, 60)), "the last 20 training images, held out"
    for number, caption, wrong in zip(
        images[:, 0, 0], samples.captions, samples.wrong, strict=True
    ):
        truth, _, answer = caption.partition("→")
        assert truth == str(number % 3)
        assert wrong == bool(answer)
        assert answer != truth


# --- learning rates -----------------------------------------------------------------------------


def rates(recipe: AnyRecipe, dataset: Dataset) -> list[float]:
    """The learning rate of every step."""
    steps = [event for event in run(recipe, dataset) if isinstance(event, StepDone)]
    return [step.learning_rates["classifier"] for step in steps]


@pytest.mark.parametrize(
    ("schedule", "factors"),
    [
        ({"kind": "constant"}, [1, 1, 1, 1, 1, 1, 1, 1]),
        ({"kind": "steps", "after_epochs": [1], "by": 0.5}, [1, 1, 1, 1, 0.5, 0.5, 0.5, 0.5]),
        ({"kind": "linear", "hold": 0.5}, [1, 1, 1, 1, 1, 0.75, 0.5, 0.25]),
    ],
)
def test_learning_rates_follow_the_schedule(
    schedule: dict[str, Any], factors: list[float], make_recipe: Any, make_dataset: Any
) -> None:
    recipe = make_recipe("classify", classifier={"schedule": schedule})
    assert rates(recipe, make_dataset()) == pytest.approx([0.1 * factor for factor in factors])


def test_a_one_cycle_rises_and_falls(make_recipe: Any, make_dataset: Any) -> None:
    recipe = make_recipe("classify", classifier={"schedule": {"kind": "one-cycle", "up": 0.5}})
    seen = rates(recipe, make_dataset())
    assert seen[0] == pytest.approx(0.1 / 25)
    assert max(seen) == seen[3] == pytest.approx(0.1)
    assert seen[-1] == pytest.approx(0.1 / 25 / 1e4)
    assert seen == sorted(seen[:4]) + sorted(seen[4:], reverse=True)


# --- numbers that are none ----------------------------------------------------------------------


def reads_back(events: list[Event]) -> bool:
    """Whether the events survive JSON."""
    lines = [msgspec.json.encode(event) for event in events]
    return [msgspec.json.decode(line, type=AnyEvent) for line in lines] == events


@pytest.mark.parametrize("task", TASKS)
def test_every_event_survives_json(task: str, make_recipe: Any, make_dataset: Any) -> None:
    assert reads_back(run(make_recipe(task), make_dataset()))


@pytest.mark.parametrize(
    ("whole", "damaged"),
    [
        (b'"after":0.5', b'"after":0.7'),
        (b'"number":1', b'"number":3'),
        (b'"seal"', b'"sebl"'),
        (b'"seal":"', b'"seal":"0'),
    ],
)
def test_an_intervention_is_believed_with_its_seal_alone(whole: bytes, damaged: bytes) -> None:
    event = Intervened(step=2, number=1, what="learning rate", source="key", after=0.5)
    line = encode_event(event)
    assert decode_event(line) == event
    assert line.count(whole) == 1
    assert decode_event(line.replace(whole, damaged)) is None
    assert decode_event(msgspec.json.encode(event)) is None, "it was never sealed"


def wild(task: str, make_recipe: Any) -> AnyRecipe:
    """A recipe whose learning rates throw it off."""
    optimizer = {"kind": "sgd", "learning_rate": 1e6, "momentum": 0.9}
    networks = ["classifier"] if task == "classify" else ["generator", "discriminator"]
    changes: dict[str, Any] = {name: {"optimizer": optimizer} for name in networks}
    if task == "classify":
        changes["loss"] = "sum-squared-error"
    changes["epochs"] = 500
    return make_recipe(task, **changes)  # type: ignore[no-any-return]


def test_divergence_ends_the_run_with_one_event(make_recipe: Any, make_dataset: Any) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # NumPy's warnings would end up on the terminal
        events = run(wild("classify", make_recipe), make_dataset())
    *_, step, diverged, finished = events
    assert isinstance(step, StepDone)
    assert "classifier" not in step.losses
    assert isinstance(diverged, Diverged)
    assert (diverged.network, diverged.step) == ("classifier", step.step)
    assert not math.isfinite(float(diverged.value))
    assert isinstance(finished, Finished)
    assert (finished.ending, finished.test_accuracy) == ("diverged", None)
    assert reads_back(events)


class Poisoned(ClassifierTrainer):
    """Its last step leaves a weight that is no number, which no loss has seen yet."""

    def step(self, batch: Batch, number: int) -> Generator[Staged, None, StepResult]:
        result = yield from super().step(batch, number)
        if self.steps_done == 7:
            self.learners["classifier"].optimizer.flat.values[-1] = math.nan
        return result


def test_weights_that_break_in_the_last_step_are_no_success(
    make_recipe: Any, make_dataset: Any
) -> None:
    events = list(Poisoned(make_recipe("classify"), make_dataset(), TrainControl()))
    *_, epoch, diverged, finished = events
    assert isinstance(epoch, EpochDone)
    assert epoch.measures.keys() == {"training loss", "validation accuracy"}
    assert epoch.answers is None
    assert isinstance(diverged, Diverged)
    assert (diverged.network, diverged.value) == ("classifier", "nan")
    assert isinstance(finished, Finished)
    assert finished.ending == "diverged"
    assert reads_back(events)


def test_a_schedule_that_overflows_diverges(make_recipe: Any, make_dataset: Any) -> None:
    with pytest.raises(OverflowError):
        Steps(after_epochs=(0, 0), by=1e300).factor(0, 8, 4)
    schedule = {"kind": "steps", "after_epochs": [1, 1], "by": 1e300}
    recipe = make_recipe("classify", classifier={"schedule": schedule})
    events = run(recipe, make_dataset())
    assert any(isinstance(event, Diverged) for event in events)
    assert reads_back(events)


# --- which images -------------------------------------------------------------------------------


def numbers_trained_on(trainer: Trainer) -> set[int]:
    """Which training images a run's steps have seen, by the number in their first pixel."""
    seen: set[int] = set()
    step = trainer.step

    def spy(batch: Batch, number: int) -> StepResult:
        seen.update(trainer.scaling.bytes_of(batch.pixels)[:, 0].tolist())
        return step(batch, number)

    trainer.step = spy  # type: ignore[method-assign]
    list(trainer)
    return seen


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize(
    ("data", "numbers"),
    [
        ({}, range(40)),
        ({"limit": 30}, range(30)),
        ({"limit": 50}, range(40)),
        ({"validation": "test"}, range(60)),
        ({"validation": "test", "limit": 30}, range(30)),
        ({"shuffle": False, "batch_size": 25}, range(25)),
    ],
)
def test_what_is_held_out_is_never_trained_on(
    task: str, data: dict[str, Any], numbers: range, make_recipe: Any, make_dataset: Any
) -> None:
    table = {"batch_size": 10, "held_out": 20, "directory": "/anywhere", **data}
    trainer = make_trainer(make_recipe(task, data=table), make_dataset(), TrainControl())
    assert numbers_trained_on(trainer) == set(numbers)


@pytest.mark.parametrize("task", TASKS)
def test_the_test_set_is_looked_at_once_at_the_end(
    task: str, make_recipe: Any, make_dataset: Any
) -> None:
    dataset = make_dataset()
    trainer = make_trainer(make_recipe(task), dataset, TrainControl())
    assert not np.shares_memory(trainer.validation.images, dataset.test_images)
    assert not np.shares_memory(trainer.training.images, dataset.test_images)
    events: list[Event] = []
    looks: list[int] = []
    finish = trainer.finish

    def spy() -> tuple[dict[str, float], float | None]:
        looks.append(len(events))
        return finish()

    trainer.finish = spy  # type: ignore[method-assign]
    for event in trainer:
        events.append(event)
    assert looks == [len(events) - 1]
