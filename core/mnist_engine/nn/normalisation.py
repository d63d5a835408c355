"""Batch normalisation as a layer."""

from __future__ import annotations

import numpy as np

from mnist_engine.autograd import Tensor, normalisation
from mnist_engine.nn.module import Module


class BatchNorm1d(Module):
    """Normalises each of ``features`` columns of (n, features), then scales and shifts it.

    In training by the batch's own mean and variance, which also move the running ones by
    ``momentum`` (PyTorch's convention: new = (1 - momentum) old + momentum batch; Keras calls 1 -
    momentum so). In evaluation by the running ones. ValueError for a training batch of one row,
    which has no variance.
    """

    def __init__(self, features: int, momentum: float = 0.1, epsilon: float = 1e-5) -> None:
        super().__init__()
        self.momentum = momentum
        self.epsilon = epsilon
        self.weight = Tensor(np.ones(features, np.float32), requires_grad=True)
        self.bias = Tensor(np.zeros(features, np.float32), requires_grad=True)
        self.running_mean = np.zeros(features, np.float32)
        self.running_var = np.ones(features, np.float32)
        self.num_batches_tracked = np.zeros((), np.int64)

    def forward(self, x: Tensor) -> Tensor:
        if not self.training:
            scale = self.weight / Tensor.wrap(np.sqrt(self.running_var + self.epsilon))
            return x * scale + (self.bias - scale * self.running_mean)
        n = len(x)
        if n < 2:
            raise ValueError(
                "BatchNorm1d: a training batch of 1 has no variance; give 2 or more rows"
            )
        norm = normalisation.BatchNorm(self.epsilon)
        y = norm(x, self.weight, self.bias)
        self.running_mean += self.momentum * (norm.mean - self.running_mean)
        unbiased = norm.variance * (n / (n - 1))
        self.running_var += self.momentum * (unbiased - self.running_var)
        self.num_batches_tracked += 1
        return y
