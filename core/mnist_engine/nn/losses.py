"""What training makes small. Each loss returns a tensor of one number."""

from __future__ import annotations

from functools import cache
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from mnist_engine.autograd import Array, Tensor, losses

Reduction = Literal["mean", "sum"]


def squared_error(predictions: Tensor, targets: Array, reduction: Reduction = "mean") -> Tensor:
    """Σ (y - t)² over all elements, or its mean.

    Predictions and targets must have the same shape and dtype; ValueError and TypeError otherwise.
    """
    if predictions.shape != np.shape(targets):  # (n, 1) - (n,) would quietly be (n, n)
        raise ValueError(
            f"squared_error: predictions have shape {predictions.shape}, targets "
            f"{np.shape(targets)}; they must agree"
        )
    difference = predictions - targets
    return _reduce(difference * difference, reduction)


def binary_cross_entropy_with_logits(
    logits: Tensor, targets: Array | float, reduction: Reduction = "mean"
) -> Tensor:
    """-t ln σ(z) - (1 - t) ln(1 - σ(z)) over all elements, their mean or sum.

    ``targets`` are probabilities of the shape of ``logits``, or one number for all.
    """
    if not isinstance(targets, float):
        targets = np.broadcast_to(np.asarray(targets, logits.dtype), logits.shape)
    return _reduce(losses.BinaryCrossEntropyWithLogits()(logits, targets), reduction)


def softmax_cross_entropy(
    logits: Tensor,
    labels: NDArray[np.integer],
    reduction: Reduction = "mean",
    smoothing: float = 0.0,
) -> Tensor:
    """-ln softmax(z)[label] over the rows of ``logits`` (n, classes), their mean or sum.

    ``labels`` are n whole numbers from 0 to classes - 1; TypeError, ValueError and IndexError tell
    what is otherwise. With ``smoothing`` s, from 0 to 1, a label is the class with probability
    1 - s and any class with s / classes (Szegedy et al., 2016).
    """
    if logits.ndim != 2 or np.shape(labels) != (len(logits),):
        raise ValueError(
            f"softmax_cross_entropy: logits have shape {logits.shape}, labels {np.shape(labels)}; "
            "needed are (n, classes) and (n,)"
        )
    loss = losses.SoftmaxCrossEntropy()
    classes, dtype = logits.shape[1], logits.dtype
    targets = one_hot(labels, classes, dtype, out=loss.room((len(labels), classes), dtype))
    if smoothing:
        targets *= 1 - smoothing
        targets += smoothing / classes
    return _reduce(loss(logits, targets), reduction)


def one_hot(
    labels: NDArray[np.integer],
    classes: int,
    dtype: np.dtype[np.floating] | type = np.float32,
    out: Array | None = None,
) -> Array:
    """(n,) class numbers -> (n, classes) with a 1 in each row at its class, in ``out`` if given.

    IndexError for a label that is no class.
    """
    if not isinstance(labels, np.ndarray) or labels.dtype.kind not in "iu":
        kind = getattr(labels, "dtype", type(labels).__name__)
        raise TypeError(f"one_hot: labels are {kind}; needed is an array of whole numbers")
    if len(labels) and not 0 <= int(labels.min()) <= int(labels.max()) < classes:
        raise IndexError(
            f"one_hot: labels are {labels.min()} to {labels.max()}; "
            f"with {classes} classes they must be 0 to {classes - 1}"
        )
    return np.take(_unit_rows(classes, np.dtype(dtype)), labels, axis=0, out=out, mode="clip")


@cache
def _unit_rows(classes: int, dtype: np.dtype[np.floating]) -> Array:
    return np.eye(classes, dtype=dtype)


def _reduce(losses: Tensor, reduction: Reduction) -> Tensor:
    if reduction not in ("mean", "sum"):
        raise ValueError(f"reduction: {reduction!r} is none; allowed are 'mean' and 'sum'")
    return losses.mean() if reduction == "mean" else losses.sum()
