"""The weights of first layers as pictures."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from mnist_engine.inspection.weights import first_weights
from mnist_engine.training import TrainControl, Trainer, make_trainer


def trainer_of(make_recipe: Any, make_dataset: Any, task: str, **changes: Any) -> Trainer:
    return make_trainer(make_recipe(task, **changes), make_dataset(), TrainControl())


def lengths(pictures: np.ndarray) -> np.ndarray:
    return np.linalg.norm(pictures.reshape(len(pictures), -1), axis=1)


def test_units_of_a_linear_layer_are_images_the_longest_first(
    make_recipe: Any, make_dataset: Any
) -> None:
    trainer = trainer_of(make_recipe, make_dataset, "classify")
    found = first_weights(trainer, "classifier")
    weights = trainer.networks["classifier"].state_dict()["0.weight"]
    assert found.shape == (5, 4, 4)
    assert (np.diff(lengths(found)) <= 0).all()
    assert sorted(map(float, lengths(found))) == pytest.approx(sorted(map(float, lengths(weights))))


def test_of_a_discriminator_the_class_is_left_out(make_recipe: Any, make_dataset: Any) -> None:
    trainer = trainer_of(make_recipe, make_dataset, "gan", game={"conditional": True})
    weights = trainer.networks["discriminator"].state_dict()["0.weight"]
    assert weights.shape == (6, 16 + 3)
    found = first_weights(trainer, "discriminator").reshape(6, 16)
    expected = weights[:, :16]
    assert np.array_equal(found, expected[np.argsort(-lengths(expected))])


@pytest.mark.parametrize("kind", ["conv 7 3", "spectral conv 7 3"])
def test_of_a_convolution_they_are_kernels(make_recipe: Any, make_dataset: Any, kind: str) -> None:
    layers = ["unflatten 1 height width", kind, "flatten", "linear classes"]
    trainer = trainer_of(make_recipe, make_dataset, "classify", classifier={"layers": layers})
    assert first_weights(trainer, "classifier").shape == (7, 3, 3)


def test_a_generator_takes_no_images(make_recipe: Any, make_dataset: Any) -> None:
    trainer = trainer_of(make_recipe, make_dataset, "gan")
    with pytest.raises(ValueError, match="the generator has no layer that takes images"):
        first_weights(trainer, "generator")
