"""What is told of a run that does what it was asked for, though perhaps not what was meant."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from mnist_engine.data.dataset import MNIST, Dataset
from mnist_engine.recipes import load_recipe, shipped_recipes
from mnist_engine.training import TrainControl, make_trainer
from mnist_engine.training.events import Started
from mnist_engine.training.remarks import remarks_on


def remarks(recipe: Any, dataset: Dataset) -> tuple[str, ...]:
    first = next(iter(make_trainer(recipe, dataset, TrainControl())))
    assert isinstance(first, Started)
    return first.remarks


@pytest.mark.parametrize("name", shipped_recipes())
def test_nothing_is_to_be_said_of_the_recipes_that_ship(name: str, make_dataset: Any) -> None:
    dataset = make_dataset(count=6000, classes=10)
    assert remarks_on(load_recipe(name), dataset, dataset.train_labels) == ()


def test_a_recipe_that_is_made_for_other_data(make_dataset: Any) -> None:
    clothes = make_dataset(count=6000, classes=10)
    digits = replace(clothes, name=MNIST)
    recipe = load_recipe("fashion-mlp")
    (line,) = remarks_on(recipe, digits, digits.train_labels)
    assert line == (
        "the recipe is made for Fashion-MNIST, but trained on MNIST: give the directory of its "
        "files (--data)"
    )
    assert remarks_on(recipe, clothes, clothes.train_labels) == ()


def test_a_limit_above_what_is_there(make_recipe: Any, make_dataset: Any) -> None:
    table = {"batch_size": 10, "held_out": 20, "directory": "/anywhere"}
    (line,) = remarks(make_recipe("classify", data={**table, "limit": 41}), make_dataset())
    assert line == (
        "data.limit is 41: all images are trained on, there are but 40, and 20 held out"
    )
    assert remarks(make_recipe("classify", data={**table, "limit": 40}), make_dataset()) == ()
    on_test = {**table, "validation": "test", "limit": 61}
    (line,) = remarks(make_recipe("classify", data=on_test), make_dataset())
    assert line == "data.limit is 61: all images are trained on, there are but 60"


@pytest.mark.parametrize(
    ("labels", "told"),
    [
        ([0, 2, 3], "class 1 of 0 to 3"),
        ([0, 3], "classes 1, 2 of 0 to 3"),
        ([0, 99], "98 classes of 0 to 99"),
    ],
)
def test_classes_that_no_image_shows(
    labels: list[int], told: str, make_recipe: Any, make_dataset: Any
) -> None:
    dots = make_dataset()
    dataset = replace(dots, train_labels=np.resize(np.array(labels, np.uint8), 60))
    expected = f"no image that is trained on shows {told}: nothing can be learned of it"
    for task in ("classify", "gan"):
        assert remarks(make_recipe(task), dataset) == (expected,)


@pytest.mark.parametrize(
    ("last", "pixels", "told"),
    [
        (
            ["tanh", "flatten"],
            "unit",
            'generator.layers ends in tanh, from -1 to 1, but data.pixels is "unit", which sigmoid '
            'draws; for tanh set data.pixels = "signed"',
        ),
        (
            ["sigmoid"],
            "signed",
            'generator.layers ends in sigmoid, from 0 to 1, but data.pixels is "signed", which '
            'tanh draws; for sigmoid set data.pixels = "unit"',
        ),
        (
            ["tanh"],
            "standardised",
            'generator.layers ends in tanh, from -1 to 1, but data.pixels is "standardised"; '
            'for tanh set data.pixels = "signed"',
        ),
        (
            ["relu"],
            "signed",
            'generator.layers ends in relu, from 0 to inf, but data.pixels is "signed", which '
            "tanh draws",
        ),
        (["sigmoid"], "unit", None),
        (["tanh"], "signed", None),
        ([], "standardised", None),
    ],
)
def test_outputs_that_are_not_in_the_range_of_the_pixels(
    last: list[str], pixels: str, told: str | None, make_recipe: Any, make_dataset: Any
) -> None:
    layers = ["linear 6", "relu", "linear pixels"]
    if "flatten" in last:
        layers.append("unflatten 1 height width")
    data = {"batch_size": 10, "held_out": 20, "directory": "/anywhere", "pixels": pixels}
    recipe = make_recipe("gan", generator={"layers": [*layers, *last]}, data=data)
    assert remarks(recipe, make_dataset()) == ((told,) if told else ())
