"""Every measure against PyTorch, by another way than the one that we take, in float64."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import numpy as np
import pytest
import torch
from torch import Tensor
from torch.distributions import Categorical
from torch.distributions import kl_divergence as divergence_of

from mnist_engine.metrics.classes import (
    class_shares,
    confident_share,
    kl_divergence,
    label_agreement,
    score,
)
from mnist_engine.metrics.classification import (
    calibration_error,
    confusion_matrix,
    precision_per_class,
    recall_per_class,
    worst_mistakes,
)
from mnist_engine.metrics.frechet import Gaussian, frechet_distance, kernel_distance
from mnist_engine.metrics.neighbours import mean_pairwise_distance, nearest, precision_and_recall

from .comparison import Array, assert_alike, normals

REAL = normals(300, 16) @ normals(16, 16, seed=1)
FAKE = normals(250, 16, seed=2) @ normals(16, 16, seed=1) + 0.3
X, Y = torch.from_numpy(REAL), torch.from_numpy(FAKE)

LOGITS = torch.from_numpy(2 * normals(500, 10, seed=3))
PROBABILITIES = LOGITS.softmax(dim=1)
ROWS = PROBABILITIES.numpy()
LABELS = LOGITS.add(torch.from_numpy(2 * normals(500, 10, seed=4))).argmax(dim=1)


# -- clouds --------------------------------------------------------------------------------------


def trace_of_root_by_eigenvalues(product: Tensor) -> Tensor:
    """Of C₁ C₂, which is not symmetric: its eigenvalues are real and not negative all the same."""
    return torch.linalg.eigvals(product).real.clamp(min=0).sqrt().sum()


def trace_of_root_by_newton(product: Tensor) -> Tensor:
    """Denman & Beavers' iteration (1976), which comes to the root without any eigenvalue."""
    root, inverse = product, torch.eye(len(product), dtype=product.dtype)
    for _ in range(40):
        root, inverse = (root + inverse.inverse()) / 2, (inverse + root.inverse()) / 2
    return root.trace()


@pytest.mark.parametrize("trace_of_root", [trace_of_root_by_eigenvalues, trace_of_root_by_newton])
def test_frechet_distance(trace_of_root: Callable[[Tensor], Tensor]) -> None:
    first, second = torch.cov(X.T), torch.cov(Y.T)
    expected = (X.mean(0) - Y.mean(0)).square().sum() + (first + second).trace()
    expected = expected - 2 * trace_of_root(first @ second)
    found = frechet_distance(Gaussian.of(REAL), Gaussian.of(FAKE))
    assert found == pytest.approx(float(expected), rel=1e-9)


def test_frechet_distance_where_features_are_fewer_than_dimensions() -> None:
    few, others = REAL[:9], FAKE[:12]
    first, second = torch.cov(torch.from_numpy(few).T), torch.cov(torch.from_numpy(others).T)
    expected = np.square(few.mean(0) - others.mean(0)).sum() + float((first + second).trace())
    expected -= 2 * float(trace_of_root_by_eigenvalues(first @ second))
    found = frechet_distance(Gaussian.of(few), Gaussian.of(others))
    assert found == pytest.approx(expected, rel=1e-6)  # PyTorch's side takes roots of 1e-16


def test_kernel_distance() -> None:
    x, y = X[:250], Y
    within = [
        torch.masked_select((z @ z.T / 16 + 1).pow(3), ~torch.eye(250, dtype=torch.bool)).mean()
        for z in (x, y)
    ]
    expected = within[0] + within[1] - 2 * (x @ y.T / 16 + 1).pow(3).mean()
    found = kernel_distance(REAL[:250], FAKE, 2, 250, np.random.default_rng(0))
    assert found.mean == pytest.approx(float(expected), rel=1e-9)


# -- neighbours ----------------------------------------------------------------------------------


def distances(a: Tensor, b: Tensor) -> Tensor:
    """By differences, and not by products as ours are."""
    return torch.cdist(a, b, compute_mode="donot_use_mm_for_euclid_dist")


@pytest.mark.parametrize("k", [1, 3, 10])
def test_precision_and_recall(k: int) -> None:
    def covered(points: Tensor, centres: Tensor) -> float:
        radii = distances(centres, centres).kthvalue(k + 1, dim=1).values
        return float((distances(points, centres) <= radii).any(dim=1).double().mean())

    expected = covered(Y, X), covered(X, Y)
    assert precision_and_recall(REAL, FAKE, k) == expected
    assert 0 < min(expected) < max(expected) < 1


def test_mean_pairwise_distance() -> None:
    assert_alike(np.float64(mean_pairwise_distance(REAL)), torch.pdist(X).mean())


def test_nearest() -> None:
    expected = distances(Y, X).min(dim=1)
    found = nearest(FAKE, REAL)
    assert found.indices.tolist() == expected.indices.tolist()
    assert_alike(found.distances, expected.values)


# -- classes -------------------------------------------------------------------------------------


def test_class_shares() -> None:
    expected = torch.nn.functional.one_hot(LOGITS.argmax(dim=1), 10).double().mean(dim=0)
    assert_alike(class_shares(ROWS), expected)


def test_kl_divergence() -> None:
    p, q = PROBABILITIES[:50], PROBABILITIES[50:100]
    expected = divergence_of(Categorical(p), Categorical(q))
    found = [kl_divergence(a, b) for a, b in zip(p.numpy(), q.numpy(), strict=True)]
    assert_alike(np.array(found), expected)


def test_score() -> None:
    """By entropies: H(y) - H(y|x) is the mean divergence."""
    marginal, conditional = Categorical(PROBABILITIES.mean(dim=0)), Categorical(PROBABILITIES)
    expected = (marginal.entropy() - conditional.entropy().mean()).exp()
    assert score(ROWS) == pytest.approx(float(expected), rel=1e-9)
    assert 2 < expected < 9


def test_confident_share_and_label_agreement() -> None:
    top = PROBABILITIES.topk(1)
    assert confident_share(ROWS, 0.8) == float((top.values >= 0.8).double().mean())
    agreement = (top.indices[:, 0] == LABELS).double().mean()
    assert label_agreement(ROWS, LABELS.numpy()) == float(agreement)
    assert 0.2 < agreement < 0.8


# -- answers -------------------------------------------------------------------------------------


def test_confusion_precision_and_recall() -> None:
    answers = LOGITS.argmax(dim=1)
    expected = torch.zeros(10, 10, dtype=torch.int64)
    expected.index_put_((LABELS, answers), torch.ones(500, dtype=torch.int64), accumulate=True)
    found = confusion_matrix(LABELS.numpy(), answers.numpy(), 10)
    assert found.tolist() == expected.tolist()
    assert_alike(precision_per_class(found), expected.diag() / expected.sum(dim=0).double())
    assert_alike(recall_per_class(found), expected.diag() / expected.sum(dim=1).double())


@pytest.mark.parametrize("bins", [15, 7])
def test_calibration_error(bins: int) -> None:
    """Bin by bin, as the authors' program has it."""
    confidence, answers = PROBABILITIES.max(dim=1)
    edges = torch.linspace(0, 1, bins + 1, dtype=torch.float64)
    expected = torch.zeros((), dtype=torch.float64)
    for low, high in pairwise(edges):
        held = confidence.gt(low) & confidence.le(high)
        if held.any():
            accuracy = answers[held].eq(LABELS[held]).double().mean()
            expected += held.double().mean() * (accuracy - confidence[held].mean()).abs()
    assert calibration_error(ROWS, LABELS.numpy(), bins) == pytest.approx(float(expected), rel=1e-9)
    assert expected > 0.05


def test_worst_mistakes() -> None:
    confidence, answers = PROBABILITIES.max(dim=1)
    of_mistakes: Array = torch.where(answers == LABELS, -1.0, confidence).numpy()
    expected = torch.from_numpy(of_mistakes).topk(20).indices
    assert worst_mistakes(ROWS, LABELS.numpy(), 20).tolist() == expected.tolist()
