"""What a classifier took for what: told at each epoch's end, and training takes no notice."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from mnist_engine.metrics.classification import calibration_error
from mnist_engine.training import TrainControl, make_trainer
from mnist_engine.training.answers import (
    MISTAKES,
    Answers,
    Confusion,
    Mistake,
    answers_of,
    least_squares_probabilities,
    softmax_probabilities,
)
from mnist_engine.training.classifier import ClassifierTrainer
from mnist_engine.training.events import EpochDone, Finished

PROBABILITIES = np.array(
    [[0.7, 0.2, 0.1], [0.1, 0.8, 0.1], [0.3, 0.1, 0.6], [0.9, 0.0, 0.1], [0.2, 0.3, 0.5]]
)
LABELS = np.array([0, 0, 1, 2, 2], np.uint8)


# -- from probabilities --------------------------------------------------------------------------


def test_rows_are_labels_and_the_surest_mistake_comes_first() -> None:
    assert answers_of(PROBABILITIES, LABELS) == Answers(
        confusion=((1, 1, 0), (0, 0, 1), (1, 0, 1)),
        mistakes=(Mistake(3, 2, 0, 0.9), Mistake(1, 0, 1, 0.8), Mistake(2, 1, 2, 0.6)),
    )


def test_precision_goes_down_the_columns_and_recall_along_the_rows() -> None:
    answers = answers_of(PROBABILITIES, LABELS)
    np.testing.assert_array_equal(answers.precision, [1 / 2, 0, 1 / 2])
    np.testing.assert_array_equal(answers.recall, [1 / 2, 0, 1 / 2])
    never = Answers(confusion=((2, 0, 1), (0, 0, 0), (0, 0, 3)), mistakes=())
    np.testing.assert_array_equal(never.precision, [1, math.nan, 3 / 4])
    np.testing.assert_array_equal(never.recall, [2 / 3, math.nan, 1])


def test_the_most_frequent_confusions_come_first_and_equals_in_order() -> None:
    answers = Answers(confusion=((9, 1, 0), (4, 9, 1), (7, 0, 9)), mistakes=())
    assert answers.confusions(3) == [Confusion(2, 0, 7), Confusion(1, 0, 4), Confusion(0, 1, 1)]
    assert len(answers.confusions(10)) == 4, "none that never happened"


def test_no_more_mistakes_are_kept_than_a_log_should_hold() -> None:
    always_zero = np.tile([0.75, 0.25], (100, 1))
    answers = answers_of(always_zero, np.ones(100, np.uint8))
    assert [mistake.index for mistake in answers.mistakes] == list(range(MISTAKES))
    assert answers.confusion == ((0, 0), (100, 0))


# -- from outputs --------------------------------------------------------------------------------


def test_logits_make_probabilities_by_softmax() -> None:
    found = softmax_probabilities(np.array([[0.0, math.log(3)], [500, -500]], np.float32))
    np.testing.assert_allclose(found, [[0.25, 0.75], [1, 0]], atol=1e-7)


def test_outputs_of_least_squares_are_probabilities_but_for_their_sum() -> None:
    outputs = np.array([[0.25, 0.75, 0], [2, 1, 1], [-0.5, 0.5, 0]], np.float32)
    expected = [[0.25, 0.75, 0], [0.5, 0.25, 0.25], [0, 1, 0]]
    np.testing.assert_allclose(least_squares_probabilities(outputs), expected)


@pytest.mark.parametrize("of", [softmax_probabilities, least_squares_probabilities])
@pytest.mark.parametrize("shift", [-9.0, 0.0, 9.0])
def test_the_answer_stays_what_the_outputs_say(of: Any, shift: float) -> None:
    outputs = np.random.default_rng(0).standard_normal((50, 4), np.float32) + np.float32(shift)
    found = of(outputs)
    np.testing.assert_array_equal(found.argmax(axis=1), outputs.argmax(axis=1))
    np.testing.assert_allclose(found.sum(axis=1), 1)


# -- in training ---------------------------------------------------------------------------------


@pytest.mark.parametrize("loss", ["cross-entropy", "sum-squared-error", "mean-squared-error"])
def test_an_epoch_tells_the_answers_to_the_validation_images_and_the_end_those_to_the_test_images(
    loss: str, make_recipe: Any, make_dataset: Any
) -> None:
    trainer = make_trainer(make_recipe("classify", loss=loss), make_dataset(), TrainControl())
    events = list(trainer)
    epochs = [event for event in events if isinstance(event, EpochDone)]
    finished = events[-1]
    assert isinstance(finished, Finished)
    for told, accuracy, labels in (
        (epochs[0].answers, epochs[0].measures["validation accuracy"], trainer.validation.labels),
        (epochs[1].answers, epochs[1].measures["validation accuracy"], trainer.validation.labels),
        (finished.answers, finished.test_accuracy, trainer.test.labels),
    ):
        assert told is not None
        assert np.trace(told.confusion) / len(labels) == accuracy
        np.testing.assert_array_equal(np.sum(told.confusion, axis=1), np.bincount(labels))
        assert len(told.mistakes) == min(MISTAKES, len(labels) - int(np.trace(told.confusion)))
        assert all(labels[wrong.index] == wrong.label != wrong.answer for wrong in told.mistakes)


def test_the_last_epoch_tells_what_the_trained_network_says(
    make_recipe: Any, make_dataset: Any
) -> None:
    trainer = make_trainer(make_recipe("classify"), make_dataset(), TrainControl())
    last = [event for event in trainer if isinstance(event, EpochDone)][-1]
    assert isinstance(trainer, ClassifierTrainer)
    probabilities = softmax_probabilities(trainer._outputs(trainer.validation.images))
    labels = trainer.validation.labels
    assert last.answers == answers_of(probabilities, labels)
    assert last.measures["calibration error"] == calibration_error(probabilities, labels)


def test_weights_do_not_depend_on_being_measured(
    make_recipe: Any, make_dataset: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def weights() -> dict[str, np.ndarray]:
        trainer = make_trainer(make_recipe("classify"), make_dataset(), TrainControl())
        list(trainer)
        return trainer.networks["classifier"].state_dict()

    measured = weights()
    monkeypatch.setattr(ClassifierTrainer, "evaluate", lambda _: {})
    for name, value in weights().items():
        np.testing.assert_array_equal(value, measured[name])


def test_a_gan_answers_nothing(make_recipe: Any, make_dataset: Any) -> None:
    events = list(make_trainer(make_recipe("gan"), make_dataset(), TrainControl()))
    told = [event for event in events if isinstance(event, EpochDone | Finished)]
    assert [event.answers for event in told] == [None] * 3
