"""What the first layer of a network looks for in an image."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mnist_engine import nn
from mnist_engine.training.trainer import Trainer


def first_weights(trainer: Trainer, network: str) -> NDArray[np.float32]:
    """What each unit of the first layer looks for: (units, height, width), signed.

    The units come by the length of their weights, the longest first. Images of the size of the data
    where the layer is linear, kernels where it is a convolution. What the network is told besides
    pixels, such as a class, is left out.

    ValueError where the first layer takes no images.
    """
    pixels = int(np.prod(trainer.image_shape))
    layer = _first_layer(trainer.networks[network])
    if isinstance(layer, nn.Linear) and layer.weight.shape[1] >= pixels:
        weights: NDArray[np.float32] = layer.weight.data[:, :pixels]
        pictures = weights.reshape(len(weights), *trainer.image_shape)
    elif isinstance(layer, nn.Conv2d):
        pictures = layer.weight.data[:, 0]
    else:
        raise ValueError(f"the {network} has no layer that takes images")
    lengths = np.square(pictures).sum(axis=(1, 2))
    longest_first: NDArray[np.float32] = pictures[np.argsort(-lengths, kind="stable")]
    return longest_first


def _first_layer(network: nn.Module) -> nn.Module | None:
    """The first one that multiplies by weights."""
    for module in network.modules():
        layer = module.layer if isinstance(module, nn.SpectralNorm) else module
        if isinstance(layer, nn.Linear | nn.Conv2d | nn.ConvTranspose2d):
            return layer
    return None
