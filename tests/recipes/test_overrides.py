"""Flags of the command line, laid over a recipe."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from mnist_engine.errors import BadInput
from mnist_engine.recipes import ClassifierRecipe, GanRecipe, load_recipe
from mnist_engine.recipes.overrides import override


def test_nothing_asked_for_changes_nothing() -> None:
    recipe = load_recipe("dense-adam")
    assert override(recipe) == recipe


def test_each_flag_sets_its_setting() -> None:
    recipe = override(
        load_recipe("mlp"),
        epochs=3,
        batch_size="full",
        learning_rates="0.5",
        seed=7,
        threads=1,
        limit=900,
    )
    assert isinstance(recipe, ClassifierRecipe)
    assert (recipe.epochs, recipe.seed, recipe.threads) == (3, 7, 1)
    assert (recipe.data.batch_size, recipe.data.limit) == ("full", 900)
    assert recipe.classifier.optimizer.learning_rate == 0.5


@pytest.mark.parametrize(("text", "rates"), [("1e-3", (1e-3, 1e-3)), ("1e-3,2e-3", (1e-3, 2e-3))])
def test_a_gan_takes_one_learning_rate_or_two(text: str, rates: tuple[float, float]) -> None:
    recipe = override(load_recipe("dense-adam"), learning_rates=text)
    assert isinstance(recipe, GanRecipe)
    generator, discriminator = recipe.generator.optimizer, recipe.discriminator.optimizer
    assert (generator.learning_rate, discriminator.learning_rate) == rates


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        ({"epochs": 0}, "command line: epochs: is 0; it must be a whole number from 1"),
        ({"batch_size": "half"}, "command line: data.batch_size: is 'half'; allowed: full, a"),
        ({"batch_size": "--5"}, "command line: data.batch_size: is '--5'; allowed: full, a"),
        ({"batch_size": "-5"}, "command line: data.batch_size: is -5; allowed: full, a"),
        ({"batch_size": "9" * 5000}, "command line: data.batch_size: "),
        ({"learning_rates": ""}, "--lr: '' is no learning rate; give one number, or two"),
        ({"learning_rates": "1,2,3"}, "--lr: '1,2,3' is no learning rate"),
        ({"learning_rates": "fast"}, "--lr: 'fast' is no learning rate"),
        ({"learning_rates": "nan"}, "command line: generator.optimizer.learning_rate: is nan"),
        ({"learning_rates": "1e999"}, "command line: generator.optimizer.learning_rate: is inf"),
        ({"learning_rates": "0"}, "command line: generator.optimizer.learning_rate: is 0.0;"),
        ({"learning_rates": "1,-1"}, "command line: discriminator.optimizer.learning_rate: is -1"),
        ({"seed": -1}, "command line: seed: is -1; it must be a whole number from 0"),
        ({"seed": 2**64}, "command line: seed: is beyond"),
        ({"threads": 0}, "command line: threads: is 0; it must be a whole number from 1"),
        ({"limit": 0}, "command line: data.limit: is 0; it must be a whole number from 1"),
    ],
)
def test_a_wrong_flag_is_named_with_what_is_right(flags: dict[str, Any], message: str) -> None:
    with pytest.raises(BadInput) as fault:
        override(load_recipe("dense-adam"), **flags)
    assert str(fault.value).startswith(message)
    assert str(fault.value).isprintable()


@pytest.mark.parametrize(
    ("name", "setting", "places"),
    [
        ("mlp", "learning_rate = 0.1", "classifier.optimizer.learning_rate"),
        ("mlp", "optimizer.learning_rate = 0.1", "classifier.optimizer"),
        (
            "dense",
            "learning_rate = 0.1",
            "generator.optimizer.learning_rate or discriminator.optimizer.learning_rate",
        ),
    ],
)
def test_a_setting_without_its_table_is_asked_about(name: str, setting: str, places: str) -> None:
    with pytest.raises(BadInput) as fault:
        override(load_recipe(name), settings=[setting])
    assert str(fault.value).endswith(f"lies in no table; did you mean {places}?")


def test_any_setting_can_be_set_and_the_provenance_tells_it() -> None:
    recipe = load_recipe("conditional-dense")
    other = override(
        recipe, settings=["data.held_out = 40", 'game.loss="hinge"\ngame.first="generator"']
    )
    assert isinstance(other, GanRecipe)
    assert other.data.held_out == 40
    assert (other.game.loss, other.game.first) == ("hinge", "generator")
    assert other.provenance.splitlines() == [
        *recipe.provenance.splitlines(),
        "On the command line: data.held_out = 40",
        r'On the command line: game.loss="hinge"\ngame.first="generator"',
    ]


def test_a_directory_is_found_from_where_the_recipe_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    recipe = override(load_recipe("mlp"), settings=['data.directory = "clothes"'])
    assert recipe.data.directory == str(tmp_path / "clothes")
