"""Batch normalisation as a layer."""

from __future__ import annotations

import numpy as np

from mnist_engine.autograd import Tensor, normalisation
from mnist_engine.autograd.normalisation import along_channels
from mnist_engine.nn.arguments import whole
from mnist_engine.nn.module import Module


class BatchNorm(Module):
    """Normalises each channel by its mean and variance, then scales and shifts it.

    In training these are the batch's own, which also move the running ones by ``momentum``
    (PyTorch's convention: new = (1 - momentum) old + momentum batch; Keras calls 1 - momentum so).
    In evaluation they are the running ones. ValueError for another form of input, and for a
    training batch with one number a channel, which has no variance. TypeError or ValueError unless
    ``features``, the number of channels, is a whole number from 1 up.
    """

    form: tuple[str, ...]
    """The axes of an input; a subclass names them."""

    statistics = ("running_mean", "running_var")

    def __init__(self, features: int, *, momentum: float = 0.1, epsilon: float = 1e-5) -> None:
        super().__init__()
        whole(f"{type(self).__name__}: features", features)
        self.momentum = momentum
        self.epsilon = epsilon
        self.weight = Tensor(np.ones(features, np.float32), requires_grad=True)
        self.bias = Tensor(np.zeros(features, np.float32), requires_grad=True)
        self.running_mean = np.zeros(features, np.float32)
        self.running_var = np.ones(features, np.float32)
        self.num_batches_tracked = np.zeros((), np.int64)

    def forward(self, x: Tensor) -> Tensor:
        name, features = type(self).__name__, self.weight.size
        if x.ndim != len(self.form) or x.shape[1] != features:
            raise ValueError(
                f"{name}: got {x.shape}, needed is ({', '.join(self.form)}) "
                f"with {features} channels"
            )
        if not self.training:
            scale = self.weight / Tensor.wrap(np.sqrt(self.running_var + self.epsilon))
            shift = self.bias - scale * self.running_mean.copy()  # it moves on in training
            return x * along_channels(scale, x) + along_channels(shift, x)
        n = x.size // features
        if n < 2:
            raise ValueError(f"{name}: a training batch of 1 has no variance; give 2 or more rows")
        norm = normalisation.BatchNorm(self.epsilon)
        y = norm(x, self.weight, self.bias)
        self.running_mean += self.momentum * (norm.mean - self.running_mean)
        unbiased = norm.variance * (n / (n - 1))
        self.running_var += self.momentum * (unbiased - self.running_var)
        self.num_batches_tracked += 1
        return y

    def settings(self) -> str:
        return f"{self.weight.size}, momentum={self.momentum:g}, epsilon={self.epsilon:g}"


class BatchNorm1d(BatchNorm):
    """:class:`BatchNorm` for rows: (n, channels), a mean over n."""

    form = ("n", "channels")


class BatchNorm2d(BatchNorm):
    """:class:`BatchNorm` for images: (n, channels, height, width), a mean over n and pixels."""

    form = ("n", "channels", "height", "width")
