"""Generated digits against real ones, in one go: what a GAN is measured by.

All figures but the pairwise distance are the judge's, so they stand for MNIST alone. Beside each of
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
from mnist_engine.metrics.neighbours import mean_pairwise_distance, precision_and_recall

SPREAD_OF = 256
"""Pictures whose mean pairwise distance is taken."""

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
        "classes": float((found > PRESENT).sum()),
        "MNIST score": score(probabilities),
        "confident": confident_share(probabilities),
    }
    if labels is not None:
        measures["label agreement"] = label_agreement(probabilities, labels)
    return measures


@dataclass(frozen=True, eq=False)
class Standard:
    """Real digits that generated ones are measured against: what the judge sees in them."""

    opinion: Opinion
    gaussian: Gaussian
    shares: NDArray[np.float64]

    @classmethod
    def of(cls, judge: Judge, examples: Examples, classes: int = 10) -> Standard:
        """That of real ``examples``, test images say."""
        opinion = judge.look(examples.images)
        shares = np.bincount(examples.labels, minlength=classes) / len(examples)
        return cls(opinion, Gaussian.of(opinion.features), shares)

    def frechet_distance(self, opinion: Opinion) -> float:
        """FID; as many pictures as there are real ones make figures that can be compared."""
        return frechet_distance(self.gaussian, Gaussian.of(opinion.features))


def compare(
    judge: Judge,
    standard: Standard,
    images: NDArray[np.uint8],
    labels: NDArray[np.integer] | None = None,
) -> dict[str, float]:
    """All measures of pictures (n, pixels) bytes: the slow ones too, some ten seconds for 10,000.

    KID is given in thousandths, with the deviation over its subsets.
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
    }
