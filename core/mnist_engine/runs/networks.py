"""The networks that a run has trained, as they are after it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, NamedTuple

import numpy as np

from mnist_engine.data.dataset import Dataset, load_dataset
from mnist_engine.errors import BadInput
from mnist_engine.nn import Module, StateError, load_weights
from mnist_engine.recipes import AnyRecipe, GanRecipe
from mnist_engine.recipes.layers import Sizes
from mnist_engine.recipes.networks import AVERAGE, build_networks
from mnist_engine.runs.checkpoints import Saved, best_whole, newest_whole
from mnist_engine.runs.directory import RunDirectory
from mnist_engine.runs.log import Log
from mnist_engine.training.events import CheckpointSaved

Which = Literal["last", "best"]


def dataset_of(run: RunDirectory) -> Dataset:
    """The data that the run was trained on; BadInput where they cannot be read any more."""
    return load_dataset(run.read_recipe().data.directory)


class Trained(NamedTuple):
    """A run's networks by name, and a line about each checkpoint that was passed over."""

    networks: dict[str, Module]
    faults: tuple[str, ...]


def networks_of(
    run: RunDirectory, dataset: Dataset | None = None, which: Which = "last"
) -> Trained:
    """The run's networks, in evaluation mode: the generator and its average, ...

    They are those of the "last" whole checkpoint, or of ``weights`` where these are newer or there
    is none, or of the "best" one. ``dataset`` are the run's data where they have been loaded
    already. Raises BadInput, one line, where there are no weights, or what is there is damaged or
    does not fit the recipe.
    """
    dataset = dataset_of(run) if dataset is None else dataset
    networks = _untrained(run.read_recipe(), Sizes(*dataset.image_shape, dataset.class_count))
    load, faults = _best(run) if which == "best" else _last(run)
    for name, network in networks.items():
        load(name, network)
        network.eval()
    return Trained(networks, faults)


def _untrained(recipe: AnyRecipe, sizes: Sizes) -> dict[str, Module]:
    rng = np.random.default_rng(0)  # its numbers are overwritten
    networks: dict[str, Module] = {**build_networks(recipe, sizes, rng, rng)}
    if isinstance(recipe, GanRecipe) and recipe.generator.average is not None:
        networks[AVERAGE] = networks["generator"].copy()
    return networks


# -- where weights come from ---------------------------------------------------------------------

Load = Callable[[str, Module], None]
"""Fills the network of a name with the run's weights."""


def _last(run: RunDirectory) -> tuple[Load, tuple[str, ...]]:
    saved, faults = newest_whole(run)
    weights = any(run.weights.glob("*.safetensors"))
    if saved is not None:
        if not weights or saved.details.progress.steps >= _step_of_weights(run):
            return _from_checkpoint(run, saved), faults
    elif not weights:
        cure = "; ".join(faults) or "a run saves them at the ends of epochs"
        raise BadInput(f"{run.path}: has no weights to read: {cure}")
    return lambda name, network: load_weights(network, run.weights / f"{name}.safetensors"), faults


def _step_of_weights(run: RunDirectory) -> int:
    """The step after which the weights were saved; 0 where that is not known."""
    try:
        events = Log(run.events).end()
    except BadInput:
        return 0
    saved = [event for event in events if isinstance(event, CheckpointSaved)]
    return max((event.step for event in saved if event.is_weights), default=0)


def _best(run: RunDirectory) -> tuple[Load, tuple[str, ...]]:
    saved, faults = best_whole(run)
    if saved is None:
        raise BadInput(
            f"{run.path}: has no best checkpoint: none that is whole was measured; leave out --best"
        )
    return _from_checkpoint(run, saved), faults


def _from_checkpoint(run: RunDirectory, saved: Saved) -> Load:
    arrays = saved.arrays

    def load(name: str, network: Module) -> None:
        keys = [key for key in network.state_dict() if f"{name}/{key}" in arrays]
        try:
            network.load_state_dict({key: arrays[f"{name}/{key}"] for key in keys})
        except StateError as error:
            raise BadInput(f"{run.checkpoints}: {name}: {error}") from None

    return load
