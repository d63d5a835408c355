"""Which classes a classifier sees in images, and how surely: its probabilities, (n, classes).

All raise ValueError where these are not probabilities.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mnist_engine.metrics.arguments import Array, Numbers, check_labels, distributions


def class_shares(probabilities: Numbers) -> Array:
    """The fraction of images that each class is the most probable of, (classes,)."""
    probabilities = distributions("class_shares: probabilities", probabilities)
    count, classes = probabilities.shape
    shares: Array = np.bincount(probabilities.argmax(axis=1), minlength=classes) / count
    return shares


def kl_divergence(shares: Numbers, reference: Numbers) -> float:
    """Σ p ln(p/q) of the shares p and the reference q, both (classes,): 0 where they are equal.

    A class that has no share adds nothing (Kullback & Leibler, 1951); one that has a share and none
    in the reference makes the sum infinite. ValueError where there are more classes in one.
    """
    p = distributions("kl_divergence: shares", shares, axes=1)
    q = distributions("kl_divergence: reference shares", reference, axes=1)
    if p.shape != q.shape:
        raise ValueError(
            f"kl_divergence: shares of {len(p)} and of {len(q)} classes; they must agree"
        )
    return max(float(_divergence(p, q)), 0.0)  # of equal ones rounding may leave less


def score(probabilities: Numbers) -> float:
    """exp(mean KL(p(y|x) ‖ p(y))), p(y) being the mean of all p(y|x): the MNIST score.

    It is 1 where all images have the same probabilities, and as high as the number of classes where
    each is surely of one class and all classes are equally frequent. The inception score (Salimans
    et al., 2016) is the same formula with another classifier.
    """
    probabilities = distributions("score: probabilities", probabilities)
    return float(np.exp(_divergence(probabilities, probabilities.mean(axis=0)).mean()))


def confident_share(probabilities: Numbers, least: float = 0.95) -> float:
    """The fraction of images whose most probable class has a probability of at least ``least``.

    ValueError unless 0 < least <= 1.
    """
    if not 0 < least <= 1:
        raise ValueError(
            f"confident_share: least is {least}; it must be a probability above 0, at most 1"
        )
    probabilities = distributions("confident_share: probabilities", probabilities)
    return float((probabilities.max(axis=1) >= least).mean())


def label_agreement(probabilities: Numbers, labels: NDArray[np.integer]) -> float:
    """The fraction of images whose most probable class is their label, (n,).

    For generated images the label is the class that was asked for; for real ones this is the
    classifier's accuracy. TypeError, ValueError and IndexError tell what is wrong with labels.
    """
    probabilities = distributions("label_agreement: probabilities", probabilities)
    check_labels("label_agreement: labels", labels, *probabilities.shape)
    return float((probabilities.argmax(axis=1) == labels).mean())


def _divergence(p: Array, q: Array) -> Array:
    """Σ p ln(p/q) along the last axis."""
    q, occurs = np.broadcast_to(q, p.shape), p > 0
    with np.errstate(divide="ignore"):  # ln 0 = -∞ is what is meant
        log_p = np.log(p, where=occurs, out=np.zeros_like(p))
        log_q = np.log(q, where=occurs, out=np.zeros_like(p))
    divergence: Array = (p * (log_p - log_q)).sum(axis=-1)
    return divergence
