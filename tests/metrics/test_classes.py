"""Classes in generated images: by hand where that is possible, else by plain loops."""

from __future__ import annotations

import math

import numpy as np
import pytest

from mnist_engine.autograd import Array
from mnist_engine.metrics.classes import (
    class_shares,
    confident_share,
    kl_divergence,
    label_agreement,
    score,
)

rng = np.random.default_rng(5)
UNIFORM = np.full(10, 0.1)
SURE = np.eye(10)
"""Ten images, each surely of another class."""


def some_probabilities(count: int = 30, classes: int = 4) -> Array:
    exponentials = np.exp(2 * rng.standard_normal((count, classes)))
    return exponentials / exponentials.sum(axis=1, keepdims=True)


# -- shares --------------------------------------------------------------------------------------


def test_shares_are_counts_of_answers_and_not_means_of_probabilities() -> None:
    rows = np.array([[0.6, 0.4, 0, 0], [0.5, 0.1, 0.4, 0], [0.1, 0.2, 0.7, 0], [0.9, 0, 0.1, 0]])
    assert class_shares(rows).tolist() == [0.75, 0, 0.25, 0]


def test_the_share_of_digits_is_that_of_their_labels() -> None:
    labels = np.array([3, 3, 1, 9], np.uint8)
    assert class_shares(SURE[labels]).tolist() == [0, 0.25, 0, 0.5, 0, 0, 0, 0, 0, 0.25]


# -- divergence ----------------------------------------------------------------------------------


def test_the_divergence_by_hand() -> None:
    p, q = np.array([0.5, 0.5]), np.array([0.25, 0.75])
    assert kl_divergence(p, q) == pytest.approx(0.5 * math.log(2) + 0.5 * math.log(2 / 3))
    assert kl_divergence(q, p) == pytest.approx(0.25 * math.log(0.5) + 0.75 * math.log(1.5))


def test_equal_shares_do_not_diverge_at_all() -> None:
    for shares in (UNIFORM, SURE[3], *some_probabilities()):
        assert kl_divergence(shares, shares) == 0


def test_rounding_makes_no_divergence_negative() -> None:
    for shares in some_probabilities(1000):
        rounded = shares.astype(np.float32)
        assert 0 <= kl_divergence(rounded, shares) < 1e-6


def test_one_class_alone_diverges_from_all_by_the_logarithm_of_their_number() -> None:
    assert kl_divergence(SURE[7], UNIFORM) == pytest.approx(math.log(10))


def test_a_class_that_the_reference_has_not_makes_it_infinite() -> None:
    with np.errstate(all="raise"):
        assert kl_divergence(UNIFORM, SURE[7]) == math.inf
        assert kl_divergence(np.array([0.5, 0.5, 0]), np.array([0.5, 0.5, 0])) == 0


def test_a_class_that_the_reference_has_next_to_nothing_of() -> None:
    found = kl_divergence(np.array([0.5, 0.5]), np.array([1.0, 1e-320]))
    assert found == pytest.approx(0.5 * math.log(0.5) + 0.5 * (math.log(0.5) - math.log(1e-320)))


def test_shares_of_different_classes_cannot_be_compared() -> None:
    with pytest.raises(ValueError, match="shares of 10 and of 1 classes; they must agree"):
        kl_divergence(UNIFORM, np.ones(1))
    with pytest.raises(ValueError, match=r"shares have shape \(10, 10\); needed is \(classes,\)"):
        kl_divergence(SURE, UNIFORM)


# -- the score -----------------------------------------------------------------------------------


@pytest.mark.parametrize("classes", [1, 2, 10])
def test_sure_answers_spread_evenly_score_their_number(classes: int) -> None:
    assert score(np.tile(SURE[:classes], (7, 1))) == pytest.approx(classes)


@pytest.mark.parametrize("row", [UNIFORM, SURE[2], np.linspace(0, 0.2, 10)])
def test_answers_that_are_all_alike_score_one(row: Array) -> None:
    assert score(np.tile(row, (40, 1))) == pytest.approx(1, rel=1e-12)


def test_the_score_is_its_definition() -> None:
    rows = some_probabilities()
    marginal = sum(rows) / len(rows)
    divergences = [sum(p * math.log(p / q) for p, q in zip(r, marginal, strict=True)) for r in rows]
    expected = math.exp(sum(divergences) / len(rows))
    assert score(rows) == pytest.approx(expected, rel=1e-12)
    assert score(rows.astype(np.float32)) == pytest.approx(expected, rel=1e-5)


def test_a_class_without_any_probability_is_no_warning() -> None:
    with np.errstate(all="raise"):
        assert score(SURE[[0, 0, 0, 5]]) == pytest.approx(1 / (0.75**0.75 * 0.25**0.25))


def test_many_images_in_float32_are_averaged_in_float64() -> None:
    rows = np.tile(np.array([[0.9, 0.1], [0.1, 0.9]], np.float32), (50_000, 1))
    assert score(rows) == pytest.approx(score(rows[:2]), rel=1e-12)


# -- how sure, how right -------------------------------------------------------------------------


def test_confident_images_are_those_at_the_limit_or_above() -> None:
    rows = np.array([[0.75, 0.25], [0.25, 0.75], [0.5, 0.5], [0.7, 0.3], [0, 1]])
    assert confident_share(rows, 0.75) == 3 / 5
    assert confident_share(rows, 0.5) == 1
    assert confident_share(rows) == 1 / 5
    assert confident_share(np.array([[0.95, 0.05], [0.94, 0.06]])) == 1 / 2


@pytest.mark.parametrize("least", [0.0, -0.5, 95.0, math.nan])
def test_the_limit_of_confidence_is_a_probability(least: float) -> None:
    with pytest.raises(ValueError, match=r"least is .*; it must be a probability above 0"):
        confident_share(SURE, least)


def test_agreement_is_the_fraction_of_answers_that_are_the_label() -> None:
    rows = np.array([[0.4, 0.35, 0.25], [0.1, 0.8, 0.1], [0.2, 0.2, 0.6], [0.6, 0.3, 0.1]])
    assert label_agreement(rows, np.array([0, 1, 1, 2], np.uint8)) == 0.5
    assert label_agreement(rows, np.array([0, 1, 2, 0])) == 1
