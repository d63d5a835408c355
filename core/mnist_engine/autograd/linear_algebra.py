"""Products of matrices, where nearly all the time of a dense network goes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mnist_engine.autograd import products
from mnist_engine.autograd.operation import FastPath, Operation

if TYPE_CHECKING:
    from mnist_engine.autograd.tensor import Array, Tensor


class MatMul(Operation):
    """Z = A B; stacks of matrices are multiplied one by one, as NumPy does.

    dL/dA = G Bᵀ and dL/dB = Aᵀ G (Giles, Collected matrix derivative results, 2008, 2.2.2).
    """

    def forward(self, a: Array, b: Array, out: Array | None = None) -> Array:
        if a.ndim < 2 or b.ndim < 2:
            raise ValueError("a matrix has at least two axes: reshape a vector to (1, n) or (n, 1)")
        return np.matmul(a, b, out=out)

    def fast_path(self, argument: int) -> FastPath | None:
        matrices = self.inputs[0].ndim == self.inputs[1].ndim == 2
        return super().fast_path(argument) if matrices else None  # stacks go by the formula

    def d_a(self, g: Tensor, a: Tensor, b: Tensor) -> Tensor:
        return g @ _transposed(b)

    def d_b(self, g: Tensor, a: Tensor, b: Tensor) -> Tensor:
        return _transposed(a) @ g


class Linear(Operation):
    """Y = X Wᵀ + b, rows being examples: X (n, in), W (out, in) as PyTorch stores it, b (out,)

    b may be left out.
    """

    def forward(
        self, x: Array, weight: Array, bias: Array | None = None, out: Array | None = None
    ) -> Array:
        outputs, inputs = weight.shape
        if x.ndim != 2 or x.shape[1] != inputs or (bias is not None and bias.shape != (outputs,)):
            raise ValueError(f"needed are (n, {inputs}), ({outputs}, {inputs}) and ({outputs},)")
        return products.outputs(x, weight, bias, out)

    def d_x(self, g: Tensor, x: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
        return g @ weight

    def d_weight(self, g: Tensor, x: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
        return g.T @ x

    def d_bias(self, g: Tensor, x: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
        return g.sum(axis=0)


def _transposed(matrices: Tensor) -> Tensor:
    axes = tuple(range(matrices.ndim))
    return matrices.transpose(*axes[:-2], axes[-1], axes[-2])
