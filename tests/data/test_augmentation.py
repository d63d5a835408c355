"""Shifted images: every move within the bound, each as probable, and nothing but a move."""

from __future__ import annotations

import numpy as np
import pytest

from mnist_engine.data.augmentation import RandomShift
from mnist_engine.data.batches import Batches
from mnist_engine.data.dataset import Examples
from mnist_engine.data.pixels import PixelScaling
from mnist_engine.errors import BadInput

SHAPE = (7, 9)


def moved(image: np.ndarray, down: int, right: int) -> np.ndarray:
    """``image`` moved, pixel by pixel, by the definition."""
    result = np.zeros_like(image)
    height, width = image.shape
    for row in range(height):
        for column in range(width):
            if 0 <= row - down < height and 0 <= column - right < width:
                result[row, column] = image[row - down, column - right]
    return result


def random_images(count: int) -> np.ndarray:
    return np.random.default_rng(1).integers(1, 256, (count, *SHAPE), np.uint8)


@pytest.mark.parametrize("most", [1, 2, 6])
def test_images_are_moved_by_every_distance_equally_often_and_by_no_other(most: int) -> None:
    image = random_images(1)[0]
    possible = {
        moved(image, down, right).tobytes(): 0
        for down in range(-most, most + 1)
        for right in range(-most, most + 1)
    }
    shift = RandomShift(most, SHAPE, np.random.default_rng(2))
    count = 100 * len(possible)
    for result in shift.apply(np.repeat(image[None], count, axis=0)):
        possible[result.tobytes()] += 1
    assert min(possible.values()) > 60
    assert max(possible.values()) < 140


def test_smaller_and_larger_batches_may_follow_each_other() -> None:
    shift = RandomShift(2, SHAPE, np.random.default_rng(3))
    for count in (5, 2, 11, 1):
        assert shift.apply(random_images(count)).shape == (count, SHAPE[0] * SHAPE[1])


def test_images_may_not_be_moved_out_of_sight() -> None:
    RandomShift(6, SHAPE, np.random.default_rng(0))
    with pytest.raises(BadInput, match=r"data\.shift: 7 pixels are too many .* 7 x 9; at most 6"):
        RandomShift(7, SHAPE, np.random.default_rng(0))


@pytest.mark.parametrize("batch_size", [4, "full"])
@pytest.mark.parametrize("shuffled", [True, False])
def test_each_epoch_has_the_images_in_other_places_and_the_originals_stay(
    batch_size: int, shuffled: bool
) -> None:
    images = random_images(8)
    before = images.copy()
    batches = Batches(
        Examples(images, np.arange(8, dtype=np.uint8)),
        batch_size,  # type: ignore[arg-type]
        PixelScaling(1.0, 0.0),
        np.random.default_rng(4) if shuffled else None,
        RandomShift(2, SHAPE, np.random.default_rng(5)),
    )
    epochs = [
        {int(y): x.copy() for batch in batches.epoch() for x, y in zip(*batch, strict=True)}
        for _ in range(2)
    ]
    assert sum(np.array_equal(epochs[0][label], epochs[1][label]) for label in range(8)) < 4
    np.testing.assert_array_equal(images, before)
