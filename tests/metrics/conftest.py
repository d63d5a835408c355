"""Real digits to measure."""

from __future__ import annotations

import numpy as np
import pytest

from mnist_engine.autograd import Array
from mnist_engine.data.dataset import load_dataset


@pytest.fixture(scope="session")
def digits() -> Array:
    """The first 2,000 training images of MNIST, (n, 784) bytes."""
    return load_dataset().train_images[:2000].reshape(-1, 784)


@pytest.fixture(scope="session")
def thumbnails(digits: Array) -> Array:
    """They again, 7 × 7 means of their pixels from 0 to 1: 49 features."""
    return (digits.reshape(-1, 7, 4, 7, 4).mean(axis=(2, 4)) / 255).reshape(-1, 49)


@pytest.fixture(scope="session")
def noise(thumbnails: Array) -> Array:
    """The same numbers as in the thumbnails, shuffled within each: noise as dark as they are."""
    return np.random.default_rng(0).permuted(thumbnails, axis=1)
