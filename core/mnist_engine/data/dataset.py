"""A dataset of labelled grey images: the MNIST that ships here, or a directory like it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mnist_engine.data.idx import by, read_idx
from mnist_engine.errors import BadInput, reason_of

MNIST = "MNIST"
"""The name of the dataset that ships; no other may have it."""

MNIST_TEST_IMAGES = "6d87418db22cc8025d05968bec9bd5c3932904b23485740db143a061a2c9d161"
"""The SHA-256 of the pixels of its test images."""

TRAIN_IMAGES = "train-images-idx3-ubyte"
TRAIN_LABELS = "train-labels-idx1-ubyte"
TEST_IMAGES = "t10k-images-idx3-ubyte"
TEST_LABELS = "t10k-labels-idx1-ubyte"

VALIDATION_COUNT = 5000
"""Training images that are held out for validation unless something else is asked for."""

Images = NDArray[np.uint8]
Labels = NDArray[np.uint8]


@dataclass(frozen=True, eq=False)
class Dataset:
    """Labelled images in a training and a test set; all arrays are read-only.

    Images are (count, height, width), from black (0) to white (255); labels are (count,), classes
    counted from 0.
    """

    name: str
    train_images: Images
    train_labels: Labels
    test_images: Images
    test_labels: Labels

    @property
    def image_shape(self) -> tuple[int, int]:
        """Height and width of every image, in pixels."""
        _, height, width = self.train_images.shape
        return height, width

    @property
    def class_count(self) -> int:
        """One more than the highest label of both sets; a class in between may have no images."""
        return 1 + int(max(self.train_labels.max(), self.test_labels.max()))

    @cached_property
    def is_mnist(self) -> bool:
        """Whether these are MNIST's digits: those that ship, or MNIST's test images elsewhere."""
        if self.name == MNIST:
            return True
        return hashlib.sha256(self.test_images.tobytes()).hexdigest() == MNIST_TEST_IMAGES


@dataclass(frozen=True, eq=False)
class Examples:
    """Images (count, height, width) with the labels (count,) that belong to them."""

    images: Images
    labels: Labels

    def __len__(self) -> int:
        return len(self.labels)


class Split(NamedTuple):
    """The training set of a :class:`Dataset` in two parts that share no image."""

    training: Examples
    validation: Examples


def load_dataset(directory: Path | str | None = None) -> Dataset:
    """Load the MNIST that ships with the program, or the dataset in ``directory``.

    A directory must hold the four files that MNIST has, under its names
    (``train-images-idx3-ubyte``, ``train-labels-idx1-ubyte``, ``t10k-images-idx3-ubyte``,
    ``t10k-labels-idx1-ubyte``), each plain or with ``.gz``; where both lie there, the plain one is
    read. Fashion-MNIST and KMNIST come so, and EMNIST once its files are renamed. Images may have
    any size, labels any number of classes up to 256.

    Raises :class:`BadInput` if a file is missing or damaged, if images and labels differ in
    number, or if training and test images differ in size.
    """
    if directory is None:
        return _load(MNIST, files("mnist_tui_assets") / "mnist")
    directory = Path(directory)
    try:
        if not directory.is_dir():
            fault = "is not a directory" if directory.exists() else "there is no such directory"
            raise BadInput(f"{directory}: {fault}; {_WHAT_IS_NEEDED}")
        name = directory.resolve().name
        return _load(f"{name} of {directory}" if name == MNIST else name, directory)
    except OSError as error:  # may not even be looked at, or has an impossible name
        raise BadInput(
            f"{directory}: cannot be read ({reason_of(error)}); {_WHAT_IS_NEEDED}"
        ) from error


def split_validation(
    dataset: Dataset, count: int = VALIDATION_COUNT, limit: int | None = None
) -> Split:
    """Hold out the **last** ``count`` training images for validation; the rest is for training.

    The split depends on nothing else, so runs can be compared. ``limit`` keeps the first so many
    images of the training part (all where there are fewer) and leaves the validation part alone. A
    ``count`` of 0 holds out nothing, for recipes that validate on the test set. Nothing is copied.

    Raises :class:`BadInput` if ``count`` is negative or leaves nothing to train on, or if
    ``limit`` is not above 0.
    """
    images, labels = dataset.train_images, dataset.train_labels
    if not 0 <= count < len(images):
        raise BadInput(
            f"{dataset.name}: cannot hold out {count} of {len(images)} training images for "
            f"validation; at most {len(images) - 1} can be"
        )
    if limit is not None and limit <= 0:
        raise BadInput(f"the limit of training images is {limit}; it must be above 0")
    end = len(images) - count
    kept = end if limit is None else min(limit, end)
    return Split(
        training=Examples(images[:kept], labels[:kept]),
        validation=Examples(images[end:], labels[end:]),
    )


_WHAT_IS_NEEDED = (
    "a dataset is a directory with the files "
    f"{TRAIN_IMAGES}, {TRAIN_LABELS}, {TEST_IMAGES} and {TEST_LABELS}, each with or without .gz"
)


def _load(name: str, directory: Path | Traversable) -> Dataset:
    train_images, train_labels = _read_pair(directory, TRAIN_IMAGES, TRAIN_LABELS)
    test_images, test_labels = _read_pair(directory, TEST_IMAGES, TEST_LABELS)
    train_size, test_size = train_images.shape[1:], test_images.shape[1:]
    if train_size != test_size:
        raise BadInput(
            f"{directory / TEST_IMAGES}: its images are {by(test_size)} pixels, those in "
            f"{TRAIN_IMAGES} {by(train_size)}; all must have one size"
        )
    return Dataset(name, train_images, train_labels, test_images, test_labels)


def _read_pair(
    directory: Path | Traversable, images_name: str, labels_name: str
) -> tuple[Images, Labels]:
    labels_file = _find(directory, labels_name)  # missing files show before 50 MB are unpacked
    images_file = _find(directory, images_name)
    images, labels = read_idx(images_file, 3), read_idx(labels_file, 1)
    if len(images) != len(labels):
        raise BadInput(
            f"{labels_file}: holds {len(labels)} labels for the {len(images)} images of "
            f"{images_file.name}; both must hold the same number"
        )
    return images, labels


def _find(directory: Path | Traversable, name: str) -> Path | Traversable:
    for candidate in (directory / name, directory / f"{name}.gz"):
        if candidate.is_file():
            return candidate
    raise BadInput(f"{directory / name}: there is no such file; {_WHAT_IS_NEEDED}")
