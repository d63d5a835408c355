"""Every loss: value, gradient and gradient of the gradient as PyTorch's, in float64."""

from __future__ import annotations

from typing import Literal

import numpy as np
import pytest
import torch
from torch.nn import functional

from mnist_engine.nn.losses import (
    binary_cross_entropy_with_logits,
    softmax_cross_entropy,
    squared_error,
)

from .comparison import assert_same_derivatives, normals

Reduction = Literal["mean", "sum"]
both_reductions = pytest.mark.parametrize("reduction", ["mean", "sum"])


@both_reductions
def test_squared_error(reduction: Reduction) -> None:
    targets = normals(7, 4, seed=1)
    assert_same_derivatives(
        lambda y: squared_error(y, targets, reduction),
        lambda y: functional.mse_loss(y, torch.from_numpy(targets), reduction=reduction),
        [normals(7, 4)],
    )


@both_reductions
@pytest.mark.parametrize("targets", [0.0, 1.0, "probabilities"])
def test_binary_cross_entropy_with_logits(reduction: Reduction, targets: float | str) -> None:
    logits = normals(7, 1) * 5
    wanted = np.linspace(0, 1, 7)[:, None] if isinstance(targets, str) else np.float64(targets)
    full = torch.from_numpy(np.broadcast_to(wanted, logits.shape).copy())
    assert_same_derivatives(
        lambda z: binary_cross_entropy_with_logits(z, wanted, reduction),
        lambda z: functional.binary_cross_entropy_with_logits(z, full, reduction=reduction),
        [logits],
    )


@both_reductions
def test_softmax_cross_entropy(reduction: Reduction) -> None:
    labels = np.array([0, 3, 3, 1, 2, 0, 1])
    assert_same_derivatives(
        lambda z: softmax_cross_entropy(z, labels, reduction),
        lambda z: functional.cross_entropy(z, torch.from_numpy(labels), reduction=reduction),
        [normals(7, 4) * 5],
    )
