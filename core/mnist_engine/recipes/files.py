"""Recipes as TOML files: the shipped ones, a person's own, and the copy that a run keeps."""

from __future__ import annotations

import difflib
import tomllib
from importlib.resources import files
from pathlib import Path
from typing import Any

import msgspec
import tomli_w

from mnist_engine.errors import BadInput
from mnist_engine.recipes.faults import explain
from mnist_engine.recipes.networks import check_layers
from mnist_engine.recipes.schema import AnyRecipe


def shipped_recipes() -> list[str]:
    """Names of the recipes that ship with the program, sorted."""
    folder = files("mnist_tui_assets") / "recipes"
    return sorted(file.name[:-5] for file in folder.iterdir() if file.name.endswith(".toml"))


def load_recipe(name_or_file: str) -> AnyRecipe:
    """A shipped recipe by its name, or any recipe by the path of its TOML file.

    Raises BadInput naming the file, the key and what is allowed there.
    """
    shipped = name_or_file in shipped_recipes()
    source = f"{name_or_file}.toml" if shipped else name_or_file
    return parse_recipe(_read(name_or_file), source, Path(source).stem)


def recipe_source(name_or_file: str) -> str:
    """The text of a recipe's file as it was written, comments and all; raises BadInput as above."""
    load_recipe(name_or_file)
    return _read(name_or_file).decode()


def _read(name_or_file: str) -> bytes:
    if name_or_file in shipped_recipes():
        return (files("mnist_tui_assets") / "recipes" / f"{name_or_file}.toml").read_bytes()
    path = Path(name_or_file)
    try:
        if path.suffix != ".toml" and not path.exists():
            raise BadInput(f"there is no recipe {name_or_file!r}; {_suggest(name_or_file)}")
        return path.read_bytes()
    except (OSError, ValueError) as error:  # ValueError: a name no file can have
        reason = getattr(error, "strerror", None) or error
        raise BadInput(f"{path}: cannot be read ({reason}); give a TOML file") from None


def parse_recipe(content: bytes, source: str, name: str) -> AnyRecipe:
    """Check the TOML in ``content``; ``source`` names it in messages, ``name`` is the recipe's own if it has none.

    Raises BadInput naming the source, the key and what is allowed there.
    """
    try:
        tree = tomllib.loads(content.decode())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadInput(f"{source}: is not TOML: {error}") from None
    tree.setdefault("name", name)
    return recipe_from(tree, source)


def recipe_from(tree: dict[str, Any], source: str) -> AnyRecipe:
    """Check a recipe given as nested dictionaries; raises BadInput as :func:`parse_recipe` does."""
    try:
        recipe: AnyRecipe = msgspec.convert(tree, AnyRecipe)
    except msgspec.ValidationError as error:
        raise BadInput(f"{source}: {explain(error, tree, AnyRecipe)}") from None
    check_layers(recipe, source)
    return recipe


def recipe_text(recipe: AnyRecipe) -> str:
    """The recipe as TOML, every setting spelled out; reading it gives an equal recipe."""
    return tomli_w.dumps(_without_none(msgspec.to_builtins(recipe)))


def _without_none(value: Any) -> Any:
    """TOML has no null: an absent key says the same."""
    if isinstance(value, dict):
        return {key: _without_none(item) for key, item in value.items() if item is not None}
    return list(value) if isinstance(value, tuple) else value


def _suggest(name: str) -> str:
    names = shipped_recipes()
    close = difflib.get_close_matches(name, names, 1)
    hint = f"did you mean {close[0]!r}? " if close else ""
    return f"{hint}shipped are {', '.join(names)}; a file's name ends in .toml"
