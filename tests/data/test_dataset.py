"""Datasets: the shipped MNIST is the real one, and a directory that is no dataset is refused."""

from __future__ import annotations

import gzip
import hashlib
import struct
from dataclasses import replace
from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest

from mnist_engine.data.dataset import Dataset, load_dataset, split_validation
from mnist_engine.errors import BadInput

CANONICAL_MD5 = {
    "train-images-idx3-ubyte": "6bbc9ace898e44ae57da46a324031adb",
    "train-labels-idx1-ubyte": "a25bea736e30d166cdddb491f175f624",
    "t10k-images-idx3-ubyte": "2646ac647ad5339dbf082846283269ea",
    "t10k-labels-idx1-ubyte": "27ae3e4e09519cfbb04c329615203637",
}
FOUR_FILES = list(CANONICAL_MD5)


@pytest.fixture(scope="module")
def mnist() -> Dataset:
    return load_dataset()


def write(path: Path, values: np.ndarray) -> None:
    """Write an IDX file, gzipped where its name says so."""
    content = bytes([0, 0, 8, values.ndim]) + struct.pack(f">{values.ndim}I", *values.shape)
    content += values.astype(np.uint8).tobytes()
    path.write_bytes(gzip.compress(content) if path.suffix == ".gz" else content)


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    """A small dataset of 5 x 7 images and 3 classes, two files of it gzipped."""
    directory = tmp_path / "stars"
    directory.mkdir()
    pixels = np.random.default_rng(0).integers(0, 256, (10, 5, 7))
    write(directory / "train-images-idx3-ubyte.gz", pixels[:6])
    write(directory / "train-labels-idx1-ubyte", np.array([0, 1, 0, 1, 0, 1]))
    write(directory / "t10k-images-idx3-ubyte", pixels[6:])
    write(directory / "t10k-labels-idx1-ubyte.gz", np.array([0, 1, 2, 0]))
    return directory


def fault(directory: Path) -> str:
    """The one line with which a directory is refused."""
    with pytest.raises(BadInput) as refused:
        load_dataset(directory)
    message = str(refused.value)
    assert str(directory) in message
    assert "\n" not in message
    return message


@pytest.mark.parametrize("name", FOUR_FILES)
def test_the_shipped_files_are_the_canonical_ones(name: str) -> None:
    packed = (files("mnist_tui_assets") / "mnist" / f"{name}.gz").read_bytes()
    content = gzip.decompress(packed)
    assert hashlib.md5(content, usedforsecurity=False).hexdigest() == CANONICAL_MD5[name]


def test_mnist_is_what_the_literature_says(mnist: Dataset) -> None:
    assert mnist.name == "MNIST"
    assert mnist.train_images.shape == (60_000, 28, 28)
    assert mnist.test_images.shape == (10_000, 28, 28)
    assert (mnist.image_shape, mnist.class_count) == ((28, 28), 10)
    assert mnist.train_labels[:5].tolist() == [5, 0, 4, 1, 9]
    assert mnist.test_labels[:5].tolist() == [7, 2, 1, 0, 4]
    train_counts = [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]
    assert np.bincount(mnist.train_labels).tolist() == train_counts
    test_counts = [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]
    assert np.bincount(mnist.test_labels).tolist() == test_counts
    # The mean and deviation by which everybody standardises MNIST.
    assert mnist.train_images.mean() / 255 == pytest.approx(0.1307, abs=5e-5)
    assert mnist.train_images.std(dtype=np.float64) / 255 == pytest.approx(0.3081, abs=5e-5)


def test_mnist_is_known_by_its_test_images_wherever_it_lies(mnist: Dataset) -> None:
    elsewhere = replace(mnist, name="digits of mine")
    changed = elsewhere.test_images.copy()
    changed[-1, 27, 27] ^= 1
    assert mnist.is_mnist
    assert elsewhere.is_mnist
    assert not replace(elsewhere, test_images=changed).is_mnist
    assert not replace(elsewhere, test_images=mnist.train_images[:10_000]).is_mnist


def test_a_directory_gives_its_own_size_classes_and_name(directory: Path) -> None:
    dataset = load_dataset(directory)
    assert dataset.name == "stars"
    assert dataset.train_images.shape == (6, 5, 7)
    assert dataset.test_images.shape == (4, 5, 7)
    assert dataset.image_shape == (5, 7)
    assert dataset.class_count == 3  # the third occurs in the test set only
    assert dataset.train_labels.tolist() == [0, 1, 0, 1, 0, 1]


def test_a_plain_file_wins_over_a_gzipped_one(directory: Path) -> None:
    write(directory / "train-labels-idx1-ubyte.gz", np.array([9, 9, 9, 9, 9, 9]))
    assert load_dataset(directory).train_labels.tolist() == [0, 1, 0, 1, 0, 1]


@pytest.mark.parametrize("name", FOUR_FILES)
def test_a_missing_file_is_named(directory: Path, name: str) -> None:
    for path in directory.glob(f"{name}*"):
        path.unlink()
    assert fault(directory).startswith(f"{directory / name}: there is no such file")


@pytest.mark.parametrize("name", FOUR_FILES)
def test_a_damaged_file_is_named(directory: Path, name: str) -> None:
    (path,) = directory.glob(f"{name}*")
    path.write_bytes(path.read_bytes()[:-1])
    assert fault(directory).startswith(f"{path}: ")


@pytest.mark.parametrize("count", [5, 7])
def test_labels_must_be_as_many_as_images(directory: Path, count: int) -> None:
    write(directory / "train-labels-idx1-ubyte", np.zeros(count))
    message = f"holds {count} labels for the 6 images of train-images-idx3-ubyte.gz"
    assert message in fault(directory)


def test_test_images_must_have_the_size_of_training_images(directory: Path) -> None:
    write(directory / "t10k-images-idx3-ubyte", np.zeros((4, 7, 5)))
    assert "its images are 7 x 5 pixels, those in train-images-idx3-ubyte 5 x 7" in fault(directory)


def test_an_empty_set_is_refused(directory: Path) -> None:
    write(directory / "t10k-images-idx3-ubyte", np.zeros((0, 5, 7)))
    assert "0 x 5 x 7 values, that is none" in fault(directory)


def test_images_and_labels_swapped_are_refused(directory: Path) -> None:
    write(directory / "t10k-images-idx3-ubyte", np.zeros(4))
    assert "has 1 dimensions, not 3" in fault(directory)


def test_something_else_than_a_directory_is_refused(directory: Path) -> None:
    assert "there is no such directory" in fault(directory / "nowhere")
    assert "is not a directory" in fault(directory / "train-labels-idx1-ubyte")
    assert "cannot be read (" in fault(directory / ("x" * 1000))


def test_the_last_training_images_are_held_out(mnist: Dataset) -> None:
    training, validation = split_validation(mnist)
    assert (len(training), len(validation)) == (55_000, 5_000)
    assert training.images.base is not None  # views: nothing is copied
    np.testing.assert_array_equal(training.images, mnist.train_images[:55_000])
    np.testing.assert_array_equal(training.labels, mnist.train_labels[:55_000])
    np.testing.assert_array_equal(validation.images, mnist.train_images[55_000:])
    np.testing.assert_array_equal(validation.labels, mnist.train_labels[55_000:])


def test_a_limit_shortens_the_training_part_only(mnist: Dataset) -> None:
    training, validation = split_validation(mnist, limit=2_000)
    assert (len(training), len(validation)) == (2_000, 5_000)
    np.testing.assert_array_equal(training.labels, mnist.train_labels[:2_000])
    np.testing.assert_array_equal(validation.labels, mnist.train_labels[55_000:])


def test_a_limit_above_what_there_is_keeps_all(mnist: Dataset) -> None:
    assert len(split_validation(mnist, limit=1_000_000).training) == 55_000


def test_holding_out_nothing_leaves_all_for_training(mnist: Dataset) -> None:
    training, validation = split_validation(mnist, count=0)
    assert (len(training), len(validation)) == (60_000, 0)


@pytest.mark.parametrize("count", [-1, 6, 5_000])
def test_a_count_that_leaves_nothing_to_train_on_is_refused(directory: Path, count: int) -> None:
    with pytest.raises(BadInput, match=f"^stars: cannot hold out {count} of 6 .* at most 5"):
        split_validation(load_dataset(directory), count)


@pytest.mark.parametrize("limit", [0, -3])
def test_a_limit_must_be_above_0(mnist: Dataset, limit: int) -> None:
    with pytest.raises(BadInput, match=f"is {limit}; it must be above 0"):
        split_validation(mnist, limit=limit)
