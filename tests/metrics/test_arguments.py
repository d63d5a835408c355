"""What all measures refuse: numbers that are none, probabilities that are none, wrong labels."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from mnist_engine.autograd import Array
from mnist_engine.metrics.classes import (
    class_shares,
    confident_share,
    kl_divergence,
    label_agreement,
    score,
)
from mnist_engine.metrics.classification import (
    calibration_error,
    confusion_matrix,
    worst_mistakes,
)
from mnist_engine.metrics.frechet import Gaussian, kernel_distance
from mnist_engine.metrics.neighbours import mean_pairwise_distance, nearest, precision_and_recall

GOOD = np.random.default_rng(0).standard_normal((9, 3))
LABELS = np.array([0, 1, 2, 1])
PROBABILITIES = np.full((4, 3), 1 / 3)


@pytest.mark.parametrize(
    "measure",
    [
        Gaussian.of,
        mean_pairwise_distance,
        lambda x: kernel_distance(x, GOOD, 1, 4, np.random.default_rng(0)),
        lambda x: kernel_distance(GOOD, x, 1, 4, np.random.default_rng(0)),
        lambda x: precision_and_recall(x, GOOD),
        lambda x: precision_and_recall(GOOD, x),
        lambda x: nearest(x, GOOD),
        lambda x: nearest(GOOD, x),
    ],
)
@pytest.mark.parametrize("odd", [np.nan, np.inf, -np.inf])
def test_vectors_hold_finite_numbers(measure: Callable[[Array], object], odd: float) -> None:
    vectors = GOOD.copy()
    measure(vectors)
    vectors[4, 1] = odd
    with pytest.raises(ValueError, match="hold NaN or infinite numbers; all must be finite"):
        measure(vectors)


of_probabilities = pytest.mark.parametrize(
    "measure",
    [
        class_shares,
        score,
        confident_share,
        lambda p: label_agreement(p, LABELS),
        lambda p: calibration_error(p, LABELS),
        lambda p: worst_mistakes(p, LABELS, 2),
        lambda p: kl_divergence(p[-1], PROBABILITIES[0]),
        lambda p: kl_divergence(PROBABILITIES[0], p[-1]),
    ],
)


@of_probabilities
@pytest.mark.parametrize(
    "odd", [[0.2, 0.3, 0.4], [1.2, -0.1, -0.1], [np.nan, 0.5, 0.5], [3.0, 9.0, 8.0]]
)
def test_probabilities_are_not_negative_and_add_up_to_one(
    measure: Callable[[Array], object], odd: list[float]
) -> None:
    measure(PROBABILITIES)
    with pytest.raises(ValueError, match="they must be 0 or more and add up to 1"):
        measure(np.vstack((PROBABILITIES[:3], odd)))


@of_probabilities
def test_rounding_of_float32_is_no_mistake(measure: Callable[[Array], object]) -> None:
    measure(np.float32(PROBABILITIES) * np.float32(1 + 1e-5))


@pytest.mark.parametrize("measure", [class_shares, score, confident_share])
@pytest.mark.parametrize("shape", [(3,), (0, 3), (4, 0), (1, 4, 3)])
def test_probabilities_are_a_row_for_each_image(
    measure: Callable[[Array], object], shape: tuple[int, ...]
) -> None:
    with pytest.raises(ValueError, match=r"needed is \(n, classes\), not empty"):
        measure(np.full(shape, 1 / 3))


@pytest.mark.parametrize(
    "measure",
    [
        lambda labels: label_agreement(PROBABILITIES, labels),
        lambda labels: calibration_error(PROBABILITIES, labels),
        lambda labels: worst_mistakes(PROBABILITIES, labels, 2),
        lambda labels: confusion_matrix(labels, LABELS, 3),
        lambda labels: confusion_matrix(LABELS, labels, 3),
    ],
)
def test_labels_are_classes_one_for_each_image(measure: Callable[[Array], object]) -> None:
    measure(LABELS)
    with pytest.raises(TypeError, match="are float64; needed is an array of whole numbers"):
        measure(LABELS.astype(float))
    for wrong in (LABELS[:, None], LABELS[:1], np.append(LABELS, 0)):  # some would broadcast
        with pytest.raises(ValueError, match=r"(have shape .*; needed is \(\d,\))"):
            measure(wrong)
    for no_class in (3, -1):
        with pytest.raises(IndexError, match="with 3 classes they must be 0 to 2"):
            measure(np.array([0, 1, 2, no_class]))
