"""Walks through a generator's latent space: from one digit to another, along single coordinates."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mnist_engine.nn.losses import one_hot
from mnist_engine.training.gan import GanTrainer

PROBES = 6
"""Shown digits whose coordinates are turned to find out which ones matter."""


class Way(NamedTuple):
    """From shown digit ``first`` to shown digit ``last``, in ``points`` pictures, both included.

    ``label`` is the class of all pictures; None for those of the two digits, with mixtures between
    them. ``turned`` (latent,) is added to every point; None adds nothing.
    """

    first: int
    last: int
    points: int
    label: int | None = None
    turned: NDArray[np.float32] | None = None


class Walk(NamedTuple):
    """What is met on a way: ``pictures`` (points, height, width) and ``noise`` (points, latent)."""

    pictures: NDArray[np.uint8]
    noise: NDArray[np.float32]


def walk(trainer: GanTrainer, way: Way) -> Walk:
    """The pictures on the way, as the generator makes them now."""
    ends = [way.first, way.last]
    first, last = trainer.shown_noise[ends]
    normal = trainer.recipe.generator.noise == "normal"
    noise = (along_arc if normal else along_line)(first, last, way.points)
    if way.turned is not None:
        noise += way.turned
    labels = trainer.shown_labels[ends] if way.label is None else np.array([way.label] * 2)
    told = one_hot(labels, trainer.sizes.classes)
    classes = along_line(told[0], told[1], way.points)
    return Walk(_pictures(trainer, noise, classes), noise)


def effects(trainer: GanTrainer) -> NDArray[np.float64]:
    """How far a picture moves when one coordinate is turned by 1: (latent,), in lengths of pixels.

    Those are Euclidean, with pixels from 0 to 1, and a mean over some of the shown digits.
    """
    latent = trainer.shown_noise.shape[1]
    probes = np.linspace(0, len(trainer.shown_noise) - 1, PROBES).astype(int)
    steps = np.eye(latent, dtype=np.float32)
    total = np.zeros(latent)
    for noise, classes in zip(
        trainer.shown_noise[probes],
        one_hot(trainer.shown_labels[probes], trainer.sizes.classes),
        strict=True,
    ):
        points = np.concatenate([noise[None], noise + steps])
        pictures = _pictures(trainer, points, np.tile(classes, (latent + 1, 1)))
        moved = pictures[1:].astype(np.float32) - pictures[0]
        total += np.sqrt(np.square(moved).sum(axis=(1, 2))) / 255
    return total / PROBES


def along_arc(
    first: NDArray[np.float32], last: NDArray[np.float32], count: int
) -> NDArray[np.float32]:
    """``count`` points (count, latent) on the great arc from ``first`` to ``last`` (latent,).

    Both ends are among them. Straight lines would lead through the middle, where normal noise of
    many numbers hardly ever is (White, 2016: slerp).
    """
    ends = np.stack([first, last]).astype(np.float64)  # else an angle near 0 or π has few digits
    lengths = np.linalg.norm(ends, axis=1)
    if not lengths.all():
        return along_line(first, last, count)
    angle = float(np.arccos(np.clip(ends[0] @ ends[1] / lengths.prod(), -1, 1)))
    if np.sin(angle) < 1e-6:
        return along_line(first, last, count)
    shares = _shares(count)
    points: NDArray[np.float32] = (
        np.sin((1 - shares) * angle) * first + np.sin(shares * angle) * last
    ) / np.float32(np.sin(angle))
    return points.astype(np.float32)


def along_line(
    first: NDArray[np.float32], last: NDArray[np.float32], count: int
) -> NDArray[np.float32]:
    """``count`` points (count, n) on the straight line between two (n,), both among them."""
    shares = _shares(count)
    return (1 - shares) * first + shares * last


def _shares(count: int) -> NDArray[np.float32]:
    return np.linspace(0, 1, count, dtype=np.float32)[:, None]


def _pictures(
    trainer: GanTrainer, noise: NDArray[np.float32], classes: NDArray[np.float32]
) -> NDArray[np.uint8]:
    """(n, latent) and shares of classes (n, classes) -> (n, height, width) bytes."""
    pictures = trainer.scaling.bytes_of(trainer.generate_shown(noise, classes).data)
    return pictures.reshape(len(pictures), *trainer.image_shape)
