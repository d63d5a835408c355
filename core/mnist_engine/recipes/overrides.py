"""Settings from the command line, laid over a recipe and checked by the same rules."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec

from mnist_engine.errors import BadInput
from mnist_engine.recipes.files import read_toml, recipe_from
from mnist_engine.recipes.schema import AnyRecipe
from mnist_engine.recipes.words import one_line


def override(
    recipe: AnyRecipe,
    *,
    epochs: int | None = None,
    batch_size: str | None = None,
    learning_rates: str | None = None,
    seed: int | None = None,
    threads: int | None = None,
    limit: int | None = None,
    settings: Sequence[str] = (),
) -> AnyRecipe:
    """The recipe with the settings that are not None.

    ``learning_rates`` is one number for all networks, or for a GAN two with a comma between them,
    generator first. ``settings`` are any others, as lines of TOML with dotted keys:
    ``"generator.average = 0.99"``; the provenance tells of them, since it was written of others.
    Raises BadInput naming the key of the recipe, what is wrong and
    what is allowed.
    """
    tree: dict[str, Any] = msgspec.to_builtins(recipe)
    for table, key, value in (
        (tree, "epochs", epochs),
        (tree, "seed", seed),
        (tree, "threads", threads),
        (tree["data"], "batch_size", _whole_number(batch_size)),
        (tree["data"], "limit", limit),
    ):
        if value is not None:
            table[key] = value
    if learning_rates is not None:
        networks = recipe.networks
        for name, rate in zip(networks, _rates(learning_rates, len(networks)), strict=True):
            tree[name]["optimizer"]["learning_rate"] = rate
    for setting in settings:
        changes = read_toml(setting.encode(), f"--set {setting!r}")
        for key in changes.keys() - tree.keys():
            if places := list(_places_of(key, tree)):
                guess = f"did you mean {' or '.join(places)}?"
                raise BadInput(f"--set {setting!r}: {key} lies in no table; {guess}")
        _lay_over(tree, changes)
        _make_absolute(changes.get("data"), tree["data"])
    if settings and isinstance(tree["provenance"], str):
        told = "".join(f"\nOn the command line: {one_line(setting)}" for setting in settings)
        tree["provenance"] = tree["provenance"] + told
    return recipe_from(tree, "command line")


def _lay_over(tree: dict[str, Any], changes: dict[str, Any]) -> None:
    for key, value in changes.items():
        if isinstance(value, dict) and isinstance(tree.get(key), dict):
            _lay_over(tree[key], value)
        else:
            tree[key] = value


def _make_absolute(changes: Any, data: Any) -> None:
    """Name a directory so that it is found from where the recipe will be kept, too."""
    directory = changes.get("directory") if isinstance(changes, dict) else None
    if isinstance(directory, str) and directory:
        data["directory"] = str(Path(directory).absolute())


def _places_of(key: str, table: dict[str, Any], path: str = "") -> Iterator[str]:
    """The dotted names of the settings that are called ``key`` alone, in ``table`` or deeper."""
    for name, value in table.items():
        if name == key:
            yield path + name
        elif isinstance(value, dict):
            yield from _places_of(key, value, f"{path}{name}.")


def _rates(text: str, count: int) -> list[float]:
    try:
        rates = [float(part) for part in text.split(",")]
    except ValueError:
        rates = []
    if len(rates) == 1:
        return rates * count
    if len(rates) != count:
        forms = "one number" if count == 1 else "one number, or two as GENERATOR,DISCRIMINATOR"
        raise BadInput(f"--lr: {text!r} is no learning rate; give {forms}")
    return rates


def _whole_number(text: str | None) -> int | str | None:
    """An integer where ``text`` is one; other words are for the recipe's rules to judge."""
    try:
        return None if text is None else int(text)
    except ValueError:
        return text
