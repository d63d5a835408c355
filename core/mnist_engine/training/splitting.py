"""Which images a run learns from, and by which it is measured while it learns."""

from __future__ import annotations

from mnist_engine.data.dataset import Dataset, Examples, Split, split_validation
from mnist_engine.errors import BadInput
from mnist_engine.recipes.schema import AnyRecipe


def split_for(recipe: AnyRecipe, dataset: Dataset) -> Split:
    """What a run of ``recipe`` trains on, and the images held out for validation.

    The latter are those of the test set where the recipe says so. BadInput where there are too few
    to hold any out.
    """
    data = recipe.data
    if data.validation == "test":
        training = split_validation(dataset, 0, data.limit).training
        return Split(training, Examples(dataset.test_images, dataset.test_labels))
    try:
        return split_validation(dataset, data.held_out, data.limit)
    except BadInput as error:
        tenth = len(dataset.train_labels) // 10
        cure = f"; lower data.held_out, with --set data.held_out={tenth}, say" if tenth else ""
        raise BadInput(f"{error}{cure}") from None
