"""Recipes: what is trained, on what, how; read from TOML and checked to the last key."""

from mnist_engine.recipes.files import (
    load_recipe,
    recipe_from_text,
    recipe_source,
    recipe_text,
    shipped_recipes,
)
from mnist_engine.recipes.schema import AnyRecipe, ClassifierRecipe, GanRecipe

__all__ = [
    "AnyRecipe",
    "ClassifierRecipe",
    "GanRecipe",
    "load_recipe",
    "recipe_from_text",
    "recipe_source",
    "recipe_text",
    "shipped_recipes",
]
