"""Walks through the latent space."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnist_engine.inspection.latent import Way, along_arc, along_line, effects, walk
from mnist_engine.training import TrainControl, make_trainer
from mnist_engine.training.gan import GanTrainer


@pytest.fixture
def gan(make_recipe: Any, make_dataset: Any) -> GanTrainer:
    recipe = make_recipe("gan", game={"conditional": True})
    trainer = make_trainer(recipe, make_dataset(), TrainControl())
    assert isinstance(trainer, GanTrainer)
    return trainer


def shown(trainer: GanTrainer) -> np.ndarray:
    event = trainer.draw_samples(False)
    return np.frombuffer(event.images, np.uint8).reshape(event.count, *event.image_shape)


@given(st.integers(0, 2**32 - 1), st.integers(2, 30))
def test_an_arc_keeps_its_distance_from_the_middle(seed: int, count: int) -> None:
    first, last = np.random.default_rng(seed).standard_normal((2, 20), dtype=np.float32)
    last *= np.linalg.norm(first) / np.linalg.norm(last)
    points = along_arc(first, last, count)
    assert np.allclose(points[[0, -1]], [first, last], atol=1e-5)
    assert np.allclose(np.linalg.norm(points, axis=1), np.linalg.norm(first), rtol=1e-4)
    steps = np.linalg.norm(np.diff(points, axis=0), axis=1)
    assert np.allclose(steps, steps[0], rtol=1e-3)


@pytest.mark.parametrize("factor", [0.0, 1.0, -1.0, 2.0])
def test_where_there_is_no_arc_the_way_is_straight(factor: float) -> None:
    first = np.array([1, 2, 3], np.float32)
    points = along_arc(first, factor * first, 5)
    assert np.allclose(points, along_line(first, factor * first, 5), atol=1e-6)


def test_a_walk_leads_from_one_shown_digit_to_the_other(gan: GanTrainer) -> None:
    found = walk(gan, Way(3, 8, 6))
    assert found.pictures.shape == (6, 4, 4)
    ends = found.pictures[[0, -1]].astype(int)
    assert np.abs(ends - shown(gan)[[3, 8]]).max() <= 1
    assert np.allclose(found.noise[[0, -1]], gan.shown_noise[[3, 8]], atol=1e-6)


def test_uniform_noise_goes_straight(make_recipe: Any, make_dataset: Any) -> None:
    trainer = make_trainer(
        make_recipe("gan", generator={"noise": "uniform"}), make_dataset(), TrainControl()
    )
    assert isinstance(trainer, GanTrainer)
    noise = walk(trainer, Way(0, 1, 3)).noise
    assert np.allclose(noise[1], noise[[0, 2]].mean(axis=0))


def test_a_class_is_that_of_all_pictures(gan: GanTrainer) -> None:
    here, there = (walk(gan, Way(0, 0, 2, label)).pictures for label in (0, 2))
    assert not np.array_equal(here, there)
    assert np.array_equal(here[0], here[1])
    assert np.abs(walk(gan, Way(0, 3, 2, 0)).pictures[0].astype(int) - shown(gan)[0]).max() <= 1


def test_turned_coordinates_are_added_to_every_point(gan: GanTrainer) -> None:
    turned = np.array([0, 2, 0], np.float32)
    plain, other = walk(gan, Way(0, 1, 4)), walk(gan, Way(0, 1, 4, turned=turned))
    assert np.allclose(other.noise - plain.noise, turned, atol=1e-6)
    assert not np.array_equal(other.pictures, plain.pictures)


def test_a_coordinate_that_is_not_looked_at_has_no_effect(gan: GanTrainer) -> None:
    generator = gan.networks["generator"]
    state = generator.state_dict()
    state["0.weight"][:, 1] = 0
    generator.load_state_dict(state)
    found = effects(gan)
    assert found.shape == (3,)
    assert found[1] == 0
    assert min(found[0], found[2]) > 0
