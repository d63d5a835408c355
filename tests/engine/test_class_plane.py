"""Pixels and their class as images of two channels."""

from __future__ import annotations

import numpy as np
import pytest

from mnist_engine import nn
from mnist_engine.autograd import Array, GradientTape, Tensor
from mnist_engine.autograd.layout import by_pixel
from mnist_engine.nn.initialisers import fan_in_uniform
from mnist_engine.nn.losses import one_hot

HEIGHT, WIDTH, CLASSES = 3, 4, 5
LABELS = np.array([4, 0, 2, 2, 1, 3])


def layer() -> nn.ClassPlane:
    return nn.ClassPlane(HEIGHT, WIDTH, CLASSES, np.random.default_rng(0))


def pixels(seed: int = 0) -> Array:
    shape = (len(LABELS), HEIGHT * WIDTH)
    return np.random.default_rng(seed).standard_normal(shape, dtype=np.float32)


def rows(seed: int = 0) -> Tensor:
    return Tensor(np.concatenate([pixels(seed), one_hot(LABELS, CLASSES)], axis=1))


def test_the_first_channel_is_the_pixels_the_second_the_picture_of_the_class() -> None:
    plane = layer()
    images = plane(rows()).data
    assert images.shape == (len(LABELS), 2, HEIGHT, WIDTH)
    np.testing.assert_array_equal(images[:, 0], pixels().reshape(-1, HEIGHT, WIDTH))
    pictures = plane.weight.data.reshape(CLASSES, HEIGHT, WIDTH)
    np.testing.assert_array_equal(images[:, 1], pictures[LABELS])


def test_no_rows_are_no_images() -> None:
    assert layer()(rows()[:0]).shape == (0, 2, HEIGHT, WIDTH)


def test_the_channels_of_a_pixel_lie_side_by_side_as_convolutions_want_them() -> None:
    assert by_pixel(layer()(rows()).data).flags.c_contiguous


def test_a_picture_learns_from_the_images_of_its_class() -> None:
    plane = layer()
    g = np.random.default_rng(2).standard_normal((len(LABELS), 2, HEIGHT, WIDTH), dtype=np.float32)
    with GradientTape() as tape:
        total = (plane(rows()) * g).sum()
    (found,) = tape.gradient(total, [plane.weight])
    of_planes = g[:, 1].reshape(len(LABELS), -1)
    expected = [of_planes[label == LABELS].sum(axis=0) for label in range(CLASSES)]
    np.testing.assert_allclose(found.data, expected, rtol=1e-5)


def test_a_tape_that_is_entered_again_sees_the_new_images() -> None:
    plane, tape = layer(), GradientTape()
    for seed in range(3):
        with tape:
            images = plane(rows(seed))
        np.testing.assert_array_equal(images.data[:, 0].reshape(len(LABELS), -1), pixels(seed))


def test_pictures_begin_as_an_embedding_does_unless_told_otherwise() -> None:
    rng = np.random.default_rng
    plane = nn.ClassPlane(20, 30, 4, rng(1))
    assert list(plane.state_dict()) == ["weight"]
    np.testing.assert_array_equal(plane.weight.data, nn.Embedding(4, 600, rng(1)).weight.data)
    scaled = nn.ClassPlane(20, 30, 4, rng(1), weights=fan_in_uniform).weight.data
    assert np.abs(scaled).max() == pytest.approx(4**-0.5, rel=0.01), "its inputs are the classes"


@pytest.mark.parametrize("shape", [(6, 12), (6, 18), (17,), (6, 1, 17)])
def test_rows_of_another_form_are_refused(shape: tuple[int, ...]) -> None:
    needed = r"needed is \(n, 17\): 12 pixels, then the class as a one-hot of 5"
    with pytest.raises(ValueError, match=needed):
        layer()(Tensor(np.zeros(shape, np.float32)))
