"""What of a recipe has not the form that the schema gives it, and what would have.

msgspec turns the tree into structs and checks it too. But what it says is written for programmers
(`Expected `int` >= 1 - at `$.epochs``), leaves out which keys and texts are allowed, and can be
taken apart with certainty only until a key contains such a phrase; and it lets nan pass. So the
tree is walked here first, along msgspec's own description of the types: what is allowed is written
once, in the schema.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any

from msgspec import inspect

from mnist_engine.recipes.words import LARGEST_INTEGER, did_you_mean, key_at, shown


def find_fault(tree: dict[str, Any], form: Any) -> str | None:
    """One line: the key of the first fault, what is wrong there, and what is allowed or needed.

    ``tree`` is a recipe as TOML gives it, ``form`` the type that it shall become. None where no
    fault is found.
    """
    return next(_faults(tree, _described(form), ""), None)


@cache
def _described(form: Any) -> inspect.Type:
    """To describe the schema takes msgspec ten times as long as to walk a tree along it."""
    return inspect.type_info(form)


def _faults(value: Any, kind: inspect.Type, path: str) -> Iterator[str]:
    kinds = kind.types if isinstance(kind, inspect.UnionType) else (kind,)
    tables = [kind for kind in kinds if isinstance(kind, inspect.StructType)]
    lists = [k for k in kinds if isinstance(k, inspect.VarTupleType | inspect.TupleType)]
    if tables and isinstance(value, dict):
        yield from _faults_of_table(value, tables, path)
    elif lists and isinstance(value, list | tuple):
        yield from _faults_of_list(value, lists[0], path)
    elif not any(_fits(value, kind) for kind in kinds):
        yield f"{path}: is {shown(value)}; {_needed(kind, value)}"


def _faults_of_table(
    table: dict[str, Any], forms: Sequence[inspect.StructType], path: str
) -> Iterator[str]:
    """``forms`` are what the table may be; where there are several, the one with its tag counts."""
    tag = forms[0].tag_field
    if tag in table:
        tags = [str(form.tag) for form in forms]
        forms = [form for form in forms if form.tag == table[tag]]
        if not forms:
            yield f"{key_at(path, tag)}: is {shown(table[tag])}; {_one_of(tags, table[tag])}"
            return
    known = [*([tag] if tag else []), *(field.name for form in forms for field in form.fields)]
    known = list(dict.fromkeys(known))
    # A misspelt key comes before the missing one that it should have been: it is the one to mend.
    for key in table:
        if key not in known:
            yield f"{key_at(path, key)}: there is no such key; {_one_of(known, key)}"
    if tag and tag not in table:
        yield f"{key_at(path, tag)}: is missing; {_one_of([str(form.tag) for form in forms])}"
        return
    for field in forms[0].fields:
        where = key_at(path, field.name)
        if field.name in table:
            yield from _faults(table[field.name], field.type, where)
        elif field.required:
            yield f"{where}: is missing; {_needed(field.type)}"


def _faults_of_list(
    items: Sequence[Any], form: inspect.VarTupleType | inspect.TupleType, path: str
) -> Iterator[str]:
    if isinstance(form, inspect.VarTupleType):
        kinds: Sequence[inspect.Type] = [form.item_type] * len(items)
    else:
        kinds = form.item_types
    if len(items) != len(kinds):
        count = "1 item" if len(items) == 1 else f"{len(items)} items"
        yield f"{path}: has {count}; {_needed(form)}"
    for position, (item, kind) in enumerate(zip(items, kinds, strict=False)):
        yield from _faults(item, kind, f"{path}[{position}]")


def _fits(value: Any, kind: inspect.Type) -> bool:
    """Whether a value that is neither table nor list is what ``kind`` allows."""
    match kind:
        case inspect.NoneType():
            return value is None
        case inspect.BoolType():
            return isinstance(value, bool)
        case inspect.StrType():
            return isinstance(value, str)
        case inspect.LiteralType():
            return value in kind.values
        case inspect.IntType():
            return type(value) is int and _within(value, kind)
        case inspect.FloatType():
            return type(value) in (int, float) and _within(value, kind)
        case inspect.StructType() | inspect.VarTupleType() | inspect.TupleType():
            return False
        case _:
            return True  # no recipe has it yet; msgspec judges it


def _within(value: float, kind: inspect.IntType | inspect.FloatType) -> bool:
    """TOML knows nan, inf and Python's endless integers; no setting is ever one of these."""
    finite = abs(value) <= LARGEST_INTEGER if isinstance(value, int) else math.isfinite(value)
    return (
        finite
        and (kind.ge is None or value >= kind.ge)
        and (kind.gt is None or value > kind.gt)
        and (kind.le is None or value <= kind.le)
        and (kind.lt is None or value < kind.lt)
    )


# -- what is said of the form --------------------------------------------------------------------


def _needed(kind: inspect.Type, given: Any = None) -> str:
    """What may stand where something else, ``given``, or nothing stands."""
    kinds = kind.types if isinstance(kind, inspect.UnionType) else (kind,)
    texts = [str(t) for kind in kinds if isinstance(kind, inspect.LiteralType) for t in kind.values]
    tables = [kind for kind in kinds if isinstance(kind, inspect.StructType)]
    others = [_table_in_words(tables)] if tables else []
    # What is None is left out of a file: that it may be is nothing that could be written there.
    silent = inspect.LiteralType | inspect.NoneType | inspect.StructType
    others += [_in_words(kind) for kind in kinds if not isinstance(kind, silent)]
    if texts:
        return _one_of(texts, given, others)
    return f"it must be {' or '.join(others)}"


def _one_of(texts: Sequence[str], given: Any = None, others: Sequence[str] = ()) -> str:
    guess = did_you_mean(given, texts) if isinstance(given, str) else ""
    return f"{guess}allowed: {', '.join([*texts, *others])}"


def _table_in_words(forms: Sequence[inspect.StructType]) -> str:
    """What a table must hold at least: its tag, or else the keys that have no default."""
    if forms[0].tag_field:
        return f"a table with {forms[0].tag_field} = {' or '.join(repr(f.tag) for f in forms)}"
    required = [field.name for field in forms[0].fields if field.required]
    return f"a table with {' and '.join(required)}" if required else "a table"


def _in_words(kind: inspect.Type) -> str:
    match kind:
        case inspect.BoolType():
            return "true or false"
        case inspect.StrType():
            return "a text"
        case inspect.IntType() | inspect.FloatType():
            return _number_in_words(kind)
        case inspect.VarTupleType():
            return f"a list, each item {_in_words(kind.item_type)}"
        case inspect.TupleType():
            items = dict.fromkeys(_in_words(item) for item in kind.item_types)
            return f"a list of {len(kind.item_types)}: {', '.join(items)}"
        case _:
            return "something else"


def _number_in_words(kind: inspect.IntType | inspect.FloatType) -> str:
    whole, most = isinstance(kind, inspect.IntType), kind.le
    if whole and kind.le is None and kind.lt is None:
        most = LARGEST_INTEGER
    noun = "whole number" if whole else "number" if kind.le or kind.lt else "finite number"
    if kind.ge is not None and most is not None:
        return f"a {noun} from {_plain(kind.ge)} to {_plain(most)}"
    bounds = {"of at least": kind.ge, "above": kind.gt, "up to": most, "below": kind.lt}
    said = [f"{words} {_plain(bound)}" for words, bound in bounds.items() if bound is not None]
    return f"a {noun} {' and '.join(said)}".rstrip()


def _plain(bound: float) -> str:
    return str(bound) if isinstance(bound, int) else f"{bound:g}"
