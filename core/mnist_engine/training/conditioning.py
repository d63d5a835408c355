"""Telling both networks which class a picture is of (Mirza and Osindero, 2014)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mnist_engine.autograd import Tensor
from mnist_engine.autograd.tensor import concatenate
from mnist_engine.nn.losses import one_hot


def with_class(rows: Tensor, labels: NDArray[np.integer], classes: int) -> Tensor:
    """``rows`` (n, features) of noise or pixels, each with its class of ``labels`` (n,) behind it.

    That is a one-hot vector: (n, features + classes).
    """
    return concatenate([rows, Tensor.wrap(one_hot(labels, classes))], axis=1)
