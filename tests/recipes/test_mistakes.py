"""A mistake in a recipe: whatever it is, one line names the file, the key and what is allowed."""

from __future__ import annotations

import copy
import datetime
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import tomli_w
from hypothesis import given, settings
from hypothesis import strategies as st

from mnist_engine.errors import BadInput
from mnist_engine.recipes import load_recipe, recipe_source, recipe_text, shipped_recipes
from mnist_engine.recipes.files import LONGEST_FILE, recipe_from

Path_ = tuple[str | int, ...]


def tree_of(name: str) -> dict[str, Any]:
    """A shipped recipe with every setting spelled out."""
    return tomllib.loads(recipe_text(load_recipe(name)))


TREES = {name: tree_of(name) for name in shipped_recipes()}


def places(tree: Any, path: Path_ = ()) -> Iterator[Path_]:
    """Where something stands in a tree."""
    parts = tree.items() if isinstance(tree, dict) else ()
    parts = enumerate(tree) if isinstance(tree, list) else parts
    for key, value in parts:
        yield (*path, key)
        yield from places(value, (*path, key))


def refused(tree: dict[str, Any]) -> str:
    """The line with which a recipe is refused, without the name of its file."""
    with pytest.raises(BadInput) as fault:
        recipe_from(tree, "mine.toml")
    message = str(fault.value)
    assert message.startswith("mine.toml: ")
    assert message.isprintable(), "one line, and nothing that steers a terminal"
    return message.removeprefix("mine.toml: ")


def changed(name: str, path: str, value: Any) -> dict[str, Any]:
    """A shipped recipe with another value at a dotted path."""
    tree = copy.deepcopy(TREES[name])
    *tables, key = path.split(".")
    table = tree
    for step in tables:
        table = table.setdefault(step, {})
    table[key] = value
    return tree


scalars = st.one_of(
    st.booleans(),
    st.integers(),
    st.sampled_from([0, -1, 1, 10**30, -(10**400), 2**63]),
    st.floats(),
    st.text(max_size=8),
    st.sampled_from(["linear 1e400", "linear nan", "linear -3", "uniform inf", "relu 1 2", "full"]),
    st.sampled_from(
        ["flatten", "unflatten 1 28 28", "conv 4 nan", "conv 4 3 0", "spectral", "dcgan"]
    ),
    st.just(datetime.date(1979, 5, 27)),
    st.just(datetime.time(7, 32)),
)
values = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=5,
)
KEYS = [*(str(key) for tree in TREES.values() for path in places(tree) for key in path), "momentum"]
keys = st.sampled_from(sorted(set(KEYS))) | st.text(max_size=8)


@settings(max_examples=400, deadline=None)
@given(data=st.data())
def test_a_mistake_anywhere_is_one_line(data: st.DataObject) -> None:
    """Delete, rename, retype or add anything anywhere: still a recipe, or a clear line."""
    tree = copy.deepcopy(TREES[data.draw(st.sampled_from(sorted(TREES)), "recipe")])
    for _ in range(data.draw(st.integers(1, 2), "mistakes")):
        path = data.draw(st.sampled_from(list(places(tree)) or [()]), "place")
        if not path:
            break
        *way, key = path
        parent: Any = tree
        for step in way:
            parent = parent[step]
        change = data.draw(st.sampled_from(["delete", "rename", "replace", "add"]), "change")
        if change == "replace":
            parent[key] = data.draw(values, "value")
        elif change == "delete" or isinstance(parent, list):
            del parent[key]
        elif change == "rename":
            parent[data.draw(keys, "key")] = parent.pop(key)
        else:
            parent[data.draw(keys, "key")] = data.draw(values, "value")
    try:
        recipe = recipe_from(tree, "mine.toml")
    except BadInput as fault:
        message = str(fault)
        assert message.startswith("mine.toml: ")
        assert len(message) > len("mine.toml: x: ")
        assert message.isprintable()
    else:
        assert recipe_from(tomllib.loads(recipe_text(recipe)), "copy") == recipe


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=60) | st.text(max_size=60).map(lambda text: text.encode()))
def test_any_bytes_are_a_recipe_or_one_line(
    tmp_path_factory: pytest.TempPathFactory, content: bytes
) -> None:
    file = tmp_path_factory.getbasetemp() / "any.toml"
    file.unlink(missing_ok=True)  # anew: writing over a file waits for the disk
    file.write_bytes(content)
    with pytest.raises(BadInput) as fault:  # 60 bytes are too few for a recipe
        load_recipe(str(file))
    assert str(fault.value).startswith(f"{file}: ")
    assert str(fault.value).isprintable()


@pytest.mark.parametrize(
    ("recipe", "path", "value", "message"),
    [
        ("mlp", "epochs", 0, "epochs: is 0; it must be a whole number from 1"),
        ("mlp", "epochs", True, "epochs: is true; it must be a whole number"),
        ("mlp", "epochs", "5", "epochs: is '5'; it must be a whole number"),
        ("mlp", "epochs", 10**30, "epochs: is beyond 9e+18; it must be a whole number from"),
        (
            "mlp",
            "epochs",
            2**40,
            f"epochs: is {2**40}; it must be a whole number from 1 to 1000000000",
        ),
        ("mlp", "seed", -1, "seed: is -1; it must be a whole number from 0"),
        ("mlp", "seed", 2**64, "seed: is beyond 9e+18; it must be a whole number from"),
        ("mlp", "threads", 0, "threads: is 0; it must be a whole number from 1"),
        ("mlp", "data.shuffle", 1, "data.shuffle: is 1; it must be true or false"),
        ("mlp", "summary", "a\x1b[2J", "summary: must be one printable line"),
        ("mlp", "summary", "a\nb", "summary: must be one printable line"),
        ("mlp", "made_for", "a\nb", "made_for: must be one printable line of at most 100"),
        ("mlp", "name", "x" * 200, "name: must be one printable line of at most 100"),
        ("mlp", "provenance", "a\nb\x1b[2J", "provenance: line 2 must be printable"),
        ("mlp", "data.directory", "", "data.directory: is ''; it must be the printable name of a"),
        ("mlp", "data.directory", "a\nb", "data.directory: is 'a\\nb'; it must be the printable"),
        ("mlp", "data.shift", 28, "data.shift: is 28; images of 28 x 28 pixels keep a part in"),
        ("mlp", "data.held_out", 60000, "data.held_out: is 60000; it must be less than the 60000"),
        ("mlp", "data.batch_size", 55001, "there are 55000: lower it (--batch-size)"),
        ("mlp", "data.limit", 255, "there are 255: lower it (--batch-size) or raise data.limit"),
        ("dcgan", "data.batch_size", 1, "data.batch_size: is 1; batch_norm in generator.layers"),
        (
            "scratch-mlp",
            "classifier.schedule",
            {"kind": "steps", "after_epochs": [3, 0]},
            "classifier.schedule.after_epochs[1]: is 0; it must be a whole number from 1",
        ),
        ("mlp", "classifier", 5, "classifier: is 5; it must be a table"),
        ("mlp", "classifier.layers", "relu", "classifier.layers: is 'relu'; it must be a list"),
        ("mlp", "classifier.layers", [1], "classifier.layers[0]: is 1; it must be a text"),
        ("mlp", "classifier.layers", [], "classifier.layers: the network ends in 784 numbers"),
        (
            "mlp",
            "classifier.layers",
            ["linear 1e8", "linear 10"],
            "classifier.layers: the network has 79,500,000,010 parameters; there must be at least",
        ),
        (
            "mlp",
            "classifier.layers",
            ["linear 64"],
            "classifier.layers: the network ends in 64 numbers an example, 10 are needed; "
            'end it with "linear classes"',
        ),
        ("mlp", "classifier.layers", ["linear"], 'has 0 numbers; it is written "linear OUTPUTS"'),
        ("mlp", "classifier.layers", ["linear 2.5"], "has 2.5 outputs; a whole number"),
        ("mlp", "classifier.layers", ["linear inf"], "has inf outputs; a whole number"),
        ("mlp", "classifier.layers", ["linear nan"], "has nan outputs; a whole number"),
        ("mlp", "classifier.layers", ["linear x"], "has 'x' where a number, pixels, classes"),
        ("mlp", "classifier.layers", ["dropout 1"], "has probability 1; it must be at least 0"),
        ("mlp", "classifier.layers", ["leaky_relu 2"], "has slope 2; it must lie between 0 and 1"),
        ("mlp", "classifier.layers", ["batch_norm 0"], "has momentum 0; it must be above 0"),
        ("mlp", "classifier.layers", [""], "classifier.layers[0]: '' is no layer"),
        ("mlp", "classifier.weights", "uniform", "'uniform' is no initialiser; allowed: zeros"),
        ("mlp", "classifier.weights", "uniform inf", "'uniform inf' is no initialiser"),
        ("mlp", "classifier.weights", "normal -1", "'normal -1' is no initialiser"),
        (
            "mlp",
            "classifier.optimizer.learning_rate",
            float("nan"),
            "classifier.optimizer.learning_rate: is nan; it must be a number above 0",
        ),
        (
            "mlp",
            "classifier.optimizer.learning_rate",
            float("inf"),
            "classifier.optimizer.learning_rate: is inf; it must be a number above 0",
        ),
        (
            "mlp",
            "classifier.optimizer",
            {"kind": "sgd", "learning_rate": 0.1, "nesterov": True},
            "classifier.optimizer.nesterov: is true; it needs a momentum above 0",
        ),
        (
            "mlp",
            "classifier.optimizer",
            {"kind": "rmsprop", "alpha": 1.0},
            "classifier.optimizer.alpha: is 1.0; it must be a number of at least 0 and below 1",
        ),
        (
            "mlp",
            "classifier.clip_norm",
            0,
            "classifier.clip_norm: is 0; it must be a number above 0",
        ),
        (
            "mlp",
            "classifier.optimizer.betas",
            [0.9],
            "classifier.optimizer.betas: has 1 item; it must be a list of 2: ",
        ),
        (
            "mlp",
            "classifier.optimizer.betas",
            [0.9, 1.0],
            "classifier.optimizer.betas[1]: is 1.0; it must be a number of at least 0 and below 1",
        ),
        (
            "dense-adam",
            "generator.layers",
            ["tanh"],
            "generator.layers: the network ends in 100 numbers an example, 784 are needed; "
            'end it with "linear pixels"',
        ),
        *(
            (
                "dense-adam",
                "generator.layers",
                ["linear 500", "unflatten 20 5 5", "conv_transpose 3 4 4", "tanh", *flatten],
                "generator.layers: the network draws images of 3 x 20 x 20, 1 x 28 x 28 are needed "
                "(channels x height x width); change its last channels, kernels, strides or",
            )
            for flatten in ([], ["flatten"])
        ),
        (
            "dense-adam",
            "generator.layers",
            ["linear 784", "unflatten 1 28 28"],
            "generator.layers: the network ends in images of 1 x 28 x 28, 784 numbers in a row are "
            'needed; end it with "flatten"',
        ),
        ("dense-adam", "generator.latent", 784.5, "generator.latent: is 784.5; it must be a whole"),
    ],
)
def test_a_wrong_value_is_named_with_what_is_right(
    recipe: str, path: str, value: Any, message: str
) -> None:
    assert message in refused(changed(recipe, path, value))


def test_pixels_may_be_made_of_images_by_a_linear_layer() -> None:
    layers = ["linear 784", "unflatten 4 14 14", "conv 4 3 1 1", "flatten", "linear pixels"]
    recipe_from(changed("dense-adam", "generator.layers", layers), "test")


def test_a_network_without_parameters_is_refused() -> None:
    tree = changed("dense-adam", "generator.latent", 784)
    tree["generator"]["layers"] = ["tanh"]
    assert refused(tree).startswith("generator.layers: the network has 0 parameters")


@pytest.mark.parametrize(
    ("recipe", "path", "value", "message"),
    [
        (
            "mlp",
            "data.pixels",
            "standardized",
            "data.pixels: is 'standardized'; did you mean standardised? "
            "allowed: signed, standardised, unit",
        ),
        (
            "mlp",
            "data.batch_size",
            "ful",
            "data.batch_size: is 'ful'; did you mean full? "
            "allowed: full, a whole number from 1 to 1000000000",
        ),
        (
            "mlp",
            "classifier.optimizer.kind",
            "adamww",
            "classifier.optimizer.kind: is 'adamww'; did you mean adamw? allowed: ",
        ),
        (
            "mlp",
            "classifier.schedule.kind",
            "onecycle",
            "classifier.schedule.kind: is 'onecycle'; did you mean one-cycle? allowed: ",
        ),
        ("mlp", "task", "clasify", "task: is 'clasify'; did you mean classify? allowed: "),
        (
            "mlp",
            "epoch",
            5,
            "epoch: there is no such key; did you mean epochs? allowed: task, name, summary",
        ),
        (
            "mlp",
            "classifier.layer",
            [],
            "classifier.layer: there is no such key; did you mean layers? allowed: layers",
        ),
        ("dense-adam", "game.generator_every", 0, "game.generator_every: is 0; it must be a whole"),
        ("dense-adam", "game.gradient_penalty", -1, "game.gradient_penalty: is -1; it must be a"),
        (
            "dense-adam",
            "game.loss",
            "wasserstien",
            "game.loss: is 'wasserstien'; did you mean wasserstein? allowed: hinge, least-squares, "
            "non-saturating, wasserstein",
        ),
        (
            "wgan-gp",
            "discriminator.layers",
            ["linear 8", "batch_norm 0.2", "linear 1"],
            "game.gradient_penalty: is 10; it needs each image's own gradient, which batch_norm in "
            "discriminator.layers mixes with those of the others: leave batch_norm out, or set "
            "gradient_penalty = 0",
        ),
        (
            "dense-adam",
            "game.conditionnal",
            True,
            "game.conditionnal: there is no such key; did you mean conditional? allowed: loss",
        ),
        (
            "mlp",
            "classifier.optimizer.momentum",
            0.9,
            "classifier.optimizer.momentum: there is no such key; allowed: kind, learning_rate",
        ),
        (
            "mlp",
            "classifier.layers",
            ["leakyrelu 0.2"],
            "classifier.layers[0]: 'leakyrelu 0.2' is no layer; did you mean leaky_relu? "
            "known are linear OUTPUTS, sigmoid, tanh, relu, leaky_relu [SLOPE]",
        ),
    ],
)
def test_a_slip_of_the_pen_is_recognised(recipe: str, path: str, value: Any, message: str) -> None:
    assert message in refused(changed(recipe, path, value))


@pytest.mark.parametrize(
    ("key", "needed"),
    [
        ("task", "allowed: gan, classify"),
        ("epochs", "it must be a whole number from 1 to 1000000000"),
        ("classifier", "it must be a table with layers and optimizer"),
    ],
)
def test_a_missing_key_is_named_with_what_is_needed(key: str, needed: str) -> None:
    tree = copy.deepcopy(TREES["mlp"])
    del tree[key]
    assert refused(tree) == f"{key}: is missing; {needed}"


# --- files --------------------------------------------------------------------------------------


def refused_file(file: Path | str) -> str:
    with pytest.raises(BadInput) as fault:
        load_recipe(str(file))
    message = str(fault.value)
    assert message.isprintable()
    return message


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "task: is missing"),
        (b"task = ", "is not TOML: "),
        (b"task = 'gan'\ntask = 'gan'", "is not TOML: "),
        (b"\xff\xfe", "is not UTF-8 text"),
        (b"a = " + b"[" * 5000, "is nested too deeply"),
        (b"epochs = " + b"9" * 5000, "is not TOML: it has a number that is too long"),
        (b"#" * (LONGEST_FILE + 1), "is longer than 1048576 bytes"),
        (b'"a\\nb" = 1\ntask = "classify"', '"a\\nb": there is no such key; allowed: '),
    ],
)
def test_a_file_that_is_no_recipe_is_named(tmp_path: Path, content: bytes, message: str) -> None:
    file = tmp_path / "mine.toml"
    file.write_bytes(content)
    line = refused_file(file)
    assert line.startswith(f"{file}: ")
    assert message in line


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    assert "cannot be read (No such file" in refused_file(tmp_path / "none.toml")
    assert "cannot be read (Is a directory)" in refused_file(tmp_path)
    assert "cannot be read (File name too long)" in refused_file("x" * 5000)
    assert "there is no recipe 'a\\x00b'" in refused_file("a\0b")


def test_a_shipped_recipe_that_does_not_exist_is_no_riddle() -> None:
    line = refused_file("scrach-mlp")
    assert line.startswith("there is no recipe 'scrach-mlp'; did you mean scratch-mlp? shipped")
    assert all(name in line for name in shipped_recipes())


def test_a_file_name_with_a_line_end_stays_one_line(tmp_path: Path) -> None:
    file = tmp_path / "two\nlines.toml"
    file.write_text("")
    assert "two\\nlines.toml: task: is missing" in refused_file(file)


@pytest.mark.parametrize("name", ["0", "false", "[]", "{}"])
def test_a_name_that_is_no_text_is_no_missing_name(name: str, tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text(f"name = {name}\n" + recipe_source("mlp"), encoding="utf-8")
    assert "name: is " in refused_file(file)


def test_a_long_file_name_gives_a_name_that_is_short_enough(tmp_path: Path) -> None:
    file = tmp_path / f"{'long' * 40}.toml"
    file.write_text(recipe_source("mlp"), encoding="utf-8")
    assert load_recipe(str(file)).name == "long" * 25


def test_a_recipe_without_a_name_is_called_as_its_file(tmp_path: Path) -> None:
    file = tmp_path / "größer.toml"
    file.write_text(recipe_source("mlp"), encoding="utf-8")
    assert load_recipe(str(file)).name == "größer"
    file.write_text('name = ""\n' + recipe_source("mlp"), encoding="utf-8")
    assert load_recipe(str(file)).name == "größer"


# --- other data ---------------------------------------------------------------------------------


def with_sizes(tmp_path: Path, pixels: int, directory: str | None) -> Path:
    tree = copy.deepcopy(TREES["dense-adam"])
    tree["generator"]["layers"][-2] = f"linear {pixels}"
    if directory is not None:
        tree["data"]["directory"] = directory
    file = tmp_path / "mine.toml"
    file.write_text(tomli_w.dumps(tree))
    return file


def test_sizes_are_checked_against_mnist_where_mnist_is_used(tmp_path: Path) -> None:
    assert "196 numbers an example, 784 are needed" in refused_file(with_sizes(tmp_path, 196, None))


def test_sizes_for_other_data_are_left_to_the_data(tmp_path: Path) -> None:
    file = with_sizes(tmp_path, 196, None)
    recipe = load_recipe(str(file), data=tmp_path / "small")
    assert recipe.data.directory == str(tmp_path / "small")


def test_a_directory_in_a_recipe_is_relative_to_its_file(tmp_path: Path) -> None:
    recipe = load_recipe(str(with_sizes(tmp_path, 196, "../small")))
    assert recipe.data.directory == str(tmp_path / "../small")
