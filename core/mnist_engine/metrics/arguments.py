"""Arguments of measures: what they must be, and one clear line where they are not."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Numbers = NDArray[np.floating] | NDArray[np.integer]
"""What measures take: they make float64 of it."""

SUM_TOLERANCE = 1e-3
"""By how much probabilities may miss a sum of 1: float32 misses it by 1e-6, logits by far more."""


def check_vectors(what: str, vectors: Numbers, least: int) -> None:
    """ValueError unless ``vectors`` is (n, d), n at least ``least``, and all numbers are finite.

    ``what`` names them in messages: "Gaussian: features".
    """
    if vectors.ndim != 2 or len(vectors) < least or not vectors.shape[1]:
        raise ValueError(
            f"{what} have shape {vectors.shape}; needed is (n, d) with n of at least {least}"
        )
    # A NaN among the numbers is their least and their greatest.
    if not (math.isfinite(vectors.min()) and math.isfinite(vectors.max())):
        raise ValueError(f"{what} hold NaN or infinite numbers; all must be finite")


def check_same_width(what: str, a: Numbers, b: Numbers) -> None:
    """ValueError unless the vectors ``a`` (n, d) and ``b`` (m, d) have one d."""
    if a.shape[1] != b.shape[1]:
        raise ValueError(f"{what} have {a.shape[1]} and {b.shape[1]} columns; they must agree")


def distributions(what: str, probabilities: Numbers, axes: int = 2) -> Array:
    """``probabilities`` in float64: (n, classes) with n > 0, or (classes,) where ``axes`` is 1.

    ValueError unless none is negative and those of all classes add up to 1.
    """
    if probabilities.ndim != axes or not probabilities.size:
        needed = "(n, classes)" if axes == 2 else "(classes,)"
        raise ValueError(f"{what} have shape {probabilities.shape}; needed is {needed}, not empty")
    found = probabilities.astype(np.float64)
    off = np.abs(found.sum(axis=-1) - 1).max()
    if not (found.min() >= 0 and off <= SUM_TOLERANCE):  # written so that NaN is refused too
        raise ValueError(
            f"{what} are between {found.min():g} and {found.max():g} and miss a sum of 1 by "
            f"{off:g}; they must be 0 or more and add up to 1"
        )
    return found


def check_labels(what: str, labels: NDArray[np.integer], count: int, classes: int) -> None:
    """Raise unless ``labels`` are ``count`` numbers of classes, 0 to ``classes`` - 1.

    TypeError where they are not whole numbers, ValueError where there are more or fewer, IndexError
    where one is no class.
    """
    if labels.dtype.kind not in "iu":
        raise TypeError(f"{what} are {labels.dtype}; needed is an array of whole numbers")
    if labels.shape != (count,):
        raise ValueError(f"{what} have shape {labels.shape}; needed is ({count},)")
    if count and not 0 <= int(labels.min()) <= int(labels.max()) < classes:
        raise IndexError(
            f"{what} are {labels.min()} to {labels.max()}; "
            f"with {classes} classes they must be 0 to {classes - 1}"
        )
