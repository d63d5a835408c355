"""A person's own keys: a file of TOML that says which keys give which command.

::

    pause = "f5"
    zoom = ["enter", "z"]
    checkpoint = ""          # by no key
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import combinations
from pathlib import Path
from typing import Any

from mnist_engine.errors import BadInput, reason_of
from mnist_engine.recipes.files import read_toml
from mnist_engine.recipes.words import did_you_mean, one_line, shown
from mnist_tui.monitor.commands.command import Command
from mnist_tui.monitor.commands.key_names import key_called, key_name

Commands = tuple[Command[Any], ...]

WIDEST = 40
"""Characters before the comments of a file."""

ALWAYS = ("ctrl+c", "ctrl+q")
"""They leave, whatever a file says."""


def with_own_keys(commands: Commands, file: Path | None, environ: Mapping[str, str]) -> Commands:
    """``commands`` with the keys of ``file``, or of the file where people keep such things.

    That one need not be there. Raises BadInput, one line, where a file cannot be used.
    """
    path = file or default_file(environ)
    try:
        content = path.read_bytes()
    except FileNotFoundError as error:
        if file is None:
            return commands
        raise BadInput(f"--keys: {file}: {reason_of(error)}") from None
    except OSError as error:
        raise BadInput(f"{path}: cannot be read ({reason_of(error)})") from None
    return rebound(commands, read_toml(content, str(path)), str(path))


def default_file(environ: Mapping[str, str]) -> Path:
    """``mnist-tui/keys.toml`` among the settings of a person's programs."""
    folder = environ.get("XDG_CONFIG_HOME") or "~/.config"
    return Path(folder).expanduser() / "mnist-tui" / "keys.toml"


def rebound(commands: Commands, table: Mapping[str, Any], source: str) -> Commands:
    """``commands`` with the keys that ``table`` has by their ids; the others keep theirs.

    Raises BadInput where an id or a key is unknown, or where one key would stand for two commands.
    """
    known = {command.id for command in commands}
    chosen: dict[str, tuple[str, ...]] = {}
    for id, keys in table.items():
        try:
            if id not in known:
                guess = did_you_mean(id, sorted(known))
                raise BadInput(f"there is no such command; {guess}mnist-tui keys lists them")
            chosen[id] = _keys(id, keys)
        except BadInput as error:
            raise BadInput(one_line(f"{source}: {id}: {error}")) from None
    changed = tuple(replace(one, keys=chosen.get(one.id, one.keys)) for one in commands)
    for clash in clashes(changed):
        raise BadInput(f'{source}: {clash}; give one of them another key, or "" for none')
    return changed


def as_toml(commands: Iterable[Command[Any]]) -> str:
    """A file that gives ``commands`` the keys that they have, with what they are for."""
    lines: dict[str, tuple[str, str]] = {}
    for one in commands:
        keys = [key_name(key, unicode=False) for key in one.keys]
        given = json.dumps(keys if len(keys) > 1 else "".join(keys))
        lines.setdefault(one.id, (f"{one.id} = {given}", one.help))
    width = min(max(len(line) for line, _ in lines.values()), WIDEST)
    return "\n".join(f"{line:<{width}}  # {help}" for line, help in lines.values())


def clashes(commands: Sequence[Command[Any]]) -> list[str]:
    """What is said of each key that stands for two commands in one place; a panel is a place."""
    return [
        f"{key_name(key, unicode=False)} is the key of {one.id} ({one.name.lower()}) and of "
        f"{other.id} ({other.name.lower()})"
        for one, other in combinations(commands, 2)
        if one.id != other.id and _meet(one, other)
        for key in one.keys
        if key in other.keys
    ]


def _meet(one: Command[Any], other: Command[Any]) -> bool:
    """Whether both can be offered at a time, with neither before the other."""
    return (
        one.panel == other.panel
        and not set(one.places).isdisjoint(other.places)
        and (one.task is None or other.task is None or one.task == other.task)
    )


def _keys(id: str, given: object) -> tuple[str, ...]:
    """What a line of the file gives, in Textual's words."""
    texts = [given] if isinstance(given, str) else given
    if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
        raise BadInput(f"is {shown(given)}; it must be a key in quotes, or a list of them")
    keys = [key_called(text) for text in texts if text]
    for key in keys:
        if key in ALWAYS and id != "quit":
            raise BadInput(f"{key_name(key, unicode=False)} always leaves; choose another key")
    return tuple(dict.fromkeys([*keys, *ALWAYS] if id == "quit" else keys))
