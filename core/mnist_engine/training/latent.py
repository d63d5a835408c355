"""Noise: that of which a generator makes pictures, and that which is added to pictures."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mnist_engine.recipes.schema import GeneratorTable


def fill_with_noise(
    noise: NDArray[np.float32], generator: GeneratorTable, rng: np.random.Generator
) -> NDArray[np.float32]:
    """Overwrite ``noise`` with numbers N(0, 1) or U(-1, 1), as the recipe's ``generator`` says."""
    if generator.noise == "normal":
        return rng.standard_normal(out=noise, dtype=np.float32)
    rng.random(out=noise, dtype=np.float32)
    noise *= 2
    noise -= 1
    return noise


def draw_noise(
    count: int, generator: GeneratorTable, rng: np.random.Generator
) -> NDArray[np.float32]:
    """(count, latent) numbers by chance of ``rng``."""
    return fill_with_noise(np.empty((count, generator.latent), np.float32), generator, rng)


def with_noise(
    images: NDArray[np.float32], deviation: float, rng: np.random.Generator
) -> NDArray[np.float32]:
    """``images`` (n, pixels) with a number N(0, deviation²) added to each pixel.

    Themselves where the deviation is 0, and then nothing is drawn.
    """
    if not deviation:
        return images
    noise = rng.standard_normal(images.shape, dtype=np.float32)
    noise *= np.float32(deviation)
    noise += images
    return noise
