"""Recipe, seed, thread count and interventions decide the weights to the bit."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
import numpy as np
import pytest
from numpy.typing import NDArray

from mnist_engine.data.dataset import Dataset
from mnist_engine.recipes import load_recipe
from mnist_engine.recipes.overrides import override
from mnist_engine.training import TrainControl, make_trainer
from mnist_engine.training.events import StepDone

Weights = dict[str, NDArray[Any]]
RECIPES = [
    "mlp",
    "cnn",
    "sigmoid-mlp",
    "conditional-dcgan",
    "conditional-dense",
    "dcgan",
    "dense-adam",
    "dense-batchnorm",
    "dense-tanh",
    "hinge",
    "lsgan",
    "wgan-gp",
]

IN_THREADS = ["mlp", "cnn", "conditional-dense", "dcgan", "wgan-gp"]


def train(
    name: str,
    dataset: Dataset,
    *,
    seed: int = 3,
    threads: int = 1,
    epochs: int = 2,
    after: dict[int, Callable[[TrainControl], None]] | None = None,
) -> Weights:
    """What a run of four steps an epoch saves; ``after`` tells what is asked after which step.

    A hundred images are held out too: what is measured leaves no trace in the weights.
    """
    recipe = override(
        load_recipe(name), epochs=epochs, seed=seed, threads=threads, limit=128, batch_size="32"
    )
    change = msgspec.structs.replace
    recipe = change(recipe, data=change(recipe.data, held_out=100), samples_per_epoch=1)
    control = TrainControl()
    trainer = make_trainer(recipe, dataset, control)
    for event in trainer:
        if isinstance(event, StepDone) and after and event.step in after:
            after[event.step](control)
    return {
        f"{network}.{key}": array
        for network, module in trainer.saved_networks().items()
        for key, array in module.state_dict().items()
    }


def same(one: Weights, other: Weights) -> bool:
    assert one.keys() == other.keys()
    return all(one[key].tobytes() == other[key].tobytes() for key in one)


@pytest.mark.parametrize(
    ("name", "threads"),
    [(name, threads) for name in RECIPES for threads in ((1, 2) if name in IN_THREADS else (1,))],
)
def test_the_same_run_twice_gives_the_same_bits(
    name: str, threads: int, briefly_tested: Dataset
) -> None:
    epochs = 2 if threads == 1 else 1  # threads wait for each other where others need the cores
    first = train(name, briefly_tested, threads=threads, epochs=epochs)
    assert same(first, train(name, briefly_tested, threads=threads, epochs=epochs))
    assert all(np.isfinite(array).all() for array in first.values())


@pytest.mark.parametrize("name", ["mlp", "conditional-dense", "wgan-gp"])
def test_another_seed_gives_other_weights(name: str, briefly_tested: Dataset) -> None:
    assert not same(train(name, briefly_tested), train(name, briefly_tested, seed=4))


def halve_at(step: int) -> dict[int, Callable[[TrainControl], None]]:
    return {step: lambda control: control.scale_learning_rate(0.5)}


@pytest.mark.parametrize("name", ["mlp", "conditional-dense"])
def test_the_same_interventions_give_the_same_bits(name: str, briefly_tested: Dataset) -> None:
    halved = train(name, briefly_tested, after=halve_at(3))
    assert same(halved, train(name, briefly_tested, after=halve_at(3)))
    assert not same(halved, train(name, briefly_tested))
    assert not same(halved, train(name, briefly_tested, after=halve_at(5)))


@pytest.mark.parametrize("name", ["mlp", "conditional-dense", "wgan-gp"])
def test_pauses_and_single_steps_leave_no_trace(name: str, briefly_tested: Dataset) -> None:
    def step_then_go_on(control: TrainControl) -> None:
        control.step()

    paused = train(
        name, briefly_tested, after={2: step_then_go_on, 3: lambda control: control.resume("test")}
    )
    assert same(paused, train(name, briefly_tested))
