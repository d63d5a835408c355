"""Failures that are planted in a healthy recipe, and the alarms that must find them; minutes.

The recipe is the default one, on all of MNIST, with the judge that ships.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from mnist_engine.data.dataset import Dataset
from mnist_engine.recipes import GanRecipe, load_recipe
from mnist_engine.training import TrainControl, make_trainer
from mnist_engine.training.events import Alarm, Trouble
from mnist_engine.training.limits import FIRST_JUDGED, FIRST_MARGIN, MEMORY

pytestmark = pytest.mark.slow

IN_TIME = 1500
"""Steps within which a failure must be told."""


def healthy() -> GanRecipe:
    recipe = load_recipe("conditional-dense")
    assert isinstance(recipe, GanRecipe)
    return msgspec.structs.replace(recipe, threads=1)


def changed(generator: float = 1, discriminator: float = 1, batch_norm: bool = True) -> GanRecipe:
    """The recipe with learning rates so many times larger, and without batch normalisation."""
    recipe = healthy()
    layers = recipe.generator.layers
    kept = tuple(layer for layer in layers if batch_norm or layer != "batch_norm")
    return msgspec.structs.replace(
        recipe,
        generator=msgspec.structs.replace(faster(recipe.generator, generator), layers=kept),
        discriminator=faster(recipe.discriminator, discriminator),
    )


def faster(table: Any, times: float) -> Any:
    """A network's table with a learning rate so many times larger."""
    rate = times * table.optimizer.learning_rate
    optimizer = msgspec.structs.replace(table.optimizer, learning_rate=rate)
    return msgspec.structs.replace(table, optimizer=optimizer)


def alarms(recipe: GanRecipe, mnist: Dataset, last: int) -> Iterator[Alarm]:
    """What is told of the first steps of a run, up to step ``last``."""
    for event in make_trainer(recipe, mnist, TrainControl()):
        if isinstance(event, Alarm):
            yield event
        if event.step > last:
            return


@pytest.mark.parametrize(
    ("recipe", "trouble", "judged_from"),
    [
        pytest.param(
            changed(discriminator=20), "discriminator winning", FIRST_MARGIN, id="D 20 times"
        ),
        pytest.param(changed(generator=20), "collapse", FIRST_JUDGED, id="G 20 times"),
        pytest.param(
            changed(generator=20, discriminator=20, batch_norm=False),
            "discriminator winning",
            FIRST_MARGIN,
            id="both 20 times without batch normalisation",
        ),
        pytest.param(
            changed(generator=100, discriminator=100), "divergence", MEMORY, id="both 100 times"
        ),
    ],
)
def test_a_planted_failure_is_told_by_its_name(
    recipe: GanRecipe, trouble: Trouble, judged_from: int, mnist: Dataset
) -> None:
    """Within IN_TIME steps of the first at which it can be told from how healthy runs begin."""
    assert trouble in {alarm.name for alarm in alarms(recipe, mnist, judged_from + IN_TIME)}


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_the_recipe_without_them_is_healthy(seed: int, mnist: Dataset) -> None:
    recipe = msgspec.structs.replace(healthy(), seed=seed)
    assert list(alarms(recipe, mnist, 2 * IN_TIME)) == []
