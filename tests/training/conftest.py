"""What the tests of training share."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mnist_engine.data.dataset import Dataset, load_dataset


@pytest.fixture(scope="session")
def mnist() -> Dataset:
    return load_dataset()


@pytest.fixture(scope="session")
def briefly_tested(mnist: Dataset) -> Dataset:
    """MNIST with a hundred test images, for tests that look at what steps do, not at measures."""
    return replace(mnist, test_images=mnist.test_images[:100], test_labels=mnist.test_labels[:100])
