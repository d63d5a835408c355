"""Generated digits against real ones, in one go: what a GAN is measured by.

All figures but distances and novelty are the judge's, so they stand for MNIST alone. Beside each of
them belongs its floor, what real digits reach against real ones: :func:`compare` of training
digits gives it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mnist_engine.data.dataset import Examples
from mnist_engine.metrics.classes import (
    class_shares,
    confident_share,
    kl_divergence,
    label_agreement,
    score,
)
from mnist_engine.metrics.frechet import Gaussian, frechet_distance, kernel_distance
from mnist_engine.metrics.judge import Judge, Opinion
from mnist_engine.metrics.neighbours import mean_pairwise_distance, nearest, precision_and_recall

SPREAD_OF = 256
"""Pictures whose mean pairwise distance is taken."""

NEAREST_OF = 1000
"""Pictures whose nearest training image is looked for."""

PRESENT = 0.01
"""A class with a larger share of the pictures than this counts as present."""

KERNEL_SUBSETS = 50
KERNEL_SIZE = 1000


def spread(images: NDArray[np.uint8]) -> float:
    """The mean L2 distance between the first pictures (n, pixels), pixels in [0, 1]; MNIST's: 10.

    It needs no judge.
    """
    some = images[:SPREAD_OF].reshape(min(len(images), SPREAD_OF), -1)
    return mean_pairwise_distance(some / np.float32(255))


def memorisation(
    images: NDArray[np.uint8], unseen: NDArray[np.uint8], training: NDArray[np.uint8]
) -> dict[str, float]:
    """Whether pictures (n, pixels) were drawn or copied from the ``training`` images (m, pixels).

    ``nearest training image`` is the median L2 distance of NEAREST_OF pictures, at most, to the
    training image that is nearest to each, pixels in [0, 1]; ``nearest to unseen`` is that of real
    images (k, pixels) that nobody trained on, test images say. ``novelty`` is the first as a part
    of the second: 1 where pictures are as far from what was trained on as unseen ones, 0 where they
    are copies. Smooth pictures are nearer to all others, so somewhat less than 1 is no proof of
    copying. Where the unseen images are training images there is no novelty to speak of.
    """
    pixels = [some.reshape(len(some), -1) for some in (images, unseen, training)]
    few, few_unseen = (_spaced(some, NEAREST_OF) for some in pixels[:2])
    distances = nearest(np.concatenate([few, few_unseen]), pixels[2]).distances / 255
    found = float(np.median(distances[: len(few)]))
    expected = float(np.median(distances[len(few) :]))
    measures = {"nearest training image": found, "nearest to unseen": expected}
    return measures | ({"novelty": found / expected} if expected else {})


def class_measures(
    probabilities: NDArray[np.float32],
    shares: NDArray[np.float64],
    labels: NDArray[np.integer] | None,
) -> dict[str, float]:
    """What the judge's ``probabilities`` (n, classes) say of which digits were generated.

    ``shares`` (classes,) are those of the real data, ``labels`` (n,) the classes that were asked
    for, None where none were.
    """
    found = class_shares(probabilities)
    measures = {
        "class KL": kl_divergence(found, shares),
        "top class": float(found.max()),
        "rarest class": float(found.min()),
        "classes": float((found > PRESENT).sum()),
        "MNIST score": score(probabilities),
        "confident": confident_share(probabilities),
    }
    if labels is not None:
        measures["label agreement"] = label_agreement(probabilities, labels)
    return measures


@dataclass(frozen=True, eq=False)
class Standard:
    """Real digits that generated ones are measured against, and what the judge sees in them."""

    images: NDArray[np.uint8]
    opinion: Opinion
    gaussian: Gaussian
    shares: NDArray[np.float64]

    @classmethod
    def of(cls, judge: Judge, examples: Examples, classes: int = 10) -> Standard:
        """That of real ``examples``, test images say."""
        opinion = judge.look(examples.images)
        shares = np.bincount(examples.labels, minlength=classes) / len(examples)
        return cls(examples.images, opinion, Gaussian.of(opinion.features), shares)

    def frechet_distance(self, opinion: Opinion) -> float:
        """FID; as many pictures as there are real ones make figures that can be compared."""
        return frechet_distance(self.gaussian, Gaussian.of(opinion.features))


def compare(
    judge: Judge,
    standard: Standard,
    images: NDArray[np.uint8],
    labels: NDArray[np.integer] | None = None,
    training: NDArray[np.uint8] | None = None,
) -> dict[str, float]:
    """All measures of pictures (n, pixels) bytes: the slow ones too, some ten seconds for 10,000.

    "KID x 1000" and "KID deviation" are both in thousandths: the mean over subsets, and the
    deviation of one subset's estimate. "class KL" is from the shares of the standard, those of test
    images say; an :class:`~mnist_engine.training.examiner.Examiner` takes those of the training
    images. Where the images that the pictures' generator was trained on are given, ``training``,
    its novelty is measured too, with the standard's as the unseen ones: see :func:`memorisation`.
    """
    opinion = judge.look(images)
    size = min(KERNEL_SIZE, len(images), len(standard.opinion.features))
    kernel = kernel_distance(
        standard.opinion.features,
        opinion.features,
        KERNEL_SUBSETS,
        size,
        np.random.default_rng(0),
    )
    neighbours = precision_and_recall(standard.opinion.features, opinion.features)
    return {
        "FID": standard.frechet_distance(opinion),
        "KID x 1000": 1000 * kernel.mean,
        "KID deviation": 1000 * kernel.deviation,
        "precision": neighbours.precision,
        "recall": neighbours.recall,
        **class_measures(opinion.probabilities, standard.shares, labels),
        "pairwise distance": spread(images),
        **({} if training is None else memorisation(images, standard.images, training)),
    }


def _spaced(images: NDArray[np.uint8], count: int) -> NDArray[np.uint8]:
    """``count`` of the images, evenly spaced: the second half of MNIST's test set is the harder."""
    chosen = np.linspace(0, len(images), min(count, len(images)), endpoint=False)
    some: NDArray[np.uint8] = images[chosen.astype(int)]
    return some
