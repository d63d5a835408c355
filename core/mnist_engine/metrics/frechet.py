"""How far two sets of features lie apart, each seen as a cloud: FID and KID."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from mnist_engine.metrics.arguments import Array, Numbers, check_same_width, check_vectors


class Gaussian(NamedTuple):
    """The normal distribution that has the mean and the covariance of some vectors."""

    mean: Array
    covariance: Array

    @classmethod
    def of(cls, features: Numbers) -> Gaussian:
        """That of features (n, d): mean (d,), covariance (d, d), divided by n - 1.

        ValueError for fewer than two vectors, and where numbers are not finite.
        """
        check_vectors("Gaussian: features", features, least=2)
        mean = features.mean(axis=0, dtype=np.float64)
        centred = features - mean
        return cls(mean, centred.T @ centred / (len(features) - 1))


def frechet_distance(a: Gaussian, b: Gaussian) -> float:
    """|m₁ - m₂|² + tr(C₁ + C₂ - 2 (C₁^½ C₂ C₁^½)^½): 0 for equal ones, never negative.

    The squared Fréchet distance of two normal distributions (Dowson & Landau, 1982). Of features of
    real and of generated images it is the FID (Heusel et al., 2017). It falls as their number
    grows, so only distances of equal counts can be compared. ValueError where sizes differ.

    C₁^½ C₂ C₁^½ is M Mᵀ with M = C₁^½ C₂^½, so the trace of its root is the sum of M's singular
    values. Roots of its eigenvalues are the same on paper; but where a covariance has less than
    full rank, rounding leaves 1e-16 in place of 0, and the root makes 1e-8 of that.
    """
    if a.mean.shape != b.mean.shape:
        raise ValueError(
            f"frechet_distance: features have {len(a.mean)} and {len(b.mean)} columns; "
            "they must agree"
        )
    apart = a.mean - b.mean
    product = _root(a.covariance) @ _root(b.covariance)
    shared = np.linalg.svd(product, compute_uv=False).sum()
    distance = apart @ apart + np.trace(a.covariance) + np.trace(b.covariance) - 2 * shared
    return max(float(distance), 0.0)  # of equal ones rounding may leave less


def _root(covariance: Array) -> Array:
    """C^½ = U Λ^½ Uᵀ by the eigenvalues Λ of C, of which none is negative but by rounding."""
    values, vectors = np.linalg.eigh(covariance)
    root: Array = (vectors * np.sqrt(np.maximum(values, 0))) @ vectors.T
    return root


class KernelDistance(NamedTuple):
    """Mean and standard deviation of the estimates that subsets gave."""

    mean: float
    deviation: float


def kernel_distance(
    real: Numbers, fake: Numbers, subsets: int, size: int, rng: np.random.Generator
) -> KernelDistance:
    """KID (Bińkowski et al., 2018): the squared maximum mean discrepancy, without bias.

    ``real`` (n, d) and ``fake`` (m, d) are features. From both are drawn ``size`` vectors, none
    twice, and again for each of the ``subsets``. Unlike FID its mean does not depend on how many
    there are; that of equal distributions is 0, so that single estimates may be negative.
    ValueError where a subset is smaller than 2 or larger than what it is drawn from.
    """
    check_vectors("kernel_distance: real features", real, least=2)
    check_vectors("kernel_distance: fake features", fake, least=2)
    check_same_width("kernel_distance: real and fake features", real, fake)
    if not 2 <= size <= min(len(real), len(fake)):
        raise ValueError(
            f"kernel_distance: size is {size}; with {len(real)} real and {len(fake)} fake features "
            f"it must be between 2 and {min(len(real), len(fake))}"
        )
    if subsets < 1:
        raise ValueError(f"kernel_distance: subsets is {subsets}; it must be at least 1")
    estimates = [
        _squared_discrepancy(_some(real, size, rng), _some(fake, size, rng)) for _ in range(subsets)
    ]
    return KernelDistance(float(np.mean(estimates)), float(np.std(estimates)))


def _some(features: Numbers, size: int, rng: np.random.Generator) -> Array:
    chosen: Array = features[rng.choice(len(features), size, replace=False)].astype(np.float64)
    return chosen


def _squared_discrepancy(x: Array, y: Array) -> float:
    """MMD²: the mean of k(x, x') + k(y, y') - 2 k(x, y) over x ≠ x', y ≠ y' (Gretton, 2012)."""
    return (
        _mean_of_others(_kernel(x, x))
        + _mean_of_others(_kernel(y, y))
        - 2 * float(_kernel(x, y).mean())
    )


def _mean_of_others(square: Array) -> float:
    """The mean of all that is not on the diagonal."""
    count = len(square)
    return float(square.sum() - np.trace(square)) / (count * (count - 1))


def _kernel(x: Array, y: Array) -> Array:
    """k(x, y) = (x·y/d + 1)³ for each row of x with each of y."""
    kernel: Array = (x @ y.T / x.shape[1] + 1) ** 3
    return kernel
