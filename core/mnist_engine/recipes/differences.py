"""In which settings recipes differ."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from mnist_engine.recipes.schema import AnyRecipe

PROSE = {"summary", "provenance", "made_for"}
"""Keys that say something about a recipe and change nothing of what it does."""


def recipe_differences(recipes: Sequence[AnyRecipe]) -> dict[str, list[Any]]:
    """The keys whose values are not the same in all ``recipes``, and each recipe's value.

    A key inside tables is written as in ``generator.optimizer.learning_rate``. Values are numbers,
    texts, booleans and lists of them; None where a recipe has no such key. A key that only recipes
    for one task have is there where these differ.
    """
    settings = [dict(_leaves(msgspec.to_builtins(recipe))) for recipe in recipes]
    keys = dict.fromkeys(key for one in settings for key in one)  # a set that keeps the order
    rows = {key: [one.get(key) for one in settings] for key in keys if key not in PROSE}
    return {key: row for key, row in rows.items() if _differ(key, row, recipes)}


def _differ(key: str, row: list[Any], recipes: Sequence[AnyRecipe]) -> bool:
    """Whether the values of ``key`` differ among the recipes whose task has it."""
    first = key.partition(".")[0]
    has = [first == "task" or first in recipe.__struct_fields__ for recipe in recipes]
    values = [value for value, there in zip(row, has, strict=True) if there]
    return any(value != values[0] for value in values)


def _leaves(table: dict[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for key, value in table.items():
        if isinstance(value, dict):
            yield from _leaves(value, f"{prefix}{key}.")
        else:
            yield prefix + key, list(value) if isinstance(value, tuple) else value
