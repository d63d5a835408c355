"""How a classifier answered a set of examples: what it took for what, and how sure it was."""

from __future__ import annotations

from typing import NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from mnist_engine.autograd.activations import softmax
from mnist_engine.metrics.arguments import Array
from mnist_engine.metrics.classification import (
    confusion_matrix,
    precision_per_class,
    recall_per_class,
    worst_mistakes,
)

MISTAKES = 30
"""As many mistakes are kept, the worst ones: a log holds them once an epoch."""


class Confusion(NamedTuple):
    """So many ``times`` a ``label`` was taken for an ``answer``."""

    label: int
    answer: int
    times: int


class Mistake(msgspec.Struct, frozen=True, array_like=True):
    """Example ``index`` of its set is a ``label``; it was taken for an ``answer``.

    ``probability`` is what the classifier gave that answer. In JSON a mistake is a list of the four
    numbers.
    """

    index: int
    label: int
    answer: int
    probability: float

    @property
    def caption(self) -> str:
        """See :func:`caption_of`."""
        return caption_of(self.label, self.answer)


class Answers(msgspec.Struct, frozen=True, kw_only=True):
    """The answers to all examples of a set.

    ``confusion[label][answer]`` counts examples; it has a row and a column for each class.
    ``mistakes`` are the wrong answers that were given most confidently, worst first, MISTAKES of
    them at most.
    """

    confusion: tuple[tuple[int, ...], ...]
    mistakes: tuple[Mistake, ...]

    @property
    def precision(self) -> Array:
        """Of the answers of each class the fraction that is right; NaN for one never answered."""
        return precision_per_class(np.array(self.confusion))

    @property
    def recall(self) -> Array:
        """Of the examples of each class the fraction answered rightly; NaN for one with none."""
        return recall_per_class(np.array(self.confusion))

    def confusions(self, count: int) -> list[Confusion]:
        """The ``count`` most frequent confusions, fewer where there are fewer; of equals in order.

        That is by label, then by answer.
        """
        found = [
            Confusion(label, answer, times)
            for label, row in enumerate(self.confusion)
            for answer, times in enumerate(row)
            if label != answer and times
        ]
        return sorted(found, key=lambda confusion: -confusion.times)[:count]


def caption_of(label: int, answer: int) -> str:
    """What is written below a picture: "7", or "7→9", a 7 that was taken for a 9."""
    return str(label) if label == answer else f"{label}→{answer}"


def answers_of(probabilities: Array, labels: NDArray[np.integer]) -> Answers:
    """What ``probabilities`` (n, classes) make of examples with ``labels`` (n,).

    An answer is the most probable class. Errors are those of the measures in
    :mod:`mnist_engine.metrics.classification`.
    """
    answers = probabilities.argmax(axis=1)
    confusion = confusion_matrix(labels, answers, probabilities.shape[1])
    return Answers(
        confusion=tuple(map(tuple, confusion.tolist())),
        mistakes=tuple(
            Mistake(i, int(labels[i]), int(answers[i]), round(float(probabilities[i].max()), 6))
            for i in worst_mistakes(probabilities, labels, MISTAKES).tolist()
        ),
    )


def softmax_probabilities(outputs: NDArray[np.floating]) -> Array:
    """The probabilities that outputs (n, classes) stand for where they are logits."""
    return softmax(outputs.astype(np.float64))  # in float32 near answers could become equal ones


def least_squares_probabilities(outputs: NDArray[np.floating]) -> Array:
    """The probabilities that outputs (n, classes) stand for where they are fitted to one-hot rows.

    Least squares make them estimates of the probabilities themselves (Richard and Lippmann, 1991),
    but for what is negative or misses a sum of 1. Where none is positive a softmax keeps the order.
    """
    positive = np.maximum(outputs.astype(np.float64), 0)
    totals = positive.sum(axis=1, keepdims=True)
    probabilities = softmax_probabilities(outputs)
    np.divide(positive, totals, where=totals > 0, out=probabilities)
    return probabilities
