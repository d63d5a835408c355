"""What may not be meant as it is: a run does it all the same, and says so in a line."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from mnist_engine.data.dataset import Dataset
from mnist_engine.recipes.schema import AnyRecipe, DataTable, GanRecipe

DRAWN = {"tanh": (-1.0, 1.0), "sigmoid": (0.0, 1.0), "softmax": (0.0, 1.0), "relu": (0.0, math.inf)}
"""From where to where the outputs of a last layer may go."""

SCALED = {"signed": (-1.0, 1.0), "unit": (0.0, 1.0)}
"""From where to where pixels go; standardised ones go below -0.4 and above 2 for MNIST."""

FITTING = {"signed": "tanh", "unit": "sigmoid"}

MOST_NAMED = 10
"""Classes; of more only the number is told."""


def remarks_on(recipe: AnyRecipe, dataset: Dataset, labels: NDArray[np.integer]) -> tuple[str, ...]:
    """A line for each; ``labels`` are those of the images that are trained on."""
    remarks = [
        *_on_purpose(recipe, dataset),
        *_on_limit(recipe.data, dataset),
        *_on_classes(dataset, labels),
    ]
    if isinstance(recipe, GanRecipe):
        remarks += _on_range(recipe)
    return tuple(remarks)


def untrained_classes(dataset: Dataset, labels: NDArray[np.integer]) -> list[int]:
    """The classes of the data that none of ``labels`` is."""
    return sorted(set(range(dataset.class_count)) - set(map(int, np.unique(labels))))


def _on_purpose(recipe: AnyRecipe, dataset: Dataset) -> Iterator[str]:
    if recipe.made_for and dataset.is_mnist:
        yield (
            f"the recipe is made for {recipe.made_for}, but trained on MNIST: give the directory "
            "of its files (--data)"
        )


def _on_limit(data: DataTable, dataset: Dataset) -> Iterator[str]:
    held_out = data.held_out if data.validation == "held-out" else 0
    images = len(dataset.train_labels) - held_out
    if data.limit is not None and data.limit > images:
        rest = f", and {held_out:,} held out" if held_out else ""
        yield (
            f"data.limit is {data.limit:,}: all images are trained on, "
            f"there are but {images:,}{rest}"
        )


def _on_classes(dataset: Dataset, labels: NDArray[np.integer]) -> Iterator[str]:
    missing = untrained_classes(dataset, labels)
    if not missing:
        return
    what = f"{len(missing)} classes"
    if len(missing) <= MOST_NAMED:
        word = "class" if len(missing) == 1 else "classes"
        what = f"{word} {', '.join(map(str, missing))}"
    yield (
        f"no image that is trained on shows {what} of 0 to {dataset.class_count - 1}: "
        "nothing can be learned of it"
    )


def _on_range(recipe: GanRecipe) -> Iterator[str]:
    pixels = recipe.data.pixels
    names = [layer.split()[0] for layer in recipe.generator.layers]
    last = next((name for name in reversed(names) if name != "flatten"), "")
    if last not in DRAWN or SCALED.get(pixels) == DRAWN[last]:
        return
    wanted = f", which {FITTING[pixels]} draws" if pixels in FITTING else ""
    other = next((name for name, layer in FITTING.items() if layer == last), None)
    cure = f'; for {last} set data.pixels = "{other}"' if other else ""
    low, high = DRAWN[last]
    yield (
        f"generator.layers ends in {last}, from {low:g} to {high:g}, "
        f'but data.pixels is "{pixels}"{wanted}{cure}'
    )
