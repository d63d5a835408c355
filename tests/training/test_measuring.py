"""How good a classifier is, from its outputs."""

from __future__ import annotations

import math

import numpy as np
import pytest

from mnist_engine.autograd import Tensor
from mnist_engine.training.measuring import Loss, loss_on, measure

OUTPUTS = np.array([[2.0, 0.0, 0.0], [0.0, 0.5, 0.5], [0.0, 0.0, 1.0], [1.0, 0.0, 0.0]], np.float32)
LABELS = np.array([0, 1, 2, 2], np.uint8)
SQUARES = [1.0, 0.25 + 0.25, 0.0, 1.0 + 1.0]
ENTROPIES = np.log(np.exp(OUTPUTS).sum(axis=1)) - OUTPUTS[range(4), LABELS]


@pytest.mark.parametrize(
    ("loss", "of_a_batch", "of_an_example"),
    [
        ("cross-entropy", ENTROPIES.mean(), ENTROPIES.mean()),
        ("mean-squared-error", np.mean(SQUARES), np.mean(SQUARES)),
        ("sum-squared-error", np.sum(SQUARES), np.mean(SQUARES)),
    ],
)
def test_a_measured_loss_is_the_mean_of_the_examples_whatever_is_trained_on(
    loss: Loss, of_a_batch: float, of_an_example: float
) -> None:
    assert loss_on(Tensor(OUTPUTS), LABELS, loss).item() == pytest.approx(of_a_batch)
    found = measure(OUTPUTS, LABELS, loss)
    assert found.loss == pytest.approx(of_an_example)
    assert found.accuracy == 0.75
    assert found.answers is not None
    assert found.answers.confusion == ((1, 0, 0), (0, 1, 0), (1, 0, 1))


def test_of_outputs_that_are_not_finite_there_are_no_answers() -> None:
    broken = OUTPUTS.copy()
    broken[3, 1] = np.nan
    found = measure(broken, LABELS, "cross-entropy")
    assert math.isnan(found.loss)
    assert math.isnan(found.calibration_error)
    assert found.answers is None
