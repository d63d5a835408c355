"""Recipes on paper: the list of them, and one as it stands in its file."""

from __future__ import annotations

import sys

from mnist_engine.recipes import ClassifierRecipe, load_recipe, recipe_source, shipped_recipes
from mnist_tui.results import result_lines


def print_recipes() -> None:
    """Each recipe's command, name and summary, a line each."""
    recipes = {name: load_recipe(name) for name in shipped_recipes()}
    width = max(map(len, recipes))
    for name, recipe in recipes.items():
        task = "classify" if isinstance(recipe, ClassifierRecipe) else "gan"
        print(f"{task:<8}  {name:<{width}}  {recipe.summary}")


def print_recipe(name: str) -> None:
    """The recipe's TOML, so that ``mnist-tui recipes mlp > mine.toml`` begins one of your own.

    What was measured of a shipped one stands above it, as comments.
    """
    source = "".join(f"{line}\n" for line in result_lines(name)) + recipe_source(name)
    sys.stdout.flush()
    sys.stdout.buffer.write(source.encode())  # TOML is UTF-8 whatever the locale
