"""Whether generated digits were learnt by heart: copies have no novelty, real ones have it all."""

from __future__ import annotations

import numpy as np
import pytest

from mnist_engine.data.dataset import Dataset, Examples, load_dataset
from mnist_engine.metrics import generated
from mnist_engine.metrics.generated import Standard, compare, memorisation
from mnist_engine.metrics.judge import shipped_judge
from mnist_engine.metrics.neighbours import Nearest, nearest

rng = np.random.default_rng(0)
TRAINING = rng.integers(0, 256, (40, 6), np.uint8)
UNSEEN = rng.integers(0, 256, (9, 6), np.uint8)


@pytest.fixture(scope="module")
def mnist() -> Dataset:
    return load_dataset()


def plain_median(images: np.ndarray) -> float:
    """The median distance to the nearest of TRAINING, by its definition."""
    lengths = [
        min(float(np.linalg.norm(image / 255 - other / 255)) for other in TRAINING)
        for image in images
    ]
    return float(np.median(lengths))


def test_novelty_is_a_ratio_of_median_distances_to_the_nearest_training_image() -> None:
    pictures = rng.integers(0, 256, (14, 6), np.uint8)
    found = memorisation(pictures, UNSEEN, TRAINING)
    expected = plain_median(pictures), plain_median(UNSEEN)
    assert found["nearest training image"] == pytest.approx(expected[0])
    assert found["nearest to unseen"] == pytest.approx(expected[1])
    assert found["novelty"] == pytest.approx(expected[0] / expected[1])


def test_copies_have_no_novelty() -> None:
    assert memorisation(TRAINING[5:9], UNSEEN, TRAINING)["novelty"] == 0


def test_beside_unseen_images_that_are_copies_there_is_no_novelty_to_speak_of() -> None:
    found = memorisation(UNSEEN, TRAINING[:7], TRAINING)
    assert found.keys() == {"nearest training image", "nearest to unseen"}


def test_pictures_may_have_rows_and_columns() -> None:
    square = memorisation(UNSEEN.reshape(-1, 2, 3), UNSEEN, TRAINING.reshape(-1, 2, 3))
    assert square["novelty"] == 1


def test_real_digits_that_nobody_trained_on_are_as_new_as_others(mnist: Dataset) -> None:
    held_out, training = mnist.train_images[-500:], mnist.train_images[:5000]
    found = memorisation(held_out, mnist.test_images[::20], training)
    assert found["novelty"] == pytest.approx(1, abs=0.06)


def test_what_it_costs_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    looked_for: list[np.ndarray] = []

    def spy(queries: np.ndarray, references: np.ndarray) -> Nearest:
        looked_for.append(queries)
        return nearest(queries, references)

    monkeypatch.setattr(generated, "nearest", spy)
    monkeypatch.setattr(generated, "NEAREST_OF", 4)
    memorisation(TRAINING, UNSEEN, TRAINING)
    spaced = np.concatenate([TRAINING[::10], UNSEEN[[0, 2, 4, 6]]])
    np.testing.assert_array_equal(looked_for, [spaced])


def test_all_measures_hold_novelty_where_the_training_images_are_given(mnist: Dataset) -> None:
    standard = Standard.of(
        shipped_judge(), Examples(mnist.test_images[:200], mnist.test_labels[:200])
    )
    digits, training = mnist.train_images[:200], mnist.train_images[100:1000]
    without = compare(shipped_judge(), standard, digits)
    with_training = compare(shipped_judge(), standard, digits, training=training)
    extra = memorisation(digits, mnist.test_images[:200], training)
    assert with_training == without | extra
    assert extra.keys() == {"nearest training image", "nearest to unseen", "novelty"}
