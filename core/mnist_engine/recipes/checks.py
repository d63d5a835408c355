"""What the form of a recipe cannot say: which settings make sense together."""

from __future__ import annotations

import math
from typing import Any

from mnist_engine.errors import BadInput
from mnist_engine.recipes.layers import Sizes
from mnist_engine.recipes.networks import plan_networks
from mnist_engine.recipes.schema import AnyRecipe, GanRecipe, SGDTable

LONGEST_NAME = 100
LONGEST_SUMMARY = 200
LARGEST_INTEGER = 2**63 - 1


def check_recipe(recipe: AnyRecipe) -> None:
    """Find what the types let pass, before any data is read.

    Sizes are those of MNIST, unless the recipe names other data: what fits those shows when they
    are read. Raises BadInput beginning with the key.
    """
    _check_line("name", recipe.name, LONGEST_NAME)
    _check_line("summary", recipe.summary, LONGEST_SUMMARY)
    networks = (
        {"generator": recipe.generator, "discriminator": recipe.discriminator}
        if isinstance(recipe, GanRecipe)
        else {"classifier": recipe.classifier}
    )
    for name, table in networks.items():
        optimizer = table.optimizer
        if isinstance(optimizer, SGDTable) and optimizer.nesterov and not optimizer.momentum:
            raise BadInput(f"{name}.optimizer.nesterov: is true; it needs a momentum above 0")
    if isinstance(recipe, GanRecipe):
        _check_game(recipe)
    if not isinstance(recipe, GanRecipe) and recipe.loss == "cross-entropy":
        last = recipe.classifier.layers[-1:]
        if last and last[0].split()[:1] == ["softmax"]:
            raise BadInput(
                "classifier.layers: ends in softmax, which the loss applies itself; "
                'leave it out, or set loss = "sum-squared-error"'
            )
    plan_networks(recipe, Sizes(), check_sizes=recipe.data.directory is None)


def find_odd_number(tree: Any, path: str = "") -> str | None:
    """What is wrong with the first number of a TOML tree that no setting may have; None if none.

    TOML knows nan, inf and Python's endless integers; nothing here is ever set to them.
    """
    if isinstance(tree, float) and not math.isfinite(tree):
        return f"{path}: is {tree}; it must be a finite number"
    if isinstance(tree, int) and abs(tree) > LARGEST_INTEGER:
        return f"{path}: is beyond {LARGEST_INTEGER:.0e}; it must be a smaller number"
    parts = (
        [(f"{path}.{key}" if path else key, value) for key, value in tree.items()]
        if isinstance(tree, dict)
        else [(f"{path}[{number}]", value) for number, value in enumerate(tree)]
        if isinstance(tree, list | tuple)
        else []
    )
    return next((fault for at, part in parts if (fault := find_odd_number(part, at))), None)


def _check_game(recipe: GanRecipe) -> None:
    """A gradient penalty is a statement about each image; batch normalisation knows none alone."""
    penalty, layers = recipe.game.gradient_penalty, recipe.discriminator.layers
    if penalty and any(layer.split()[:1] == ["batch_norm"] for layer in layers):
        raise BadInput(
            f"game.gradient_penalty: is {penalty:g}; it needs each image's own gradient, which "
            "batch_norm in discriminator.layers mixes with those of the others: leave batch_norm "
            "out, or set gradient_penalty = 0"
        )


def _check_line(key: str, text: str, longest: int) -> None:
    """Names and summaries are printed: control characters would write over the terminal."""
    if not text.isprintable() or len(text) > longest:
        raise BadInput(f"{key}: must be one printable line of at most {longest} characters")
