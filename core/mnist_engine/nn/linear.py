"""The fully connected layer."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mnist_engine.autograd import Tensor, linear_algebra
from mnist_engine.nn.arguments import check_generator, whole
from mnist_engine.nn.initialisers import Fans, Initialiser, fan_in_uniform
from mnist_engine.nn.module import Module


class Linear(Module):
    """y = x Wᵀ + b for rows x: (n, inputs) -> (n, outputs); without b where ``bias`` is False.

    ``weight`` is (outputs, inputs) and ``bias`` (outputs,), as in PyTorch; both float32.

    TypeError or ValueError, in one line that names it, for an argument of the wrong kind or size;
    ValueError for an input of another form.
    """

    def __init__(
        self,
        inputs: int,
        outputs: int,
        rng: np.random.Generator,
        *,
        bias: bool = True,
        weights: Initialiser = fan_in_uniform,
        biases: Initialiser = fan_in_uniform,
    ) -> None:
        super().__init__()
        name = type(self).__name__
        check_generator(name, rng)
        shape = (whole(f"{name}: outputs", outputs), whole(f"{name}: inputs", inputs))
        fans = Fans.of(shape)
        self.weight = Tensor(_longer_side_first(weights(rng, shape, fans)), requires_grad=True)
        self.bias = Tensor(biases(rng, (outputs,), fans), requires_grad=True) if bias else None

    def forward(self, x: Tensor) -> Tensor:
        bias = () if self.bias is None else (self.bias,)
        return linear_algebra.Linear()(x, self.weight, *bias)

    def settings(self) -> str:
        outputs, inputs = self.weight.shape
        return f"{inputs}, {outputs}"


def _longer_side_first(weight: NDArray[np.float32]) -> NDArray[np.float32]:
    """The same (out, in) matrix, with its longer side first in memory.

    Its gradient, a product over the few examples of a batch, is then written up to twice as fast.
    """
    outputs, inputs = weight.shape
    return np.ascontiguousarray(weight) if outputs > inputs else np.ascontiguousarray(weight.T).T
