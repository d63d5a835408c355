"""FID and KID against closed forms, plain loops, and what real digits and noise must show."""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations

import numpy as np
import pytest

from mnist_engine.autograd import Array
from mnist_engine.metrics.frechet import Gaussian, KernelDistance, frechet_distance, kernel_distance

rng = np.random.default_rng(3)
X = rng.standard_normal((50, 6)) @ rng.standard_normal((6, 6))
Y = rng.standard_normal((40, 6)) + 0.5


def gaussian(mean: Array, covariance: Array) -> Gaussian:
    return Gaussian(np.asarray(mean, float), np.asarray(covariance, float))


def some_gaussian(rank: int = 6, width: int = 6) -> Gaussian:
    factor = rng.standard_normal((width, rank))
    return gaussian(rng.standard_normal(width), factor @ factor.T)


# -- the Gaussian of features --------------------------------------------------------------------


def test_mean_and_covariance_are_those_of_the_features() -> None:
    found = Gaussian.of(X)
    np.testing.assert_allclose(found.mean, sum(X) / 50)
    expected = sum(np.outer(x - found.mean, x - found.mean) for x in X) / 49
    np.testing.assert_allclose(found.covariance, expected)


def test_features_in_float32_far_from_zero_keep_their_covariance() -> None:
    far = (1000 * np.arange(1, 7) + X).astype(np.float32)
    exact = np.cov(far.astype(np.float64), rowvar=False)
    np.testing.assert_allclose(Gaussian.of(far).covariance, exact, rtol=1e-9)


def test_bytes_are_features_too(digits: Array) -> None:
    few = digits[:10, 300:400]
    np.testing.assert_allclose(Gaussian.of(few).covariance, np.cov(few, rowvar=False))


@pytest.mark.parametrize("shape", [(1, 6), (0, 6), (6,), (6, 0)])
def test_a_covariance_takes_two_vectors(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match=r"Gaussian: features .* n of at least 2"):
        Gaussian.of(np.zeros(shape))


# -- FID -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("rank", [6, 3, 1, 0])
def test_equal_gaussians_are_no_way_apart(rank: int) -> None:
    for _ in range(20):
        a = some_gaussian(rank)
        assert 0 <= frechet_distance(a, a) < 1e-12


@pytest.mark.parametrize("rank", [6, 3, 0])
def test_a_shift_counts_as_its_squared_length(rank: int) -> None:
    a = some_gaussian(rank)
    shifted = a._replace(mean=a.mean + np.array([3, 0, 0, -4, 0, 0]))
    assert frechet_distance(a, shifted) == pytest.approx(25, rel=1e-9)


@pytest.mark.parametrize("rank", [6, 3, 1])
def test_features_that_are_stretched_by_three(rank: int) -> None:
    a = some_gaussian(rank)
    stretched = a._replace(covariance=9 * a.covariance)
    expected = (3 - 1) ** 2 * np.trace(a.covariance)
    assert frechet_distance(a, stretched) == pytest.approx(expected, rel=1e-9)


def test_independent_features_are_told_apart_by_their_deviations() -> None:
    first, second = np.array([1.0, 2.0, 0.0, 5.0]), np.array([4.0, 2.0, 3.0, 0.0])
    a, b = (gaussian(np.zeros(4), np.diag(deviations**2)) for deviations in (first, second))
    assert frechet_distance(a, b) == pytest.approx(((first - second) ** 2).sum())


def test_two_features_by_the_closed_form_of_their_root() -> None:
    for _ in range(20):
        a, b = some_gaussian(2, width=2), some_gaussian(2, width=2)
        m = a.covariance @ b.covariance  # its eigenvalues are those under the root
        root = np.sqrt(np.trace(m) + 2 * np.sqrt(np.linalg.det(m)))
        expected = np.trace(a.covariance + b.covariance) - 2 * root
        expected += ((a.mean - b.mean) ** 2).sum()
        assert frechet_distance(a, b) == pytest.approx(expected)


def test_clouds_in_planes_that_share_no_direction() -> None:
    a = gaussian(np.zeros(4), np.diag([1.0, 2.0, 0.0, 0.0]))
    b = gaussian(np.zeros(4), np.diag([0.0, 0.0, 3.0, 4.0]))
    assert frechet_distance(a, b) == pytest.approx(1 + 2 + 3 + 4)


@pytest.mark.parametrize("rank", [6, 3])
def test_the_distance_is_the_same_both_ways_and_in_turned_axes(rank: int) -> None:
    a, b = some_gaussian(rank), some_gaussian(6)
    q, _ = np.linalg.qr(rng.standard_normal((6, 6)))
    turned = [gaussian(q @ g.mean, q @ g.covariance @ q.T) for g in (a, b)]
    assert frechet_distance(b, a) == pytest.approx(frechet_distance(a, b), rel=1e-7)
    assert frechet_distance(*turned) == pytest.approx(frechet_distance(a, b), rel=1e-7)


def test_one_picture_again_and_again_has_lost_all_of_the_variance(thumbnails: Array) -> None:
    real = Gaussian.of(thumbnails)
    blob = Gaussian.of(np.tile(thumbnails.mean(axis=0), (100, 1)))
    assert frechet_distance(real, blob) == pytest.approx(np.trace(real.covariance))


def test_noise_is_far_from_digits_and_digits_are_near_digits(
    thumbnails: Array, noise: Array
) -> None:
    some, others = Gaussian.of(thumbnails[:1000]), Gaussian.of(thumbnails[1000:])
    floor = frechet_distance(some, others)
    assert 0 < floor < 0.1
    assert frechet_distance(some, Gaussian.of(noise[:1000])) > 20 * floor


def test_gaussians_of_different_features_cannot_be_compared() -> None:
    with pytest.raises(ValueError, match="features have 6 and 2 columns; they must agree"):
        frechet_distance(some_gaussian(), some_gaussian(2, width=2))


# -- KID -----------------------------------------------------------------------------------------


def kernel(x: Array, y: Array) -> float:
    return float((x @ y / len(x) + 1) ** 3)


def squared_discrepancy(x: Array, y: Array) -> float:
    """The estimate without bias, pair by pair."""
    within = [
        np.mean([kernel(z[i], z[j]) for i in range(len(z)) for j in range(len(z)) if i != j])
        for z in (x, y)
    ]
    return float(sum(within) - 2 * np.mean([kernel(a, b) for a in x for b in y]))


def test_kid_of_all_vectors_is_its_definition() -> None:
    found = kernel_distance(X[:40], Y, subsets=3, size=40, rng=np.random.default_rng(0))
    assert found.mean == pytest.approx(squared_discrepancy(X[:40], Y))
    assert found.deviation == pytest.approx(0, abs=1e-9)  # in whatever order they are drawn


def test_subsets_are_drawn_without_replacement_and_apart_for_each_set() -> None:
    real, fake = Y[:5], Y[5:9]
    every = [
        squared_discrepancy(real[list(chosen)], fake[list(others)])
        for chosen in combinations(range(5), 2)
        for others in combinations(range(4), 2)
    ]
    found = kernel_distance(real, fake, subsets=4000, size=2, rng=np.random.default_rng(0))
    error = np.std(every) / 4000**0.5
    assert found.mean == pytest.approx(np.mean(every), abs=4 * error)
    assert found.deviation == pytest.approx(np.std(every), rel=0.05)


def test_kid_of_one_distribution_is_zero_on_average_and_falls_below_it() -> None:
    estimates = []
    for _ in range(300):
        real, fake = rng.standard_normal((2, 10, 4))
        estimates.append(kernel_distance(real, fake, 1, 10, rng).mean)
    assert abs(np.mean(estimates)) < 4 * np.std(estimates) / 300**0.5
    assert min(estimates) < 0


def test_the_generator_decides_the_subsets() -> None:
    def measure(seed: int) -> KernelDistance:
        return kernel_distance(X, Y, 5, 10, np.random.default_rng(seed))

    assert measure(1) == measure(1) != measure(2)


def test_kid_of_float32_is_computed_in_float64() -> None:
    narrow = X.astype(np.float32)
    found = kernel_distance(narrow, Y, 1, 40, np.random.default_rng(0))
    exact = kernel_distance(narrow.astype(np.float64), Y, 1, 40, np.random.default_rng(0))
    assert found == exact


def test_kid_tells_noise_from_digits(thumbnails: Array, noise: Array) -> None:
    def measure(fake: Array) -> KernelDistance:
        return kernel_distance(thumbnails[:1000], fake, 10, 200, np.random.default_rng(0))

    real, wrong = measure(thumbnails[1000:]), measure(noise)
    assert wrong.mean > 10 * wrong.deviation
    assert wrong.mean > 20 * abs(real.mean)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: kernel_distance(X, Y, 1, 1, rng), "size is 1; .* must be between 2 and 40"),
        (lambda: kernel_distance(X, Y, 1, 41, rng), "with 50 real and 40 fake features"),
        (lambda: kernel_distance(X, Y, 0, 9, rng), "subsets is 0; it must be at least 1"),
        (lambda: kernel_distance(X, Y[:, :5], 1, 9, rng), "6 and 5 columns; they must agree"),
        (lambda: kernel_distance(X, Y[:1], 1, 9, rng), r"fake features have shape \(1, 6\)"),
        (lambda: kernel_distance(X[:1], Y, 1, 9, rng), r"real features have shape \(1, 6\)"),
    ],
)
def test_what_kid_refuses(call: Callable[[], object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        call()
