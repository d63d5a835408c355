"""The noise that a generator makes pictures of."""

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
