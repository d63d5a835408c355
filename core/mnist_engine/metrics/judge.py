"""The judge: the network by which all generated digits are measured.

It is a classifier of MNIST, trained by this engine on the recipe ``judge``
(``python -m mnist_engine.training.train_judge`` makes the file anew) and shipped with the program.
Figures of different judges cannot be compared, so its version stands beside each of them. What it
says of pictures that look like no digit means little: it knows digits only.
"""

from __future__ import annotations

import hashlib
import threading
from functools import cache
from importlib.resources import as_file, files
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mnist_engine import nn
from mnist_engine.autograd import GradientTape, Tensor
from mnist_engine.autograd.activations import softmax
from mnist_engine.data.pixels import PixelScaling
from mnist_engine.recipes import load_recipe
from mnist_engine.recipes.layers import Sizes
from mnist_engine.recipes.networks import build_networks

RECIPE = "judge"
FILE = "judge.safetensors"

AT_ONCE = 500
"""Pictures that are looked at together: more would only take more memory."""


class Opinion(NamedTuple):
    """What the judge sees in n pictures.

    ``features`` (n, 64), what its last layer decides by, and ``probabilities`` (n, 10) of the
    digits.
    """

    features: NDArray[np.float32]
    probabilities: NDArray[np.float32]


class Judge:
    """``network`` ends in the linear layer that makes logits of features.

    ``version`` is the beginning of the SHA-256 of its weights' file. Several threads may ask it.
    """

    def __init__(self, network: nn.Sequential, version: str) -> None:
        plain = without_batch_norm(network)
        self._body, self._head = plain[:-1], plain[-1]
        # Its recipe names a fixed range: no images are needed to find it.
        pixels = load_recipe(RECIPE).data.pixels
        self._scaling = PixelScaling.named(pixels, np.zeros((0, 1), np.uint8))
        self.version = version
        self._tape = GradientTape()  # for its memory alone, which is used again
        self._looking = threading.Lock()  # around that

    def look(self, images: NDArray[np.uint8]) -> Opinion:
        """Features and probabilities of pictures, (n, 28, 28) or (n, 784) bytes."""
        parts = [self._look(images[i : i + AT_ONCE]) for i in range(0, len(images), AT_ONCE)]
        return Opinion(*(np.concatenate(part) for part in zip(*parts, strict=True)))

    def _look(self, images: NDArray[np.uint8]) -> Opinion:
        with self._looking, self._tape:
            features = self._body(Tensor.wrap(self._scaling.apply(images)))
            return Opinion(features.numpy(), softmax(self._head(features).data))


@cache
def shipped_judge() -> Judge:
    """The judge that ships with the program."""
    with as_file(files("mnist_tui_assets") / FILE) as path:
        network = judge_network(np.random.default_rng(0))
        nn.load_weights(network, path)
        return Judge(network, hashlib.sha256(path.read_bytes()).hexdigest()[:8])


def without_batch_norm(network: nn.Sequential) -> nn.Sequential:
    """A network that does what ``network`` does in evaluation mode, in a quarter less time.

    There a batch normalisation multiplies and adds fixed numbers, as the layer before it can do by
    other weights.
    """
    layers: list[nn.Module] = []
    for layer in network.copy():
        if not isinstance(layer, nn.BatchNorm):
            layers.append(layer)
            continue
        before = layers[-1]
        assert isinstance(before, nn.Conv2d | nn.Linear)
        assert before.bias is not None
        scale = layer.weight.data / np.sqrt(layer.running_var + layer.epsilon)
        before.weight.data *= scale.reshape(-1, *[1] * (before.weight.ndim - 1))
        before.bias.data[...] = (before.bias.data - layer.running_mean) * scale + layer.bias.data
    return nn.Sequential(*layers).eval()


def judge_network(rng: np.random.Generator) -> nn.Sequential:
    """A judge that has yet to be trained."""
    return build_networks(load_recipe(RECIPE), Sizes(), rng, rng)["classifier"]
