"""What trained networks are given: pixels as they know them, and noise to make digits of."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from mnist_engine.autograd import Tensor
from mnist_engine.data.dataset import Dataset
from mnist_engine.data.pixels import PixelScaling
from mnist_engine.nn import Module
from mnist_engine.recipes import AnyRecipe, GanRecipe
from mnist_engine.training.conditioning import with_class
from mnist_engine.training.latent import draw_noise
from mnist_engine.training.measuring import AT_ONCE
from mnist_engine.training.splitting import split_for


def scaling_of(recipe: AnyRecipe, dataset: Dataset) -> PixelScaling:
    """How the networks of ``recipe`` see pixels."""
    return PixelScaling.named(recipe.data.pixels, split_for(recipe, dataset).training.images)


def draw_digits(
    generator: Module,
    recipe: GanRecipe,
    labels: NDArray[np.integer],
    classes: int,
    rng: np.random.Generator,
) -> Iterator[NDArray[np.float32]]:
    """A picture for each of ``labels`` (n,), by chance of ``rng``: (1000, pixels) at a time.

    They are as networks see pixels, and not all finite where the generator has diverged.

    A generator that is not told the class draws as many of any.
    """
    for begin in range(0, len(labels), AT_ONCE):
        some = labels[begin : begin + AT_ONCE]
        inputs = Tensor.wrap(draw_noise(len(some), recipe.generator, rng))
        if recipe.game.conditional:
            inputs = with_class(inputs, some, classes)
        yield generator(inputs).data
