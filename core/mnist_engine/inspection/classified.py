"""A classifier at work: its answer to one picture, what its first layer looks for."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mnist_engine import nn
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


def first_weights(trainer: ClassifierTrainer) -> NDArray[np.float32]:
    """What each unit of the first layer looks for: (units, height, width), signed.

    Images of the size of the data where the layer is linear, kernels where it is a convolution;
    those of a convolution over several channels are their means.
    """
    for layer in trainer.networks["classifier"].modules():
        if isinstance(layer, nn.Linear):
            weights = layer.weight.data
            return weights.reshape(len(weights), *trainer.image_shape)
        if isinstance(layer, nn.Conv2d):
            kernels: NDArray[np.float32] = layer.weight.data.mean(axis=1)
            return kernels
    raise ValueError("the classifier has no layer with weights")
