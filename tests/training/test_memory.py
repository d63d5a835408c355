"""Training that goes on for days needs no more memory than its first steps."""

from __future__ import annotations

import os
import sys
import tracemalloc
from pathlib import Path
from types import FrameType
from typing import Any

import numpy as np
import pytest

from mnist_engine.data.dataset import Dataset
from mnist_engine.recipes import load_recipe
from mnist_engine.training import TrainControl, Trainer, make_trainer

MEMORY_IN_USE = Path("/proc/self/statm")
DENSE = [
    "conditional-dense", "dense-adam", "dense-batchnorm", "dense-tanh", "hinge", "lsgan", "mlp",
    "sigmoid-mlp", "wgan-gp",
]  # fmt: skip
NUMPY = 36_000
"""Bytes that NumPy itself takes to read an operand in pieces, and gives back at once."""


class Steps:
    """A trainer's steps on one batch, without the loop around them."""

    def __init__(self, recipe: str, mnist: Dataset) -> None:
        self.trainer: Trainer = make_trainer(load_recipe(recipe), mnist, TrainControl())
        self.batch = next(self.trainer.batches.epoch())
        self.number = 0

    def go(self, count: int) -> None:
        for _ in range(count):
            self.trainer.step(self.batch, self.number)
            self.number += 1
            self.trainer.steps_done += 1


class Allocations:
    """The most bytes that any one line of Python took, while it is active, beyond those it found.

    A line's own functions written in Python count for themselves.
    """

    def __init__(self) -> None:
        self.most = 0
        self._before: int | None = None

    def __enter__(self) -> Allocations:
        tracemalloc.start()
        self._earlier = sys.gettrace()
        sys.settrace(self._line)
        return self

    def __exit__(self, *error: object) -> None:
        sys.settrace(self._earlier)
        tracemalloc.stop()

    def _line(self, frame: FrameType, event: str, argument: object) -> Any:
        now, peak = tracemalloc.get_traced_memory()
        if self._before is not None:
            self.most = max(self.most, peak - self._before)
        tracemalloc.reset_peak()
        self._before = now
        return self._line


@pytest.mark.parametrize("recipe", DENSE)
def test_a_step_makes_no_new_arrays_but_small_ones(recipe: str, mnist: Dataset) -> None:
    steps = Steps(recipe, mnist)
    steps.go(10)
    with Allocations() as allocations:
        steps.go(5)
    assert 0 < allocations.most < NUMPY


def test_an_array_as_large_as_a_small_layers_outputs_is_noticed(mnist: Dataset) -> None:
    steps = Steps("mlp", mnist)
    steps.go(5)

    def careless() -> None:
        steps.go(1)
        np.empty((len(steps.batch.labels), 64), np.float32)
        steps.go(1)

    with Allocations() as allocations:
        careless()
    assert allocations.most > NUMPY


@pytest.mark.skipif(
    not Path("/proc/self/statm").exists(), reason="resident size is read from /proc"
)
@pytest.mark.slow
@pytest.mark.parametrize(
    ("recipe", "count"),
    [
        ("conditional-dense", 2000),
        ("dense-batchnorm", 2000),
        ("dense-tanh", 2000),
        ("mlp", 2000),
        ("wgan-gp", 2000),
        ("cnn", 500),  # its steps are long
    ],
)
def test_two_thousand_steps_take_no_more_memory(recipe: str, count: int, mnist: Dataset) -> None:
    steps = Steps(recipe, mnist)
    steps.go(count // 4)
    before = resident_bytes()
    steps.go(count)
    assert resident_bytes() - before < 2 * 2**20


def resident_bytes() -> int:
    return int(MEMORY_IN_USE.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
