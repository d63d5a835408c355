"""The networks that a run has trained, as they are after it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np

from mnist_engine.data.dataset import Dataset, load_dataset
from mnist_engine.errors import BadInput
from mnist_engine.nn import Module, load_weights
from mnist_engine.recipes import AnyRecipe, GanRecipe
from mnist_engine.recipes.layers import Sizes
from mnist_engine.recipes.networks import build_networks
from mnist_engine.runs.directory import RunDirectory

AVERAGE = "generator-average"
"""The name of the generator with averaged weights, in recipes that have one."""


def dataset_of(run: RunDirectory) -> Dataset:
    """The data that the run was trained on; BadInput where they cannot be read any more."""
    directory = run.read_recipe().data.directory
    return load_dataset(None if directory is None else Path(directory))


def networks_of(run: RunDirectory, dataset: Dataset | None = None) -> dict[str, Module]:
    """The run's networks by name, in evaluation mode: the generator and its average, ...

    ``dataset`` are its data where they have been loaded already. Raises BadInput, one line, where
    there are no weights, or what is there is damaged or does not fit the recipe.
    """
    dataset = dataset_of(run) if dataset is None else dataset
    networks = _untrained(run.read_recipe(), Sizes(*dataset.image_shape, dataset.class_count))
    load = _source(run)
    for name, network in networks.items():
        load(name, network)
        network.eval()
    return networks


def _untrained(recipe: AnyRecipe, sizes: Sizes) -> dict[str, Module]:
    rng = np.random.default_rng(0)  # its numbers are overwritten
    networks: dict[str, Module] = {**build_networks(recipe, sizes, rng, rng)}
    if isinstance(recipe, GanRecipe) and recipe.generator.average is not None:
        networks[AVERAGE] = networks["generator"].copy()
    return networks


def _source(run: RunDirectory) -> Callable[[str, Module], None]:
    """What fills the network of a name with the run's weights."""
    if not any(run.weights.glob("*.safetensors")):
        raise BadInput(f"{run.path}: has no weights yet; a run saves them at its end")

    def load(name: str, network: Module) -> None:
        load_weights(network, run.weights / f"{name}.safetensors")

    return load
