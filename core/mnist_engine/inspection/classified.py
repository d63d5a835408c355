"""A classifier at work: its answer to one picture."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mnist_engine.autograd import Tensor
from mnist_engine.inspection.evaluating import evaluating
from mnist_engine.training.answers import least_squares_probabilities, softmax_probabilities
from mnist_engine.training.classifier import ClassifierTrainer


def probabilities_of(trainer: ClassifierTrainer, picture: NDArray[np.uint8]) -> NDArray[np.float64]:
    """What ``picture`` (pixels,) is taken for: a probability for each class, (classes,)."""
    network = trainer.networks["classifier"]
    with evaluating(network):
        outputs = network(Tensor.wrap(trainer.scaling.apply(picture[None]))).data
    if not np.isfinite(outputs).all():
        return np.zeros(outputs.shape[1])
    cross_entropy = trainer.recipe.loss == "cross-entropy"
    probabilities_for = softmax_probabilities if cross_entropy else least_squares_probabilities
    (probabilities,) = probabilities_for(outputs)
    return np.asarray(probabilities, np.float64)
