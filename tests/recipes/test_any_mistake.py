"""Every mistake in every place of every shipped recipe: still a recipe, or one line with the cure.

Places come from the recipes with every setting spelled out, what is allowed there from the schema;
msgspec, which knows nothing of our messages, says what has the form. So a key that is new in the
schema, or a recipe that is new in the package, is tested from its first day.
"""

from __future__ import annotations

import copy
import datetime
import itertools
import math
import re
import tomllib
import types
import typing
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Literal, NamedTuple

import msgspec
import pytest
import tomli_w
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from mnist_engine.errors import BadInput
from mnist_engine.recipes import AnyRecipe, load_recipe, recipe_text, shipped_recipes
from mnist_engine.recipes.files import read_toml, recipe_from
from mnist_engine.recipes.layers import LAYERS, WORDS, Sizes
from mnist_engine.recipes.networks import INITIALISERS, SCALED_INITIALISERS, plan_networks
from mnist_tui.cli import main

SOURCE = "mine.toml"
LONGEST_LINE = 500
EXAMPLES = 50
MANY = 1000

Path_ = tuple[str | int, ...]
Tree = dict[str, Any]
TREES: dict[str, Tree] = {
    name: tomllib.loads(recipe_text(load_recipe(name))) for name in shipped_recipes()
}


# --- places, and what the schema has there ------------------------------------------------------


class Place(NamedTuple):
    """Somewhere in a recipe; ``form`` is the type that the schema has there."""

    recipe: str
    path: Path_
    form: Any

    @property
    def key(self) -> str:
        """As a message names it: generator.layers[2]."""
        return "".join(
            f"[{step}]" if isinstance(step, int) else f".{step}" for step in self.path
        ).removeprefix(".")

    @property
    def value(self) -> Any:
        """What stands there in the recipe."""
        return at(TREES[self.recipe], self.path)

    @property
    def parent(self) -> Any:
        """The table or list that it stands in."""
        return at(TREES[self.recipe], self.path[:-1])

    def planted(self, value: Any) -> Tree:
        """The recipe with another value there."""
        tree = copy.deepcopy(TREES[self.recipe])
        at(tree, self.path[:-1])[self.path[-1]] = value
        return tree

    def removed(self) -> Tree:
        """The recipe without what stands there."""
        tree = copy.deepcopy(TREES[self.recipe])
        del at(tree, self.path[:-1])[self.path[-1]]
        return tree


def at(tree: Any, path: Path_) -> Any:
    for step in path:
        tree = tree[step]
    return tree


def members(form: Any) -> tuple[Any, ...]:
    """The types of a union, or the one that it is; bounds stay with what they bound."""
    if typing.get_origin(form) in (typing.Union, types.UnionType):
        return tuple(member for part in typing.get_args(form) for member in members(part))
    return (form,)


def bare(form: Any) -> Any:
    return typing.get_args(form)[0] if hasattr(form, "__metadata__") else form


def structs(form: Any) -> list[Any]:
    return [m for m in members(form) if isinstance(m, type) and issubclass(m, msgspec.Struct)]


def tags(form: Any) -> dict[str, Any]:
    """The tables of a union by their tags."""
    return {s.__struct_config__.tag: s for s in structs(form) if s.__struct_config__.tag_field}


def tag_field(form: Any) -> str | None:
    return structs(form)[0].__struct_config__.tag_field


def table_of(form: Any, table: Tree) -> Any:
    """The struct that ``table`` is."""
    tag = tag_field(form)
    return tags(form)[table[tag]] if tag else structs(form)[0]


def forms_in(form: Any, table: Tree) -> dict[str, Any]:
    """What may stand under each key of ``table``."""
    struct = table_of(form, table)
    tag = {tag_field(form): Literal[tuple(tags(form))]} if tag_field(form) else {}
    fields = typing.get_type_hints(struct, include_extras=True)
    return tag | {key: fields[key] for key in struct.__struct_fields__}


def item_form(form: Any, position: int) -> Any:
    items = typing.get_args(form)
    return items[0] if items[-1] is Ellipsis else items[position]


def is_list(form: Any) -> bool:
    return typing.get_origin(bare(form)) is tuple


def places_in(recipe: str, value: Any, form: Any, path: Path_ = ()) -> Iterator[Place]:
    if path:
        yield Place(recipe, path, form)
    if isinstance(value, dict):
        forms = forms_in(form, value)
        for key, item in value.items():
            yield from places_in(recipe, item, forms[key], (*path, key))
    elif isinstance(value, list):
        for position, item in enumerate(value):
            yield from places_in(recipe, item, item_form(bare(form), position), (*path, position))


ROOTS = [Place(recipe, (), AnyRecipe) for recipe in TREES]
PLACES = [place for recipe, tree in TREES.items() for place in places_in(recipe, tree, AnyRecipe)]
KEYS = [place for place in PLACES if isinstance(place.path[-1], str)]
TABLES = [*ROOTS, *(place for place in PLACES if isinstance(place.value, dict))]
LISTS = [place for place in PLACES if isinstance(place.value, list)]
TEXTS = [place for place in PLACES if isinstance(place.value, str)]
CHOICES = [p for p in TEXTS if any(typing.get_origin(m) is Literal for m in members(p.form))]
LAYER_TEXTS = [place for place in TEXTS if "layers" in place.path]
INITIALISER_TEXTS = [place for place in TEXTS if place.path[-1] in ("weights", "biases")]


def table_with(place: Place) -> Place:
    """The table in which a key stands."""
    return next(t for t in TABLES if (t.recipe, t.path) == (place.recipe, place.path[:-1]))


def is_required(place: Place) -> bool:
    """Whether a recipe is none without it; a tag always is."""
    parent = table_with(place)
    name = place.path[-1]
    fields = {
        field.name: field for field in msgspec.structs.fields(table_of(parent.form, parent.value))
    }
    return name not in fields or fields[str(name)].required


def words_for(form: Any) -> list[str]:
    """What a message must say to someone who is to write what ``form`` allows."""
    said: list[str] = []
    for member in members(form):
        kind = bare(member)
        if typing.get_origin(kind) is Literal:
            said += typing.get_args(kind)
        elif kind in (int, float, str, bool):
            said.append(
                {int: "whole number", float: "number", str: "a text", bool: "true or false"}[kind]
            )
        elif is_list(kind):
            items = typing.get_args(kind)
            said.append("a list" if items[-1] is Ellipsis else f"a list of {len(items)}")
            said += words_for(items[0])
        for meta in getattr(member, "__metadata__", ()):
            bounds = (meta.ge, meta.gt, meta.le, meta.lt)
            said += [str(b) if isinstance(b, int) else f"{b:g}" for b in bounds if b is not None]
    if structs(form):
        said.append("a table")
        if tag_field(form):
            said += [str(tag_field(form)), *tags(form)]
        else:
            fields = msgspec.structs.fields(structs(form)[0])
            said += [field.name for field in fields if field.required]
    return said


def keys_for(place: Place) -> list[str]:
    """What a message must name to someone who wrote a key that there is not in this table."""
    return list(forms_in(place.form, place.value))


def has_form(value: Any, form: Any) -> bool:
    try:
        msgspec.convert(value, form)
    except msgspec.ValidationError:
        return False
    return not (isinstance(value, float) and not math.isfinite(value))  # TOML's, and no setting's


# --- what must hold -----------------------------------------------------------------------------


def refusal(read: Callable[[], AnyRecipe], source: str = SOURCE) -> str | None:
    """The line with which a recipe is refused, without its source; None where it is a recipe.

    A recipe is one if its networks can be planned and what is written of it reads back the same.
    """
    try:
        recipe = read()
    except BadInput as fault:
        line = str(fault)
        assert line.startswith(f"{source}: ")
        line = line.removeprefix(f"{source}: ")
        assert line.isprintable(), "one line, and nothing that steers a terminal"
        assert len(line) < LONGEST_LINE
        return line
    plans = plan_networks(recipe, Sizes(), check_sizes=recipe.data.directory is None)
    assert all(plans.values())
    assert recipe_from(tomllib.loads(recipe_text(recipe)), "copy") == recipe
    return None


def of_tree(tree: Tree) -> str | None:
    return refusal(lambda: recipe_from(tree, SOURCE))


def refused(tree: Tree, key: str, *words: str) -> str:
    """The line with which a recipe is refused: it begins with the key and has all the words."""
    line = of_tree(tree)
    assert line is not None, f"{key} is wrong, and nobody says so"
    assert line.startswith(f"{key}: ")
    cure = line.removeprefix(f"{key}: ")
    assert [word for word in words if word not in cure] == []
    return cure


CURES = [
    "it must be ", "must be one printable line", "must be printable", "allowed: ", "known are ",
    "there must be ", "is needed", "are needed; end it with ", "must lie between ", "must fit in",
    "they must be as many", "it is written ", "should stand", "put \"", "leave it out",
    "leave batch_norm out", "needs a momentum above 0", "lower it (--batch-size)",
    "raise it (--batch-size)", "keep a part in sight up to", "are too many", "it must be at least",
    "change its last channels, kernels, strides or padding",
]  # fmt: skip
"""How what is allowed is said where settings do not go together, or a layer is wrong."""


def fits_or_is_explained(tree: Tree, planted: Place | None = None) -> None:
    """What has the form and may still be wrong, together with something elsewhere.

    The key that is named then stands in the recipe, or is one that another tag asks for; what is
    taken is taken as it was planted.
    """
    line = of_tree(tree)
    if line is None:
        if planted is not None:
            taken = at(msgspec.to_builtins(recipe_from(tree, SOURCE)), planted.path)
            written = at(tree, planted.path)
            assert taken == (float(written) if isinstance(taken, float) else written)
        return
    key, _, cure = line.partition(": ")
    if cure.startswith("is missing; "):
        key, _, last = key.rpartition(".")
        assert last not in at_key(tree, key)
    at_key(tree, key)
    assert any(words in cure for words in CURES), line


def at_key(tree: Tree, key: str) -> Any:
    """What stands at a key as a message names it; KeyError where nothing does."""
    steps = key.replace("[", ".[").split(".") if key else []
    return at(tree, tuple(int(s[1:-1]) if s.startswith("[") else s for s in steps))


def at_key_of_toml(key: str) -> Path_:
    """The way to a key that is written as TOML writes it."""
    way, table = [], tomllib.loads(f"{key} = 1")
    while isinstance(table, dict):
        [(name, table)] = table.items()
        way.append(name)
    return tuple(way)


def mistakes(test: Callable[..., None]) -> Callable[..., None]:
    """Look for what ``test`` does not hold for in a few examples; in many, if time is no matter."""
    few, many = (
        settings(deadline=None, max_examples=count)(given(data=st.data())(test))
        for count in (EXAMPLES, MANY)
    )

    @pytest.mark.parametrize(
        "search",
        [pytest.param(few, id="few"), pytest.param(many, id="many", marks=pytest.mark.slow)],
    )
    def searched(search: Callable[[], None]) -> None:
        search()

    return searched


def misspelt(data: st.DataObject, word: str) -> str:
    """One letter doubled, left out or swapped with the next."""
    i = data.draw(st.integers(0, len(word) - 1), "letter")
    slips = [
        word[: i + 1] + word[i:],
        word[:i] + word[i + 1 :],
        word[:i] + word[i : i + 2][::-1] + word[i + 2 :],
    ]
    slip = data.draw(st.sampled_from(slips), "slip")
    assume(slip not in (word, ""))
    return slip


def guesses(cure: str, word: str, slip: str, allowed: list[str]) -> None:
    """``cure`` asks whether ``word`` was meant by ``slip``, or another that is as near.

    A doubled letter is nearest to the word itself. Of adawm nobody knows whether adam or adamw was
    meant, and of yb nothing is left to know by.
    """
    guess = re.search(r"did you mean (\S+)\? ", cure)
    if len(slip) > len(word):
        assert guess is not None
        assert guess[1] == word
    elif len(word) > 3:
        assert guess is not None
        assert guess[1] in allowed


# --- values -------------------------------------------------------------------------------------

VALUES = [
    True, False, 0, 1, -1, 2, 7, 10**9 + 1, 2**31, 2**63, -(10**30), 10**400, 0x10 ** 5000,
    0.0, -0.0, 0.5, 1.0, -0.5, 2.5, 1e-40, 1e-320, 1e7, 1e300, math.nan, math.inf, -math.inf,
    "", " ", "x", "0.5", "full", "\x1b[2J", "\n", "\x00", "\ufeff", "\u0663", "x" * 5000,
    [], {}, [["x"] * 300], {"x": ["y"] * 300},
    datetime.date(1979, 5, 27), datetime.time(7, 32), datetime.datetime(1979, 5, 27, 7, 32),
]  # fmt: skip
"""Of every type that TOML has; numbers below, above and beyond every bound; texts that are none."""


@mistakes
def test_a_value_of_another_type_or_out_of_range_is_told_what_is_allowed(
    data: st.DataObject,
) -> None:
    place = data.draw(st.sampled_from(PLACES), "place")
    value = data.draw(st.sampled_from(VALUES) | st.integers() | st.floats(), "value")
    assume(not (isinstance(value, dict) and structs(place.form)))
    assume(not (isinstance(value, list) and is_list(place.form)))
    if has_form(value, place.form):
        fits_or_is_explained(place.planted(value), place)
    else:
        refused(place.planted(value), place.key, *words_for(place.form))


def bounds(form: Any) -> list[float]:
    """Where the numbers that ``form`` allows begin and end."""
    metas = [meta for member in members(form) for meta in getattr(member, "__metadata__", ())]
    return [b for m in metas for b in (m.ge, m.gt, m.le, m.lt) if b is not None]


NUMBERS = {
    f"{place.path[-1]} of {table_with(place).form}": place
    for place in KEYS
    if {int, float} & set(map(bare, members(place.form)))
}


@pytest.mark.parametrize("place", NUMBERS.values(), ids=lambda place: place.key)
def test_a_number_is_taken_within_its_bounds_and_refused_beyond(place: Place) -> None:
    edges = [
        near for b in bounds(place.form) for near in (b, math.nextafter(b, -1e9), b - 1, b + 1)
    ]
    for number in [*edges, 2**63 - 1, 0.5]:
        if has_form(number, place.form):
            fits_or_is_explained(place.planted(number), place)
        else:
            refused(place.planted(number), place.key, *words_for(place.form))
    for never in [math.nan, math.inf, -math.inf, 2**63, -(10**400), True, "1"]:
        refused(place.planted(never), place.key, *words_for(place.form))


FORMS = {f"{place.path[-1]}: {place.form}": place for place in PLACES}


@pytest.mark.parametrize("place", FORMS.values(), ids=lambda place: place.key)
def test_nothing_stands_where_the_schema_has_another_type(place: Place) -> None:
    for value in VALUES:
        if isinstance(value, str | list | dict) and isinstance(place.value, type(value)):
            continue
        if not has_form(value, place.form):
            refused(place.planted(value), place.key, *words_for(place.form))


@mistakes
def test_a_misspelt_text_is_told_which_was_meant(data: st.DataObject) -> None:
    place = data.draw(st.sampled_from(CHOICES), "place")
    slip = misspelt(data, place.value)
    assume(not has_form(slip, place.form))
    cure = refused(place.planted(slip), place.key, *words_for(place.form))
    assert cure.startswith(f"is {slip!r}; ")
    guesses(cure, place.value, slip, words_for(place.form))


@mistakes
def test_what_would_steer_a_terminal_is_never_printed(data: st.DataObject) -> None:
    place = data.draw(st.sampled_from(TEXTS), "place")
    i = data.draw(st.integers(0, len(place.value)), "where")
    code = data.draw(st.characters(categories=["Cc", "Cf", "Zl", "Zp"]), "code")
    tree = place.planted(place.value[:i] + code + place.value[i:])
    fits_or_is_explained(tree, place)
    if place.path in (("name",), ("summary",)):
        refused(tree, place.key, "one printable line")


# --- keys and tables ----------------------------------------------------------------------------


@mistakes
def test_a_misspelt_key_is_told_which_was_meant(data: st.DataObject) -> None:
    place = data.draw(st.sampled_from(KEYS), "place")
    name = str(place.path[-1])
    slip = misspelt(data, name)
    table = table_with(place)
    assume(slip not in keys_for(table))
    tree = place.removed()
    at(tree, table.path)[slip] = place.value
    key = f"{table.key}.{slip}".removeprefix(".")
    cure = refused(tree, key, *keys_for(table))
    assert cure.startswith("there is no such key; ")
    guesses(cure, name, slip, keys_for(table))


@mistakes
def test_a_key_that_there_is_not_is_told_which_there_are(data: st.DataObject) -> None:
    table = data.draw(st.sampled_from(TABLES), "table")
    extra = data.draw(st.text(min_size=1) | st.sampled_from(["", " - at `$.epochs`", "k" * 5000]))
    assume(extra not in keys_for(table))
    tree = copy.deepcopy(TREES[table.recipe])
    at(tree, table.path)[extra] = data.draw(st.sampled_from(VALUES), "value")
    line = of_tree(tree)
    assert line is not None
    key, no_such, cure = line.partition(": there is no such key; ")
    assert no_such
    assert key.startswith(f"{table.key}." if table.key else "")
    if extra.isprintable() and len(extra) < 60:
        assert at_key_of_toml(key) == (*table.path, extra), "it is written as TOML would"
    assert [name for name in keys_for(table) if name not in cure] == []


@mistakes
def test_a_missing_key_is_told_what_is_needed(data: st.DataObject) -> None:
    place = data.draw(st.sampled_from(KEYS), "place")
    if is_required(place):
        cure = refused(place.removed(), place.key, *words_for(place.form))
        assert cure.startswith("is missing; ")
    else:
        fits_or_is_explained(place.removed())


@pytest.mark.parametrize("place", TABLES, ids=lambda place: f"{place.recipe}-{place.key}")
def test_an_empty_table_is_told_what_it_needs(place: Place) -> None:
    tree = place.planted({}) if place.path else {}
    missing = [p for p in KEYS if (p.recipe, p.path[:-1]) == (place.recipe, place.path)]
    needed = [p for p in missing if is_required(p)]
    if not needed:
        fits_or_is_explained(tree)
        return
    tag = tag_field(place.form)
    first = next(p for p in needed if p.path[-1] == tag) if tag else needed[0]
    assert refused(tree, first.key, *words_for(first.form)).startswith("is missing; ")


@mistakes
def test_a_list_of_another_length_is_told_how_long(data: st.DataObject) -> None:
    place = data.draw(st.sampled_from(LISTS), "place")
    change = data.draw(st.sampled_from(["emptied", "cut", "repeated", "doubled"]), "change")
    items = place.value
    i = data.draw(st.integers(0, max(0, len(items) - 1)), "item")
    other = {
        "emptied": [],
        "cut": items[:i] + items[i + 1 :],
        "repeated": items[: i + 1] + items[i:],
        "doubled": items * 2,
    }[change]
    if has_form(other, place.form):
        fits_or_is_explained(place.planted(other))
    else:
        count = f"has {len(other)} item{'' if len(other) == 1 else 's'}; "
        assert refused(place.planted(other), place.key, *words_for(place.form)).startswith(count)


# --- layers and initialisers --------------------------------------------------------------------

USAGES = [kind.usage for kind in LAYERS.values()]


def split_layer(text: str) -> tuple[str, str, list[str]]:
    """ "spectral " or nothing, the layer's name, its numbers."""
    words = text.split()
    before = "spectral " if words[0] == "spectral" else ""
    name, *numbers = words[1:] if before else words
    return before, name, numbers


@mistakes
def test_a_layer_with_too_many_or_too_few_numbers_is_told_how_it_is_written(
    data: st.DataObject,
) -> None:
    place = data.draw(st.sampled_from(LAYER_TEXTS), "place")
    before, name, numbers = split_layer(place.value)
    kind = LAYERS[name]
    count = data.draw(st.sampled_from([*range(kind.least), *range(kind.most + 1, 9)] or [9]))
    text = " ".join([before + name, *itertools.islice(itertools.cycle([*numbers, "1"]), count)])
    cure = f'has {count} number{"" if count == 1 else "s"}; it is written "{kind.usage}"'
    refused(place.planted(text), place.key, cure)


@mistakes
def test_a_layer_with_an_absurd_number_is_told_which_it_takes(data: st.DataObject) -> None:
    place = data.draw(st.sampled_from([p for p in LAYER_TEXTS if split_layer(p.value)[2]]), "place")
    before, name, numbers = split_layer(place.value)
    i = data.draw(st.integers(0, len(numbers) - 1), "which")
    absurd = data.draw(
        st.sampled_from(
            ["0", "-1", "1.5", "1e30", "1e400", "nan", "inf", "-inf", "9" * 400, "x", "\x1b[2J",
             "pixel", "\u0663", "1e-320", "--5", "'", "k" * 5000, "2147483648"]
        ) | st.floats().map(repr)
    )  # fmt: skip
    text = " ".join([before + name, *numbers[:i], absurd, *numbers[i + 1 :]])
    tree = place.planted(text)
    try:
        number = float(absurd)
    except ValueError:
        refused(tree, place.key, *WORDS, "should stand")
        return
    if number >= 0 and number < 1e9:
        fits_or_is_explained(tree, place)
        return
    cure = refused(tree, place.key, f"{number:g}")
    whole = re.search(r"a whole number from (\d+) to ([\d,]+) is needed", cure)
    lowest = whole or re.search(r"at least (\d)|above (\d)|between (\d)", cure)
    highest = whole or re.search(r"at most (\d)|below (\d)|between \d and (\d)", cure)
    assert lowest or not number < 0
    assert highest or not number > 0
    assert lowest or highest


@mistakes
def test_a_misspelt_layer_is_told_which_was_meant(data: st.DataObject) -> None:
    place = data.draw(st.sampled_from(LAYER_TEXTS), "place")
    before, name, numbers = split_layer(place.value)
    slip = misspelt(data, name)
    assume(slip not in LAYERS)
    cure = refused(place.planted(" ".join([before + slip, *numbers])), place.key, "is no layer; ")
    if before:
        assert name in cure
    else:
        guesses(cure, name, slip, [*LAYERS, "spectral"])
        assert [usage for usage in USAGES if usage not in cure] == []


@mistakes
def test_weights_that_begin_in_no_known_way_are_told_the_ways(data: st.DataObject) -> None:
    place = data.draw(st.sampled_from(INITIALISER_TEXTS), "place")
    name = data.draw(st.sampled_from([*INITIALISERS, *SCALED_INITIALISERS]), "name")
    slip = misspelt(data, name)
    rest = data.draw(
        st.sampled_from(["", " x", " nan", " inf", " -1", " 1e7", " 1e400", " 0.1 0.2", "\x00"]),
    )
    text = data.draw(st.sampled_from([slip, slip + rest, name + (rest or " 1 1")]), "text")
    assume(slip not in [*INITIALISERS, *SCALED_INITIALISERS])
    refused(
        place.planted(text), place.key, "is no initialiser; ", *INITIALISERS, *SCALED_INITIALISERS
    )


# --- files --------------------------------------------------------------------------------------


FILES = {name: tomli_w.dumps(tree).encode() for name, tree in TREES.items()}


def of_bytes(content: bytes) -> str | None:
    return refusal(lambda: recipe_from(read_toml(content, SOURCE), SOURCE))


def is_no_toml(content: bytes) -> str:
    line = of_bytes(content)
    assert line is not None
    assert line.startswith("is not TOML: ")
    assert "(at line " in line or "(at end of document)" in line
    assert line.endswith("it has [tables] and lines key = value, texts in quotes")
    return line


@pytest.mark.parametrize("name", TREES)
def test_a_byte_order_mark_is_no_mistake(name: str, tmp_path: Path) -> None:
    (tmp_path / SOURCE).write_bytes(b"\xef\xbb\xbf" + FILES[name].replace(b"\n", b"\r\n"))
    assert load_recipe(str(tmp_path / SOURCE)) == recipe_from(TREES[name], SOURCE)


@mistakes
def test_a_file_that_was_cut_off_is_told_where_or_what_is_missing(data: st.DataObject) -> None:
    text = FILES[data.draw(st.sampled_from(sorted(FILES)), "recipe")].decode()
    text = text[: data.draw(st.integers(0, len(text)), "letters")]
    try:
        tree = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        is_no_toml(text.encode())
    else:
        fits_or_is_explained(tree)


@mistakes
def test_a_control_code_in_a_file_is_told_where(data: st.DataObject) -> None:
    content = FILES[data.draw(st.sampled_from(sorted(FILES)), "recipe")]
    i = data.draw(st.integers(0, len(content)), "where")
    code = data.draw(st.sampled_from([*range(9), 11, 12, *range(14, 32), 127]), "code")
    is_no_toml(content[:i] + bytes([code]) + content[i:])


@mistakes
def test_bytes_that_are_no_text_are_told_how_to_save_them(data: st.DataObject) -> None:
    content = FILES[data.draw(st.sampled_from(sorted(FILES)), "recipe")]
    text = content.decode()  # between characters: inside one, the mistake is the half before it
    i = len(text[: data.draw(st.integers(0, len(text)), "where")].encode())
    byte = data.draw(st.sampled_from([b"\x80", b"\xff", b"\xfe", b"\xc3"]), "byte")
    line = of_bytes(content[:i] + byte + content[i:])
    assert line is not None
    assert line.startswith("is not UTF-8 text (")
    assert line.endswith(f" at byte {i}); save it as UTF-8")


@mistakes
def test_a_number_in_other_digits_is_told_where(data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(sorted(FILES)), "recipe")
    lines = FILES[name].decode().splitlines(keepends=True)
    numbers = [n for n, line in enumerate(lines) if line.partition("= ")[2][:1].isdigit()]
    n = data.draw(st.sampled_from(numbers), "line")
    zero = data.draw(st.sampled_from([0x660, 0x966, 0xFF10, 0x1D7CE]), "digits")
    lines[n] = lines[n].translate({ord("0") + digit: zero + digit for digit in range(10)})
    assert f"(at line {n + 1}, column " in is_no_toml("".join(lines).encode())


@pytest.mark.parametrize(
    "content",
    [
        b".".join([b"a"] * 3000) + b" = 1",
        b"epochs." + b".".join([b"a"] * 3000) + b" = 1",
        b"task = 'gan'\nepochs = " + b"[" * 300 + b"]" * 300,
        b"task = 'gan'\nepochs = 0x" + b"f" * 50_000,
        b"task = 'gan'\nepochs = [0x" + b"f" * 50_000 + b"]",
        b"task = 'gan'\n" + b"k" * 50_000 + b" = 1",
        b"[" + b"k" * 50_000 + b"]\n[" + b"k" * 50_000 + b"]",
        b"task = '" + b"k" * 50_000 + b"'",
    ],
    ids=["deep", "deep-epochs", "deep-list", "long-hex", "long-hex-item", "key", "twice", "text"],
)
def test_what_is_long_or_deep_is_told_in_a_short_line(content: bytes, tmp_path: Path) -> None:
    file = tmp_path / SOURCE
    file.write_bytes(content)
    assert refusal(lambda: load_recipe(str(file)), str(file)) is not None


# --- the command --------------------------------------------------------------------------------


ONE_OF_EACH_TASK = {str(tree["task"]): recipe for recipe, tree in TREES.items()}


@pytest.mark.parametrize(
    ("task", "place"),
    [
        pytest.param(task, place, id=f"{recipe}-{place.key}")
        for task, recipe in ONE_OF_EACH_TASK.items()
        for place in PLACES
        if place.recipe == recipe and place.path[-1] in ("learning_rate", "kind", "epochs", "limit")
    ],
)
def test_a_mistake_is_status_2_and_one_line(
    task: str,
    place: Place,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    file = tmp_path / SOURCE
    file.write_text(tomli_w.dumps(place.planted("?\n\x1b[2J")), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.argv", ["mnist-tui", task, "--no-ui", "-r", SOURCE])
    with pytest.raises(SystemExit) as left:
        main()
    output, errors = capsys.readouterr()
    assert (left.value.code, output) == (2, "")
    assert errors.startswith(f"mnist-tui: {SOURCE}: {place.key}: ")
    assert errors.count("\n") == 1
    assert errors.rstrip("\n").isprintable()
    assert [word for word in words_for(place.form) if word not in errors] == []
    assert not (tmp_path / "runs").exists(), "nothing was begun"
