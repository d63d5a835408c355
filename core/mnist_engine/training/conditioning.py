"""Telling both networks which class a picture is of (Mirza and Osindero, 2014)."""

from __future__ import annotations

from typing import cast

import numpy as np
from numpy.typing import NDArray

from mnist_engine.autograd import Tensor
from mnist_engine.autograd.tensor import concatenate
from mnist_engine.nn.losses import one_hot

Classes = NDArray[np.integer]
Labels = Classes | NDArray[np.float32]
"""Classes (n,), or mixtures of classes (n, classes) whose rows add up to 1."""


def with_class(rows: Tensor, labels: Labels, classes: int) -> Tensor:
    """``rows`` (n, features) of noise or pixels, each with its class of ``labels`` behind it.

    That is a one-hot vector: (n, features + classes); or the mixture that was given.
    """
    mixed = labels.ndim == 2
    told = labels.astype(np.float32) if mixed else one_hot(cast(Classes, labels), classes)
    return concatenate([rows, Tensor.wrap(told)], axis=1)
