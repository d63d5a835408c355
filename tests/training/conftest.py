"""Small things to train, so that the tests of training take no time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from mnist_engine.data.dataset import Dataset, load_dataset
from mnist_engine.recipes import AnyRecipe
from mnist_engine.recipes.files import recipe_from

MakeDataset = Callable[..., Dataset]
MakeRecipe = Callable[..., AnyRecipe]


@pytest.fixture(scope="session")
def mnist() -> Dataset:
    return load_dataset()


@pytest.fixture(scope="session")
def make_dataset() -> MakeDataset:
    """A dataset of random pictures whose top left pixel tells its number (training) or is 255."""

    def make(
        count: int = 60, shape: tuple[int, int] = (4, 4), classes: int = 3, tests: int = 20
    ) -> Dataset:
        rng = np.random.default_rng(0)
        train = rng.integers(0, 250, (count, *shape), dtype=np.uint8)
        train[:, 0, 0] = np.arange(count) % 250
        test = rng.integers(0, 250, (tests, *shape), dtype=np.uint8)
        test[:, 0, 0] = 255
        labels = np.arange(max(count, tests), dtype=np.uint8) % classes
        return Dataset("dots", train, labels[:count], test, labels[:tests])

    return make


@pytest.fixture(scope="session")
def make_recipe() -> MakeRecipe:
    """A small recipe of a task; ``changes`` are its tables and keys that are to be otherwise."""
    sgd = {"kind": "sgd", "learning_rate": 0.1}
    common = {
        "epochs": 2,
        "threads": 1,
        "data": {"batch_size": 10, "held_out": 20, "directory": "/anywhere"},
    }
    trees: dict[str, dict[str, Any]] = {
        "classify": {
            "classifier": {
                "layers": ["linear 5", "relu", "linear classes"],
                "optimizer": {**sgd},
            }
        },
        "gan": {
            "generator": {
                "layers": ["linear 6", "relu", "linear pixels", "tanh"],
                "latent": 3,
                "optimizer": {**sgd},
            },
            "discriminator": {
                "layers": ["linear 6", "leaky_relu 0.2", "linear 1"],
                "optimizer": {**sgd},
            },
        },
    }

    def make(task: str, **changes: Any) -> AnyRecipe:
        tree = {"task": task, "name": "small", **common, **trees[task]}
        for key, value in changes.items():
            tree[key] = {**tree.get(key, {}), **value} if isinstance(value, dict) else value
        return recipe_from(tree, "test")

    return make
