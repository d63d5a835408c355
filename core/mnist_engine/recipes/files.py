"""Recipes as TOML files: the shipped ones, a person's own, and the copy that a run keeps."""

from __future__ import annotations

import tomllib
from importlib.resources import files
from pathlib import Path
from typing import Any

import msgspec
import tomli_w

from mnist_engine.errors import BadInput
from mnist_engine.recipes.checks import LONGEST_NAME, check_recipe
from mnist_engine.recipes.faults import find_fault
from mnist_engine.recipes.schema import AnyRecipe
from mnist_engine.recipes.words import did_you_mean, one_line, shortened

ENCODING = "utf-8-sig"
"""TOML is UTF-8; editors on Windows put a byte order mark before it."""

LONGEST_FILE = 1 << 20
"""Bytes; what is longer is no recipe, and may never end (/dev/zero)."""

LONGEST_COMPLAINT = 200
"""Letters of what is said of TOML that is none: keys are repeated there, however long."""


def shipped_recipes() -> list[str]:
    """Names of the recipes that ship with the program, sorted."""
    folder = files("mnist_tui_assets") / "recipes"
    return sorted(file.name[:-5] for file in folder.iterdir() if file.name.endswith(".toml"))


def load_recipe(name_or_file: str, data: Path | None = None) -> AnyRecipe:
    """A shipped recipe by its name, or any recipe by the path of its TOML file.

    ``data`` is a directory of IDX files to use instead of the recipe's own. Raises BadInput naming
    the file, the key and what is allowed there.
    """
    shipped = name_or_file in shipped_recipes()
    source = Path(f"{name_or_file}.toml" if shipped else name_or_file)
    tree = read_toml(_read(name_or_file), str(source))
    if tree.get("name", "") == "":
        tree["name"] = one_line(source.stem)[:LONGEST_NAME]
    table = tree.setdefault("data", {})
    if isinstance(table, dict):  # the form is checked below
        if data is not None:
            table["directory"] = str(data.absolute())
        elif isinstance(table.get("directory"), str) and table["directory"]:
            table["directory"] = str((source.parent / table["directory"]).absolute())
    return recipe_from(tree, str(source))


def recipe_source(name_or_file: str) -> str:
    """The text of a recipe's file as it was written, comments and all; BadInput as above."""
    load_recipe(name_or_file)
    return _read(name_or_file).decode(ENCODING)


def read_toml(content: bytes, source: str) -> dict[str, Any]:
    """The tables in ``content``, read from ``source``; BadInput where it is not TOML."""
    try:
        return tomllib.loads(content.decode(ENCODING))
    except UnicodeDecodeError as error:
        fault = f"is not UTF-8 text ({error.reason} at byte {error.start}); save it as UTF-8"
    except RecursionError:
        fault = "is nested too deeply; no setting is a list of lists"
    except tomllib.TOMLDecodeError as error:
        where = shortened(str(error), LONGEST_COMPLAINT)
        fault = f"is not TOML: {where}; it has [tables] and lines key = value, texts in quotes"
    except ValueError:  # Python reads no number of thousands of digits
        fault = "is not TOML: it has a number that is too long; no setting needs one"
    raise BadInput(one_line(f"{source}: {fault}"))


def recipe_from(tree: dict[str, Any], source: str) -> AnyRecipe:
    """Check a recipe given as nested dictionaries.

    Raises BadInput, one line that names ``source``, the key, and what is allowed there.
    """
    try:
        if fault := find_fault(tree, AnyRecipe):
            raise BadInput(fault)
        recipe: AnyRecipe = msgspec.convert(tree, AnyRecipe)
        check_recipe(recipe)
    except (BadInput, msgspec.ValidationError) as error:
        raise BadInput(one_line(f"{source}: {error}")) from None
    return recipe


def recipe_text(recipe: AnyRecipe) -> str:
    """The recipe as TOML, every setting spelled out; reading it gives an equal recipe."""
    return tomli_w.dumps(_without_none(msgspec.to_builtins(recipe)))


def recipe_from_text(text: str, source: str) -> AnyRecipe:
    """The recipe that :func:`recipe_text` wrote; BadInput, naming ``source``, where it is none."""
    return recipe_from(read_toml(text.encode(), source), source)


def _read(name_or_file: str) -> bytes:
    if name_or_file in shipped_recipes():
        return (files("mnist_tui_assets") / "recipes" / f"{name_or_file}.toml").read_bytes()
    path = Path(name_or_file)
    try:
        if path.suffix != ".toml" and not path.exists():
            raise BadInput(f"there is no recipe {name_or_file!r}; {_suggest(name_or_file)}")
        with path.open("rb") as file:
            content = file.read(LONGEST_FILE + 1)
    except (OSError, ValueError) as error:  # ValueError: a name that no file can have
        reason = getattr(error, "strerror", None) or error
        raise BadInput(one_line(f"{path}: cannot be read ({reason}); give a TOML file")) from None
    if len(content) > LONGEST_FILE:
        raise BadInput(one_line(f"{path}: is longer than {LONGEST_FILE} bytes; give a TOML file"))
    return content


def _without_none(value: Any) -> Any:
    """TOML has no null: an absent key says the same."""
    if isinstance(value, dict):
        return {key: _without_none(item) for key, item in value.items() if item is not None}
    return list(value) if isinstance(value, tuple) else value


def _suggest(name: str) -> str:
    names = shipped_recipes()
    guess = did_you_mean(name.lower(), names)
    return f"{guess}shipped are {', '.join(names)}; a file's name ends in .toml"
