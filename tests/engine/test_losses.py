"""Losses against their definitions, and where the definitions alone would overflow."""

from __future__ import annotations

import numpy as np
import pytest

from mnist_engine.autograd import Array, GradientTape, Tensor, check_gradients
from mnist_engine.nn.losses import (
    Reduction,
    binary_cross_entropy_with_logits,
    one_hot,
    softmax_cross_entropy,
    squared_error,
)

rng = np.random.default_rng(2)
Z = rng.standard_normal((5, 3))
T = rng.uniform(0, 1, (5, 3))
LABELS = np.array([0, 2, 1, 1, 0])
P = 1 / (1 + np.exp(-Z))
S = np.exp(Z) / np.exp(Z).sum(axis=1, keepdims=True)

REDUCE = {"mean": np.mean, "sum": np.sum}


@pytest.mark.parametrize("reduction", ["mean", "sum"])
def test_losses_are_their_definitions(reduction: Reduction) -> None:
    reduce = REDUCE[reduction]
    z = Tensor(Z)
    assert squared_error(z, T, reduction).item() == pytest.approx(reduce((Z - T) ** 2))
    assert binary_cross_entropy_with_logits(z, T, reduction).item() == pytest.approx(
        reduce(-T * np.log(P) - (1 - T) * np.log(1 - P))
    )
    assert binary_cross_entropy_with_logits(z, 0.9, reduction).item() == pytest.approx(
        reduce(-0.9 * np.log(P) - 0.1 * np.log(1 - P))
    )
    assert softmax_cross_entropy(z, LABELS, reduction).item() == pytest.approx(
        reduce(-np.log(S[np.arange(5), LABELS]))
    )


@pytest.mark.parametrize("reduction", ["mean", "sum"])
def test_their_gradients(reduction: Reduction) -> None:
    for loss, targets in (
        (squared_error, T),
        (binary_cross_entropy_with_logits, T),
        (softmax_cross_entropy, LABELS),
    ):
        check_gradients(lambda z, loss=loss, t=targets: loss(z, t, reduction), [Z])  # type: ignore[operator]


def gradient_and_value(z: Array, targets: Array | float) -> tuple[Array, float]:
    logits = Tensor(z, requires_grad=True)
    with GradientTape() as tape:
        loss = binary_cross_entropy_with_logits(logits, targets, "sum")
    return tape.gradient(loss, [logits])[0].data, loss.item()


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_binary_cross_entropy_of_huge_logits_is_exact(dtype: type) -> None:
    with np.errstate(all="raise", under="ignore"):
        gradient, loss = gradient_and_value(np.array([-1e4, 1e4, 1e4], dtype), np.array([1, 0, 1]))
    assert loss == 2e4
    assert gradient.tolist() == [-1, 1, 0]


def test_softmax_cross_entropy_of_huge_logits_is_exact() -> None:
    logits = Tensor(np.array([[1e4, 0, 0], [0, 1e4, 0]], np.float32), requires_grad=True)
    with np.errstate(all="raise", under="ignore"), GradientTape() as tape:
        loss = softmax_cross_entropy(logits, np.array([1, 1]), "sum")
    assert loss.item() == 1e4
    assert tape.gradient(loss, [logits])[0].data.tolist() == [[1, -1, 0], [0, 0, 0]]


def test_squared_error_does_not_broadcast_a_mistake() -> None:
    with pytest.raises(ValueError, match=r"shape \(5, 1\), targets \(5,\)"):
        squared_error(Tensor(Z[:, :1]), T[:, 0])


def test_as_many_labels_as_rows_are_needed() -> None:
    needed = r"logits have shape \(5, 3\), labels \(4,\); needed are \(n, classes\) and \(n,\)"
    with pytest.raises(ValueError, match=needed):
        softmax_cross_entropy(Tensor(Z), LABELS[:4])
    with pytest.raises(ValueError, match=r"labels \(1,\)"):  # would be that of all rows
        softmax_cross_entropy(Tensor(Z), LABELS[:1])


def test_labels_are_whole_numbers_that_are_classes() -> None:
    with pytest.raises(TypeError, match="labels are float64; needed is an array of whole numbers"):
        softmax_cross_entropy(Tensor(Z), LABELS.astype(float))
    with pytest.raises(TypeError, match="labels are list"):
        one_hot([0, 1], 3)  # type: ignore[arg-type]
    for bad in (3, -1):
        with pytest.raises(IndexError, match="with 3 classes they must be 0 to 2"):
            one_hot(np.array([0, bad]), 3)


def test_a_reduction_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="'none' is none; allowed are 'mean' and 'sum'"):
        softmax_cross_entropy(Tensor(Z), LABELS, "none")  # type: ignore[arg-type]


def test_one_hot() -> None:
    rows = one_hot(np.array([2, 0], np.uint8), 3)
    assert rows.tolist() == [[0, 0, 1], [1, 0, 0]]
    assert rows.dtype == np.float32


# -- the tails -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("logit", "target"), [(30.0, 1.0), (45.0, 1.0), (-30.0, 0.0), (-45.0, 0.0)]
)
def test_a_sure_and_right_answer_keeps_its_small_loss(logit: float, target: float) -> None:
    z = Tensor(np.array([[logit]]), requires_grad=True)
    with GradientTape() as tape:
        loss = binary_cross_entropy_with_logits(z, target)
    small = np.exp(-abs(logit))  # ln(1 + e) and e / (1 + e) are e, to its own square
    np.testing.assert_allclose(loss.item(), small, rtol=1e-9)
    if target == 0:  # near 1 float64 has no such small steps
        np.testing.assert_allclose(tape.gradient(loss, [z])[0].item(), small, rtol=1e-9)


def test_the_sigmoid_of_a_large_negative_number_is_not_rounded_to_zero() -> None:
    x = np.array([-700.0, -45.0, 0.0, 45.0, 1e5])
    expected = [np.exp(-700.0), np.exp(-45.0), 0.5, 1.0, 1.0]
    np.testing.assert_allclose(Tensor(x).sigmoid().data, expected, rtol=1e-12)
    with np.errstate(over="raise"):
        assert 0 <= Tensor(np.array([-1e5])).sigmoid().item() < 1e-300


def test_a_class_that_is_ruled_out_costs_nothing() -> None:
    logits = Tensor(np.array([[0.0, 1.0, -np.inf]]))
    loss = softmax_cross_entropy(logits, np.array([0]))
    assert loss.item() == pytest.approx(np.log(1 + np.e))
    apart = Tensor(np.array([[3e38, -3e38, 0.0]], np.float32))
    with np.errstate(over="ignore"):
        assert softmax_cross_entropy(apart, np.array([0])).item() == 0
