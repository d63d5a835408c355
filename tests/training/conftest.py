"""What the tests of training share."""

from __future__ import annotations

import pytest

from mnist_engine.data.dataset import Dataset, load_dataset


@pytest.fixture(scope="session")
def mnist() -> Dataset:
    return load_dataset()
