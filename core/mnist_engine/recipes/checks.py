"""What the form of a recipe cannot say: which settings make sense together."""

from __future__ import annotations

from mnist_engine.errors import BadInput
from mnist_engine.recipes.layers import Sizes
from mnist_engine.recipes.networks import plan_networks
from mnist_engine.recipes.schema import (
    AnyRecipe,
    ClassifierRecipe,
    DataTable,
    GanRecipe,
    NetworkTable,
    SGDTable,
)
from mnist_engine.recipes.words import shown

LONGEST_NAME = 100
LONGEST_SUMMARY = 200
WITH_LABELS = ("non-saturating", "least-squares")
"""Losses of GANs that draw the discriminator's outputs to a number for "real", to be smoothed."""

MNIST_IMAGES = 60_000
"""To train on or hold out, where no other data are named."""


def check_recipe(recipe: AnyRecipe) -> None:
    """Find what the types let pass, before any data is read.

    Sizes are those of MNIST, unless the recipe names other data: what fits those shows when they
    are read. Raises BadInput beginning with the key.
    """
    _check_line("name", recipe.name, LONGEST_NAME)
    _check_line("summary", recipe.summary, LONGEST_SUMMARY)
    _check_line("made_for", recipe.made_for, LONGEST_NAME)
    for number, line in enumerate(recipe.provenance.splitlines(), 1):
        if not line.isprintable():
            raise BadInput(f"provenance: line {number} must be printable; leave control codes out")
    if isinstance(recipe, GanRecipe):
        _check_game(recipe)
    else:
        _check_end(recipe)
    for name, network in recipe.networks.items():
        _check_optimizer(name, network)
    _check_data(recipe.data)
    images = _images_in_a_step(recipe.data)
    for name, network in recipe.networks.items():
        if images == 1 and _has_layer(network, "batch_norm"):
            raise BadInput(
                f"data.batch_size: is 1; batch_norm in {name}.layers needs batches of at least 2 "
                "images: raise it (--batch-size)"
            )
    plan_networks(recipe, Sizes(), check_sizes=recipe.data.directory is None)


def _check_line(key: str, text: str, longest: int) -> None:
    """Names and summaries are printed: control characters would write over the terminal."""
    if not text.isprintable() or len(text) > longest:
        raise BadInput(f"{key}: must be one printable line of at most {longest} characters")


def _check_optimizer(name: str, network: NetworkTable) -> None:
    optimizer = network.optimizer
    if isinstance(optimizer, SGDTable) and optimizer.nesterov and not optimizer.momentum:
        raise BadInput(f"{name}.optimizer.nesterov: is true; it needs a momentum above 0")


def _check_end(recipe: ClassifierRecipe) -> None:
    last = recipe.classifier.layers[-1:]
    if recipe.loss == "cross-entropy" and last and last[0].split()[:1] == ["softmax"]:
        raise BadInput(
            "classifier.layers: ends in softmax, which the loss applies itself; "
            'leave it out, or set loss = "sum-squared-error"'
        )
    if recipe.label_smoothing and recipe.loss != "cross-entropy":
        raise BadInput(
            f"label_smoothing: is {recipe.label_smoothing:g}; it must be 0 unless loss is "
            '"cross-entropy": squared errors are of labels as they are'
        )


def _check_game(recipe: GanRecipe) -> None:
    """A gradient penalty is a statement about each image; batch normalisation knows none alone."""
    game, penalty = recipe.game, recipe.game.gradient_penalty
    if game.label_smoothing and game.loss not in WITH_LABELS:
        raise BadInput(
            f"game.label_smoothing: is {game.label_smoothing:g}; it must be 0 where the loss is "
            f"{shown(game.loss)}, which has no labels to be smoothed"
        )
    if penalty and _has_layer(recipe.discriminator, "batch_norm"):
        raise BadInput(
            f"game.gradient_penalty: is {penalty:g}; it needs each image's own gradient, which "
            "batch_norm in discriminator.layers mixes with those of the others: leave batch_norm "
            "out, or set gradient_penalty = 0"
        )


def _has_layer(network: NetworkTable, name: str) -> bool:
    return any(layer.split()[:1] == [name] for layer in network.layers)


# -- data ----------------------------------------------------------------------------------------


def _check_data(data: DataTable) -> None:
    """How many images there are and how large is known of MNIST alone."""
    if data.directory is not None:
        if not data.directory or not data.directory.isprintable():
            raise BadInput(
                f"data.directory: is {shown(data.directory)}; it must be the printable name of a "
                "directory of IDX files; without this key the data are MNIST"
            )
        return
    if data.shift >= min(Sizes.height, Sizes.width):
        raise BadInput(
            f"data.shift: is {data.shift}; images of {Sizes.height} x {Sizes.width} pixels keep a "
            f"part in sight up to {min(Sizes.height, Sizes.width) - 1}"
        )
    if data.validation == "held-out" and data.held_out >= MNIST_IMAGES:
        raise BadInput(
            f"data.held_out: is {data.held_out}; it must be less than the {MNIST_IMAGES} training "
            "images of MNIST"
        )
    images = _most_images(data)
    if data.batch_size != "full" and data.batch_size > images:
        cure = " or raise data.limit (--limit)" if images == data.limit else ""
        raise BadInput(
            f"data.batch_size: is {data.batch_size}; a batch needs at least that many images to "
            f"train on, there are {images}: lower it (--batch-size){cure}"
        )


def _most_images(data: DataTable) -> int:
    """How many images of MNIST would be trained on."""
    left = MNIST_IMAGES - (data.held_out if data.validation == "held-out" else 0)
    return left if data.limit is None else min(left, data.limit)


def _images_in_a_step(data: DataTable) -> int | None:
    """How many images make a step; None where only the data can tell."""
    if data.batch_size != "full":
        return data.batch_size
    return _most_images(data) if data.directory is None else data.limit
