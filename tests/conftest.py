"""What holds for all tests."""

from __future__ import annotations

import os

if "PYTEST_XDIST_WORKER" in os.environ:  # pytest -n: threads of theirs would wait for one another
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import mnist_engine  # noqa: F401  (before NumPy: it says which routines OpenBLAS takes)

# isort: split

import signal
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mnist_engine.data.dataset import Dataset
from mnist_engine.recipes import AnyRecipe, load_recipe
from mnist_engine.recipes.files import recipe_from
from mnist_engine.runs.directory import RunDirectory, create_run
from mnist_engine.training.events import Event, encode_event

MakeDataset = Callable[..., Dataset]
MakeRecipe = Callable[..., AnyRecipe]

# A shell ignores Ctrl-C for what it starts in the background, and nohup a closed terminal. So would
# all programs that the tests start, and nothing could be seen of what they do when these come.
for name in ("SIGINT", "SIGHUP"):
    number = getattr(signal, name, None)  # Windows has no SIGHUP
    if number is not None and signal.getsignal(number) is signal.SIG_IGN:
        signal.signal(number, signal.default_int_handler if name == "SIGINT" else signal.SIG_DFL)

# pytest -n says how wide its terminal is; what the tests start has terminals of its own.
for name in ("COLUMNS", "LINES"):
    os.environ.pop(name, None)


def pytest_addoption(parser: pytest.Parser) -> None:
    """How long the longest tests are."""
    parser.addoption("--kills", type=int, default=20, help="kill training processes so often")
    parser.addoption("--events", type=int, default=2000, help="press and click so often at random")


@pytest.fixture
def write_run() -> Callable[..., RunDirectory]:
    """Makes a run that nobody trained: ``write_run(path, events, recipe)``; mlp's by default."""

    def write(path: Path, events: Sequence[Event], recipe: AnyRecipe | None = None) -> RunDirectory:
        run = create_run(recipe or load_recipe("mlp"), path)
        run.events.write_bytes(b"".join(encode_event(event) + b"\n" for event in events))
        return run

    return write


# --- small things to train, so that tests of training take no time ------------------------------


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
