"""A validator's complaint, said so that the person who wrote the recipe knows what to change."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from typing import Any

import msgspec
from msgspec import inspect


def one_line(text: str) -> str:
    """``text`` with escapes for all that would break a line or steer a terminal."""
    return "".join(c if c.isprintable() else repr(c)[1:-1] for c in text)


def explain(error: msgspec.ValidationError, tree: dict[str, Any], form: Any) -> str:
    """One line: the key, what is wrong with it, and what is allowed.

    ``tree`` is the recipe that was refused, ``form`` the type it was checked against.
    """
    complaint, _, path = str(error).partition(" - at ")
    key = path.strip("`").removeprefix("$").removeprefix(".") or ""
    unknown = re.search(r"unknown field `(.*)`", complaint, re.DOTALL)
    missing = re.search(r"missing required field `(.*)`", complaint)
    table = _table_at(key, tree, form)
    if unknown:
        allowed = table or []
        return f"{_join(key, unknown[1])}: there is no such key; {_closest(unknown[1], allowed)}"
    if missing:
        return f"{_join(key, missing[1])}: is missing"
    allowed = _choices_at(key, tree, form)
    value = _value_at(key, tree)
    shown = "" if value is _NOTHING else f" is {_short(value)};"
    if allowed:
        return f"{key}:{shown} {_closest(str(value), allowed)}"
    return f"{key or 'recipe'}:{shown} {_plain(complaint)}"


_NOTHING = object()
LONGEST_VALUE = 60


def _short(value: Any) -> str:
    """A value as it is shown: a whole table would bury what is said about it."""
    text = repr(value)
    return text if len(text) <= LONGEST_VALUE else f"{text[:LONGEST_VALUE]}..."


def _plain(complaint: str) -> str:
    """msgspec's own words, which are clear enough for types and ranges, in our form."""
    text = complaint.replace("`", "")
    text = re.sub(r"^Expected (.*), got .*$", r"it must be \1", text)
    text = re.sub(r"^Expected ", "it must be ", text)
    for technical, word in (
        ("int | str", 'a whole number or "full"'),
        ("int", "a whole number"),
        ("float", "a number"),
        ("str", "a text"),
        ("bool", "true or false"),
        ("array", "a list"),
        ("object", "a table"),
        (" | null", ""),
    ):
        text = re.sub(rf"(?<![\w]){re.escape(technical)}(?![\w])", word, text)
    return text


def _closest(given: str, allowed: Iterable[str]) -> str:
    allowed = list(allowed)
    close = difflib.get_close_matches(given, allowed, 1)
    hint = f"did you mean {close[0]}? " if close else ""
    return f"{hint}allowed: {', '.join(allowed)}"


def _join(*keys: str) -> str:
    return ".".join(key for key in keys if key)


def _steps(path: str) -> list[str | int]:
    return [int(i) if i else name for name, i in re.findall(r"([\w-]+)|\[(\d+)\]", path)]


def _value_at(path: str, tree: Any) -> Any:
    for step in _steps(path):
        try:
            tree = tree[step]
        except (KeyError, IndexError, TypeError):
            return _NOTHING
    return tree


def _type_at(path: str, tree: Any, form: Any) -> inspect.Type | None:
    """The type that the schema wants at ``path``; the tags in ``tree`` decide between tables."""
    kind: inspect.Type | None = inspect.type_info(form)
    for step in _steps(path):
        kind = _resolve(kind, tree)
        if isinstance(kind, inspect.StructType):
            kind = next((field.type for field in kind.fields if field.name == step), None)
        elif isinstance(kind, inspect.VarTupleType):
            kind = kind.item_type
        else:
            return None
        try:
            tree = tree[step]
        except (KeyError, IndexError, TypeError):
            tree = None
    return kind


def _resolve(kind: inspect.Type | None, tree: Any) -> inspect.Type | None:
    """The member of a union of tables whose tag ``tree`` carries."""
    if isinstance(kind, inspect.UnionType):
        tables = [t for t in kind.types if isinstance(t, inspect.StructType)]
        for table in tables:
            if (
                isinstance(tree, dict)
                and table.tag_field
                and tree.get(table.tag_field) == table.tag
            ):
                return table
        return None
    return kind


def _table_at(path: str, tree: Any, form: Any) -> list[str] | None:
    """The keys of the table at ``path``, None where it is no table."""
    kind = _resolve(_type_at(path, tree, form), _value_at(path, tree) if path else tree)
    if not isinstance(kind, inspect.StructType):
        return None
    tag = [kind.tag_field] if kind.tag_field else []
    return tag + [field.name for field in kind.fields]


def _choices_at(path: str, tree: Any, form: Any) -> list[str]:
    """The texts that are allowed at ``path``: literals, or the tags of a union of tables."""
    kind = _type_at(path, tree, form)
    if kind is None:  # a tag: its union is one level up
        parent, _, name = path.rpartition(".")
        union = _type_at(parent, tree, form)
        members = union.types if isinstance(union, inspect.UnionType) else (union,)
        return [
            str(t.tag) for t in members if isinstance(t, inspect.StructType) and t.tag_field == name
        ]
    members = kind.types if isinstance(kind, inspect.UnionType) else (kind,)
    texts = [
        str(value) for t in members if isinstance(t, inspect.LiteralType) for value in t.values
    ]
    if texts and any(isinstance(t, inspect.IntType) for t in members):
        texts.append("a whole number of at least 1")
    return texts
