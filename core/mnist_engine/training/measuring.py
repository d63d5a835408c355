"""How good a classifier is on a set of examples."""

from __future__ import annotations

import math
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mnist_engine.autograd import Tensor
from mnist_engine.data.pixels import PixelScaling
from mnist_engine.metrics.arguments import Array
from mnist_engine.metrics.classification import calibration_error
from mnist_engine.nn import Module
from mnist_engine.nn.losses import one_hot, softmax_cross_entropy, squared_error
from mnist_engine.training.answers import (
    Answers,
    answers_of,
    least_squares_probabilities,
    softmax_probabilities,
)

Loss = Literal["cross-entropy", "sum-squared-error", "mean-squared-error"]

AT_ONCE = 1000
"""Pictures that go through a network together: more would only take more memory."""


class Measures(NamedTuple):
    """How good a classifier is on a set: its mean loss an example, and two fractions.

    Where an output is not finite ``calibration_error`` is NaN and there are no ``answers``.
    """

    loss: float
    accuracy: float
    calibration_error: float
    answers: Answers | None


def loss_on(
    outputs: Tensor, labels: NDArray[np.uint8], loss: Loss, smoothing: float = 0.0
) -> Tensor:
    """A recipe's loss on a batch of outputs (n, classes): the mean of the examples, or the sum.

    ``smoothing`` of labels belongs to cross-entropy, and to training alone.
    """
    if loss == "cross-entropy":
        return softmax_cross_entropy(outputs, labels, smoothing=smoothing)
    total = squared_error(outputs, one_hot(labels, outputs.shape[1]), "sum")
    return total if loss == "sum-squared-error" else total * (1 / len(labels))


def outputs_of(
    classifier: Module, images: NDArray[np.uint8], scaling: PixelScaling
) -> NDArray[np.float32]:
    """The outputs (n, classes) for pictures (n, height, width), bytes."""
    parts = (images[begin : begin + AT_ONCE] for begin in range(0, len(images), AT_ONCE))
    return np.concatenate([classifier(Tensor.wrap(scaling.apply(part))).data for part in parts])


def probabilities_of(outputs: NDArray[np.float32], loss: Loss) -> Array:
    """The probabilities that outputs (n, classes) stand for in a network trained with ``loss``."""
    if loss == "cross-entropy":
        return softmax_probabilities(outputs)
    return least_squares_probabilities(outputs)


def measure(outputs: NDArray[np.float32], labels: NDArray[np.uint8], loss: Loss) -> Measures:
    """What outputs (n, classes) of a network that was trained with ``loss`` are worth."""
    mean = loss_on(Tensor.wrap(outputs), labels, loss).item()
    if loss == "sum-squared-error":
        mean /= len(labels)
    accuracy = float((outputs.argmax(axis=1) == labels).mean())
    if not np.isfinite(outputs).all():
        return Measures(mean, accuracy, math.nan, None)
    probabilities = probabilities_of(outputs, loss)
    return Measures(
        mean, accuracy, calibration_error(probabilities, labels), answers_of(probabilities, labels)
    )
