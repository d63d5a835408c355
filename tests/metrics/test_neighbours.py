"""Neighbours against plain loops over all pairs, wherever the chunks begin and end."""

from __future__ import annotations

import math
import tracemalloc
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from mnist_engine.autograd import Array
from mnist_engine.metrics import neighbours
from mnist_engine.metrics.neighbours import (
    mean_pairwise_distance,
    nearest,
    precision_and_recall,
)

many = settings(max_examples=60, deadline=None, derandomize=True)

rng = np.random.default_rng(4)
REAL = rng.standard_normal((23, 5))
FAKE = 0.7 * rng.standard_normal((17, 5)) + 0.4


@pytest.fixture(params=[1, 60, 10**9], ids=["single rows", "some rows", "all at once"])
def chunks(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Distances in parts of different sizes."""
    monkeypatch.setattr(neighbours, "DISTANCES", request.param)
    monkeypatch.setattr(neighbours, "REFERENCES", max(4, request.param // 10))
    monkeypatch.setattr(neighbours, "PAIRS", 3)


def covered(points: Array, centres: Array, k: int) -> float:
    """The fraction of points in a ball around a centre that reaches its k-th neighbour."""
    inside = 0
    for point in points:
        for i, centre in enumerate(centres):
            others = [math.dist(centre, c) for j, c in enumerate(centres) if j != i]
            if math.dist(point, centre) <= sorted(others)[k - 1]:
                inside += 1
                break
    return inside / len(points)


def mean_distance(vectors: Array) -> float:
    count = len(vectors)
    pairs = [(i, j) for i in range(count) for j in range(i + 1, count)]
    return math.fsum(math.dist(vectors[i], vectors[j]) for i, j in pairs) / len(pairs)


# -- precision and recall ------------------------------------------------------------------------


@pytest.mark.usefixtures("chunks")
@pytest.mark.parametrize("k", [1, 3, 16])
def test_precision_and_recall_are_their_definitions(k: int) -> None:
    found = precision_and_recall(REAL, FAKE, k)
    assert found == (covered(FAKE, REAL, k), covered(REAL, FAKE, k))
    assert k == 16 or found.precision != found.recall  # or one could be taken for the other


def test_three_neighbours_unless_something_else_is_asked_for() -> None:
    assert precision_and_recall(REAL, FAKE) == precision_and_recall(REAL, FAKE, 3)
    assert precision_and_recall(REAL, FAKE) != precision_and_recall(REAL, FAKE, 2)


whole_numbers = arrays(
    np.int8, st.tuples(st.integers(3, 9), st.just(2)), elements=st.integers(-3, 3)
)


@many
@given(whole_numbers, whole_numbers)
def test_points_that_coincide_and_points_on_the_edge_of_a_ball(real: Array, fake: Array) -> None:
    expected = covered(fake, real, 2), covered(real, fake, 2)
    assert precision_and_recall(real, fake, 2) == expected


@pytest.mark.usefixtures("chunks")
@pytest.mark.parametrize("offset", [0.0, 0.1, 1e6])
def test_a_set_covers_itself(offset: float) -> None:
    points = REAL + offset
    assert precision_and_recall(points, points.copy()) == (1, 1)
    twins = np.repeat(points[:2], 8, axis=0)  # balls without size
    assert precision_and_recall(twins, twins[::-1]) == (1, 1)


def test_where_the_origin_lies_does_not_matter() -> None:
    expected = precision_and_recall(REAL, FAKE)
    for offset in (1e3, -1e7):
        assert precision_and_recall(REAL + offset, FAKE + offset) == expected


def test_one_real_point_again_and_again_is_precise_and_covers_that_point_alone() -> None:
    assert precision_and_recall(REAL, np.repeat(REAL[4:5], 10, axis=0)) == (1, 1 / 23)


def test_sets_that_are_far_apart_cover_nothing_of_each_other() -> None:
    assert precision_and_recall(REAL, FAKE + 100) == (0, 0)


def test_noise_is_not_precise_and_digits_are(thumbnails: Array, noise: Array) -> None:
    real = thumbnails[:500]
    assert min(precision_and_recall(real, thumbnails[500:1000])) > 0.6
    assert precision_and_recall(real, noise[:500]).precision < 0.05


def test_not_all_distances_are_in_memory_at_once() -> None:
    points = rng.standard_normal((3000, 4))  # 72 MB of distances
    tracemalloc.start()
    precision_and_recall(points, points + 1)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 36e6


# -- spread --------------------------------------------------------------------------------------


@pytest.mark.usefixtures("chunks")
def test_the_mean_over_all_pairs() -> None:
    assert mean_pairwise_distance(REAL) == pytest.approx(mean_distance(REAL), rel=1e-12)
    assert mean_pairwise_distance(np.array([[0, 3], [4, 0]], np.uint8)) == 5


@pytest.mark.usefixtures("chunks")
def test_equal_vectors_are_not_apart_at_all() -> None:
    assert mean_pairwise_distance(np.tile(REAL[:1], (20, 1))) == 0
    x, y = REAL[:2]
    expected = 2 / 3 * math.dist(x, y)
    assert mean_pairwise_distance(np.array([x, y, x])) == pytest.approx(expected, rel=1e-14)


@pytest.mark.usefixtures("chunks")
@pytest.mark.parametrize("spread", [1e-3, 1e-6, 1e-9])
def test_a_small_spread_is_seen_among_large_numbers(spread: float) -> None:
    one_blob = 10 + spread * REAL
    two_blobs = np.vstack((one_blob, -one_blob))
    for vectors in (one_blob, two_blobs):
        expected = mean_distance(vectors)
        assert mean_pairwise_distance(vectors) == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("gap", [1e-4, 1e-6, 1e-10])
def test_points_that_are_nearer_than_the_product_can_tell(gap: float) -> None:
    pairs = np.repeat(rng.standard_normal((30, 50)), 2, axis=0)
    pairs[1::2] += gap * rng.standard_normal((30, 50))
    for i in range(0, 60, 2):
        (found,) = nearest(pairs[i : i + 1], np.delete(pairs, i, axis=0)).distances
        assert found == pytest.approx(math.dist(pairs[i], pairs[i + 1]), rel=1e-12)


def test_digits_and_noise_are_ten_apart(digits: Array) -> None:
    assert mean_pairwise_distance(digits[:256] / 255) == pytest.approx(10, abs=0.5)
    noise = rng.random((256, 784))  # (u - v)² is 1/6 on average
    assert mean_pairwise_distance(noise) == pytest.approx((784 / 6) ** 0.5, rel=0.01)


# -- the nearest ---------------------------------------------------------------------------------


@pytest.mark.usefixtures("chunks")
def test_the_nearest_is_that_of_a_search_through_all() -> None:
    indices, distances = nearest(FAKE, REAL)
    for query, index, distance in zip(FAKE, indices, distances, strict=True):
        every = [math.dist(query, reference) for reference in REAL]
        assert index == np.argmin(every)
        assert distance == pytest.approx(min(every), rel=1e-12)


@pytest.mark.usefixtures("chunks")
@pytest.mark.parametrize("offset", [0.0, 1e6])
def test_a_point_finds_itself_at_no_distance(offset: float) -> None:
    found = nearest(REAL[::-1] + offset, REAL + offset)
    assert found.indices.tolist() == list(range(22, -1, -1))
    assert not found.distances.any()


def test_a_training_image_is_found_with_a_pixel_changed(digits: Array) -> None:
    copied = digits[[1234, 0, 1999]]
    copied[1, 5] += 3
    found = nearest(copied, digits)
    assert found.indices.tolist() == [1234, 0, 1999]
    assert found.distances.tolist() == [0, 3, 0]


def test_bytes_do_not_run_over() -> None:
    black, white = np.zeros((1, 4), np.uint8), np.full((1, 4), 255, np.uint8)
    assert nearest(black, white).distances.tolist() == [510]
    assert mean_pairwise_distance(np.vstack((black, white))) == 510


# -- what is refused -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: precision_and_recall(REAL[:3], FAKE), "real features .* n of at least 4"),
        (lambda: precision_and_recall(REAL, FAKE[:3]), "fake features .* n of at least 4"),
        (lambda: precision_and_recall(REAL, FAKE, 0), "k is 0; it must be at least 1"),
        (lambda: precision_and_recall(REAL, FAKE[:, :4]), "5 and 4 columns; they must agree"),
        (lambda: mean_pairwise_distance(REAL[:1]), r"shape \(1, 5\).* n of at least 2"),
        (lambda: nearest(REAL[:0], REAL), r"queries have shape \(0, 5\)"),
        (lambda: nearest(REAL, REAL[:0]), r"references have shape \(0, 5\)"),
        (lambda: nearest(REAL[0], REAL), r"queries have shape \(5,\); needed is \(n, d\)"),
        (lambda: nearest(REAL, FAKE[:, :4]), "5 and 4 columns; they must agree"),
    ],
)
def test_points_that_do_not_fit_are_refused(call: Callable[[], object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        call()
