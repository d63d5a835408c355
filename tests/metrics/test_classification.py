"""A classifier's answers: counted by loops, and by hand where a case can be made so."""

from __future__ import annotations

import math

import numpy as np
import pytest

from mnist_engine.autograd import Array
from mnist_engine.metrics.classification import (
    calibration_error,
    confusion_matrix,
    precision_per_class,
    recall_per_class,
    worst_mistakes,
)

rng = np.random.default_rng(6)
LABELS = rng.integers(0, 4, 60)
ANSWERS = np.where(rng.random(60) < 0.6, LABELS, rng.integers(0, 4, 60))


def answers_with(confidence: Array, right: Array) -> tuple[Array, Array]:
    """Probabilities of 20 classes whose highest is ``confidence``, and labels they are right on."""
    rows = np.repeat((1 - confidence[:, None]) / 19, 20, axis=1)
    answers = np.arange(len(confidence)) % 20
    rows[np.arange(len(rows)), answers] = confidence
    return rows, np.where(right, answers, (answers + 1) % 20)


# -- confusion -----------------------------------------------------------------------------------


def test_rows_are_classes_and_columns_are_answers() -> None:
    found = confusion_matrix(np.array([0, 0, 0, 2]), np.array([1, 1, 0, 2]), 3)
    assert found.tolist() == [[1, 2, 0], [0, 0, 0], [0, 0, 1]]


def test_the_confusion_matrix_counts_pairs() -> None:
    expected = np.zeros((4, 4), int)
    for label, answer in zip(LABELS, ANSWERS, strict=True):
        expected[label, answer] += 1
    np.testing.assert_array_equal(confusion_matrix(LABELS, ANSWERS, 4), expected)


def test_labels_in_bytes_do_not_run_over() -> None:
    labels = np.arange(200, dtype=np.uint8)
    np.testing.assert_array_equal(confusion_matrix(labels, labels, 200), np.eye(200))


def test_no_examples_are_no_confusion() -> None:
    nothing = np.zeros(0, np.uint8)
    assert confusion_matrix(nothing, nothing, 2).tolist() == [[0, 0], [0, 0]]


def test_precision_is_of_the_answers_and_recall_of_the_examples() -> None:
    confusion = confusion_matrix(LABELS, ANSWERS, 4)
    for c in range(4):
        present, answered = np.equal(LABELS, c), np.equal(ANSWERS, c)
        right = (present & answered).sum()
        assert precision_per_class(confusion)[c] == right / answered.sum()
        assert recall_per_class(confusion)[c] == right / present.sum()


def test_what_is_never_answered_or_never_present_is_not_a_number() -> None:
    confusion = confusion_matrix(np.array([0, 0, 1]), np.array([0, 2, 0]), 3)
    with np.errstate(all="raise"):
        np.testing.assert_array_equal(precision_per_class(confusion), [0.5, np.nan, 0])
        np.testing.assert_array_equal(recall_per_class(confusion), [0.5, 0, np.nan])


# -- calibration ---------------------------------------------------------------------------------


def expected_calibration_error(rows: Array, labels: Array, bins: int) -> float:
    total = 0.0
    for low, high in zip(np.arange(bins) / bins, np.arange(1, bins + 1) / bins, strict=True):
        chosen = [i for i, row in enumerate(rows) if low < row.max() <= high]
        if chosen:
            accuracy = np.mean([rows[i].argmax() == labels[i] for i in chosen])
            confidence = np.mean([rows[i].max() for i in chosen])
            total += len(chosen) / len(rows) * abs(accuracy - confidence)
    return float(total)


@pytest.mark.parametrize("bins", [1, 2, 10, 15, 100])
def test_the_calibration_error_is_its_definition(bins: int) -> None:
    rows, labels = answers_with(rng.uniform(0.1, 1, 200), rng.random(200) < 0.7)
    expected = expected_calibration_error(rows, labels, bins)
    assert calibration_error(rows, labels, bins) == pytest.approx(expected, rel=1e-12)


def test_fifteen_bins_unless_something_else_is_asked_for() -> None:
    rows, labels = answers_with(rng.uniform(0.1, 1, 200), rng.random(200) < 0.7)
    assert calibration_error(rows, labels) == calibration_error(rows, labels, 15)
    assert calibration_error(rows, labels) != calibration_error(rows, labels, 14)


def test_who_is_right_as_often_as_said_is_calibrated() -> None:
    confidence, right = np.repeat([0.75, 0.5], 4), np.array([1, 1, 1, 0, 1, 0, 1, 0], bool)
    assert calibration_error(*answers_with(confidence, right)) == pytest.approx(0, abs=1e-15)


def test_who_is_sure_and_always_wrong_is_not() -> None:
    assert calibration_error(*answers_with(np.ones(30), np.zeros(30, bool))) == 1


def test_too_sure_here_and_too_shy_there_do_not_cancel() -> None:
    confidence, right = np.array([0.9, 0.3]), np.array([False, True])
    rows, labels = answers_with(confidence, right)
    assert calibration_error(rows, labels) == pytest.approx((0.9 + 0.7) / 2)
    assert calibration_error(rows, labels, bins=1) == pytest.approx(0.6 - 0.5)


def test_bins_weigh_what_they_hold() -> None:
    confidence, right = np.array([0.9, 0.9, 0.9, 0.3]), np.array([True, True, True, False])
    rows, labels = answers_with(confidence, right)
    assert calibration_error(rows, labels) == pytest.approx((3 * 0.1 + 0.3) / 4)


def test_an_edge_belongs_to_the_bin_below() -> None:
    confidence, right = np.array([0.5, 0.25, 0.75]), np.array([True, False, False])
    rows, labels = answers_with(confidence, right)  # in halves: 0.5 and 0.25 together, 0.75 alone
    assert calibration_error(rows, labels, bins=2) == pytest.approx((0.25 + 0.75) / 3)


def test_a_probability_that_rounding_took_above_one_is_in_the_last_bin() -> None:
    rows = np.array([[1 + 1e-6, 0], [0.97, 0.03]], np.float32)
    found = calibration_error(rows, np.array([0, 1]))
    assert found == pytest.approx((1 + 0.97 - 1) / 2, rel=1e-5)


def test_there_is_a_bin() -> None:
    with pytest.raises(ValueError, match="bins is 0; it must be at least 1"):
        calibration_error(np.eye(2), np.array([0, 1]), bins=0)


# -- mistakes ------------------------------------------------------------------------------------

ROWS = np.array(
    [
        [0.6, 0.4, 0.0],  # wrong
        [0.1, 0.1, 0.8],  # right
        [0.05, 0.9, 0.05],  # wrong, and the most confident
        [0.4, 0.31, 0.29],  # wrong; what is right has more than in the first of all
        [0.3, 0.6, 0.1],  # wrong, as confident as the first
    ]
)
TRUE = np.array([2, 2, 0, 2, 0])


def test_the_worst_mistake_is_the_most_confident_one() -> None:
    assert worst_mistakes(ROWS, TRUE, 4).tolist() == [2, 0, 4, 3]


@pytest.mark.parametrize("count", [0, 1, 2, 3, 4, 100])
def test_as_many_as_there_are_and_no_more_than_asked_for(count: int) -> None:
    assert worst_mistakes(ROWS, TRUE, count).tolist() == [2, 0, 4, 3][:count]


def test_confidence_in_the_answer_counts_and_not_doubt_in_the_label() -> None:
    rows = np.array([[0.34, 0.33, 0.33, 0.0], [0.0, 0.52, 0.48, 0.0]])
    assert worst_mistakes(rows, np.array([3, 2]), 2).tolist() == [1, 0]


def test_who_makes_no_mistake_has_no_worst_one() -> None:
    assert worst_mistakes(ROWS, ROWS.argmax(axis=1), 5).tolist() == []


def test_mistakes_are_not_counted_from_behind() -> None:
    with pytest.raises(ValueError, match="count is -1; it must be 0 or more"):
        worst_mistakes(ROWS, TRUE, -1)


def test_accuracy_is_what_the_diagonal_holds() -> None:
    answers = ROWS.argmax(axis=1)
    confusion = confusion_matrix(TRUE, answers, 3)
    assert len(worst_mistakes(ROWS, TRUE, 9)) == len(TRUE) - np.trace(confusion)
    assert math.isnan(recall_per_class(confusion)[1])
