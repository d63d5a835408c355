"""Distances between points: precision, recall, spread, and who is nearest. All are Euclidean."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mnist_engine.metrics.arguments import Array, Numbers, check_same_width, check_vectors

DISTANCES = 1_000_000
"""How many distances are in memory at once, unless one point alone has more: 8 MB."""

REFERENCES = 5000
"""How many points are looked through at once for the nearest."""

NEAR = 1e-6
"""The part of |a|² below which |a - b|² may have lost too many digits: then |b|² is as large."""

PAIRS = 4096
"""How many near pairs are subtracted at once."""


class PrecisionRecall(NamedTuple):
    """Fractions from 0 to 1."""

    precision: float
    recall: float


def precision_and_recall(real: Numbers, fake: Numbers, k: int = 3) -> PrecisionRecall:
    """How much of ``fake`` looks real, and how much of ``real`` is covered by ``fake``.

    Improved precision and recall (Kynkäänniemi et al., 2019): around each point of a set lies a
    ball that reaches its ``k``-th nearest neighbour in that set. Precision is the fraction of fake
    features (m, d) within the ball of any real one (n, d); recall is the fraction of real ones
    within the ball of any fake one. ValueError unless both sets have more than ``k`` points.
    """
    if k < 1:
        raise ValueError(f"precision_and_recall: k is {k}; it must be at least 1")
    check_vectors("precision_and_recall: real features", real, least=k + 1)
    check_vectors("precision_and_recall: fake features", fake, least=k + 1)
    check_same_width("precision_and_recall: real and fake features", real, fake)
    real_radii, fake_radii = _squared_radii(real, k), _squared_radii(fake, k)
    fake_within = np.zeros(len(fake), bool)
    real_within = np.zeros(len(real), bool)
    for rows, part in _squared_distances(fake, real):
        fake_within[rows] = (part <= real_radii).any(axis=1)
        real_within |= (part <= fake_radii[rows, None]).any(axis=0)
    return PrecisionRecall(float(fake_within.mean()), float(real_within.mean()))


def mean_pairwise_distance(vectors: Numbers) -> float:
    """The mean of |aᵢ - aⱼ| over all i < j of ``vectors`` (n, d); near 0 where all are alike.

    ValueError for fewer than two vectors.
    """
    check_vectors("mean_pairwise_distance: vectors", vectors, least=2)
    total = sum(float(np.sqrt(part).sum()) for _, part in _squared_distances(vectors, vectors))
    count = len(vectors)
    return total / (count * (count - 1))  # each pair came twice, and each vector with itself, at 0


class Nearest(NamedTuple):
    """For each query the number of its nearest reference, (n,), and how far off that is, (n,)."""

    indices: NDArray[np.int64]
    distances: Array


def nearest(queries: Numbers, references: Numbers) -> Nearest:
    """The nearest of ``references`` (m, d) to each of ``queries`` (n, d), or one of the nearest."""
    check_vectors("nearest: queries", queries, least=1)
    check_vectors("nearest: references", references, least=1)
    check_same_width("nearest: queries and references", queries, references)
    indices = np.zeros(len(queries), np.int64)
    squares = np.full(len(queries), np.inf)
    for begin in range(0, len(references), REFERENCES):
        some = references[begin : begin + REFERENCES]
        for rows, part in _squared_distances(queries, some):
            candidates = part.argmin(axis=1)
            found = part[np.arange(len(part)), candidates]
            nearer = found < squares[rows]
            indices[rows][nearer] = begin + candidates[nearer]
            squares[rows][nearer] = found[nearer]
    return Nearest(indices, np.sqrt(squares))


def _squared_radii(points: Numbers, k: int) -> Array:
    """|aᵢ - aⱼ|² for the ``k``-th nearest other point aⱼ of each aᵢ, (n,)."""
    radii = np.empty(len(points))
    for rows, part in _squared_distances(points, points):
        radii[rows] = np.partition(part, k)[:, k]  # the 0-th nearest is the point itself
    return radii


def _squared_distances(a: Numbers, b: Numbers) -> Iterator[tuple[slice, Array]]:
    """|aᵢ - bⱼ|² for all of ``a`` (n, d) and ``b`` (m, d): some rows of the (n, m) at a time.

    By |a|² + |b|² - 2ab, which is a product of matrices: (a, |a|², 1) · (-2b, 1, |b|²). Near points
    lose digits by it, and equal ones are left with a rounding error in place of 0; so these are
    subtracted in the plain way. Points are measured from the first of ``b``: of a cloud far from 0
    all pairs would be near ones, and slow.
    """
    origin = b[0].astype(np.float64)
    others = b - origin
    factors = np.column_stack((-2 * others, np.ones(len(b)), _squared_lengths(others))).T
    height = max(1, DISTANCES // len(b))
    for begin in range(0, len(a), height):
        rows = slice(begin, begin + height)
        some = a[rows] - origin
        squares = _squared_lengths(some)
        distances = np.column_stack((some, squares, np.ones(len(some)))) @ factors
        near_rows, near_columns = np.nonzero(distances < NEAR * squares[:, None])
        for first in range(0, len(near_rows), PAIRS):
            i, j = near_rows[first : first + PAIRS], near_columns[first : first + PAIRS]
            distances[i, j] = _squared_lengths(some[i] - others[j])
        yield rows, distances


def _squared_lengths(vectors: Array) -> Array:
    """|a|² of each row."""
    lengths: Array = np.einsum("ij,ij->i", vectors, vectors)
    return lengths
