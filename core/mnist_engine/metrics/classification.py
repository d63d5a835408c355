"""A classifier's answers against the labels: which are wrong, and whether it knew."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mnist_engine.metrics.arguments import Array, Numbers, check_labels, distributions

Counts = NDArray[np.int64]


def confusion_matrix(
    labels: NDArray[np.integer], answers: NDArray[np.integer], classes: int
) -> Counts:
    """How often each class was answered with each: (classes, classes), a row for each true class.

    ``labels`` and ``answers`` are (n,), numbers of classes; TypeError, ValueError and IndexError
    tell what is otherwise.
    """
    check_labels("confusion_matrix: labels", labels, len(labels), classes)
    check_labels("confusion_matrix: answers", answers, len(labels), classes)
    cells = labels.astype(np.int64) * classes + answers  # a byte would run over at 256
    return np.bincount(cells, minlength=classes * classes).reshape(classes, classes)


def precision_per_class(confusion: Counts) -> Array:
    """Of the answers of each class the fraction that is right; NaN for a class never answered."""
    return _fractions(confusion, confusion.sum(axis=0))


def recall_per_class(confusion: Counts) -> Array:
    """Of the examples of each class the fraction answered so; NaN for a class never present."""
    return _fractions(confusion, confusion.sum(axis=1))


def calibration_error(probabilities: Numbers, labels: NDArray[np.integer], bins: int = 15) -> float:
    """The expected calibration error (Guo et al., 2017): Σ |B|/n · |accuracy(B) - confidence(B)|.

    An answer is the most probable class of a row of ``probabilities`` (n, classes), its confidence
    that probability. The B are ``bins`` parts of the answers, by confidence, of equal width. It is
    0 where of the answers given with p per cent p per cent are right. TypeError, ValueError and
    IndexError tell what is wrong with an argument.
    """
    if bins < 1:
        raise ValueError(f"calibration_error: bins is {bins}; it must be at least 1")
    probabilities = distributions("calibration_error: probabilities", probabilities)
    check_labels("calibration_error: labels", labels, *probabilities.shape)
    confidence = probabilities.max(axis=1)
    right = probabilities.argmax(axis=1) == labels
    edges = np.linspace(0, 1, bins + 1)[1:-1]
    bin_of = np.searchsorted(edges, confidence)  # an edge belongs to the bin below, as in the paper
    surplus = np.bincount(bin_of, weights=confidence - right)  # |B| · (confidence - accuracy)
    return float(np.abs(surplus).sum() / len(labels))


def worst_mistakes(
    probabilities: Numbers, labels: NDArray[np.integer], count: int
) -> NDArray[np.int64]:
    """The indices of the ``count`` wrong answers that were given most confidently, worst first.

    Fewer where fewer are wrong; of equals the first comes first. Answers and confidences are those
    of :func:`calibration_error`, and so are the errors raised.
    """
    if count < 0:
        raise ValueError(f"worst_mistakes: count is {count}; it must be 0 or more")
    probabilities = distributions("worst_mistakes: probabilities", probabilities)
    check_labels("worst_mistakes: labels", labels, *probabilities.shape)
    (wrong,) = np.nonzero(probabilities.argmax(axis=1) != labels)
    order = np.argsort(-probabilities[wrong].max(axis=1), kind="stable")
    return wrong[order[:count]]


def _fractions(confusion: Counts, totals: Counts) -> Array:
    """What lies on the diagonal as parts of ``totals``, NaN where these are 0."""
    fractions = np.full(len(totals), np.nan)
    np.divide(confusion.diagonal(), totals, where=totals > 0, out=fractions)
    return fractions
