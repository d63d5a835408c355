"""``mnist-tui sample``: digits out of a trained generator."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mnist_engine.data.dataset import Dataset
from mnist_engine.errors import BadInput
from mnist_engine.recipes import GanRecipe
from mnist_engine.recipes.networks import AVERAGE
from mnist_engine.runs.directory import RunDirectory
from mnist_engine.runs.networks import Which, dataset_of
from mnist_engine.runs.pictures import grid_of
from mnist_engine.runs.trained import draw_digits, scaling_of
from mnist_engine.training.events import SamplesDrawn
from mnist_engine.training.gan import sample_labels
from mnist_engine.training.remarks import untrained_classes
from mnist_engine.training.splitting import split_for
from mnist_tui.export.networks import divergence, is_finite, trained_networks
from mnist_tui.export.progress import progress


class Sample(NamedTuple):
    """Generated pictures (n, height, width), bytes, and in how many columns they look well."""

    images: NDArray[np.uint8]
    columns: int

    def grid(self) -> NDArray[np.uint8]:
        """All of them in one picture, (height, width) bytes."""
        count, height, width = self.images.shape
        event = SamplesDrawn(
            step=0,
            epoch=0,
            count=count,
            image_shape=(height, width),
            columns=self.columns,
            images=self.images.tobytes(),
        )
        return grid_of(event)


def sample_of(
    run: RunDirectory, count: int, seed: int, label: int | None, which: Which = "last"
) -> Sample:
    """``count`` digits by the run's averaged generator where there is one, else its generator.

    The same ``seed`` draws the same digits. A generator that is told the class draws all classes in
    turn, or ``label`` alone. BadInput for a classifier's run, and for a label that is no class or
    nothing that the generator is told.
    """
    recipe = _gan_recipe(run)
    dataset = dataset_of(run)
    classes = dataset.class_count
    if label is not None and not recipe.game.conditional:
        raise BadInput(
            f"{run.path}: its generator is not told which class to draw; leave out --label"
        )
    if label is not None and not 0 <= label < classes:
        raise BadInput(f"--label: is {label}; it must be a class, 0 to {classes - 1}")
    if label in untrained_classes(dataset, split_for(recipe, dataset).training.labels):
        raise BadInput(
            f"--label: is {label}; {run.path} was trained on no image of that class, "
            "and has not learned to draw it"
        )
    labels = np.arange(count) % classes if label is None else np.full(count, label)
    in_turn = recipe.game.conditional and label is None
    columns = sample_labels(classes)[0] if in_turn else math.isqrt(count - 1) + 1
    images = generated(run, recipe, dataset, labels, np.random.default_rng(seed), which)
    return Sample(images, min(columns, count))


def generated(
    run: RunDirectory,
    recipe: GanRecipe,
    dataset: Dataset,
    labels: NDArray[np.integer],
    rng: np.random.Generator,
    which: Which,
) -> NDArray[np.uint8]:
    """A picture for each of ``labels``, (n, height, width) bytes, by the run's best generator.

    BadInput where it has diverged.
    """
    networks = trained_networks(run, dataset, which)
    name = AVERAGE if AVERAGE in networks else "generator"
    if not is_finite(networks[name]):
        raise divergence(run, dataset, which, name, "weights")
    scaling = scaling_of(recipe, dataset)
    parts = []
    with progress("drawing digits", len(labels)) as advance, np.errstate(all="ignore"):
        for part in draw_digits(networks[name], recipe, labels, dataset.class_count, rng):
            if not np.isfinite(part).all():
                raise divergence(run, dataset, which, name, "digits")
            parts.append(scaling.bytes_of(part))
            advance(len(part))
    return np.concatenate(parts).reshape(len(labels), *dataset.image_shape)


def _gan_recipe(run: RunDirectory) -> GanRecipe:
    recipe = run.read_recipe()
    if not isinstance(recipe, GanRecipe):
        raise BadInput(
            f"{run.path}: is a classifier's run, which draws nothing; "
            "`mnist-tui evaluate` tells how well it reads digits"
        )
    return recipe
