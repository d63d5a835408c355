"""First derivatives by hand, for the operations on which training spends its time.

Each function here computes, on bare arrays and in as few passes over memory as it can, what the
``d_`` method of its operation says in a formula. It exists for speed alone: without it the formula
is used, and the tests hold the two equal. Second derivatives always go by the formula.

A kernel gets the applied operation, the gradient ``g`` of its output and ``out``, the array to
write to (None where there is none yet), and returns the result.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from mnist_engine.autograd.activations import LeakyReLU, ReLU, Sigmoid, Tanh
from mnist_engine.autograd.linear_algebra import Linear
from mnist_engine.autograd.normalisation import BatchNorm
from mnist_engine.autograd.operation import Operation

if TYPE_CHECKING:
    from mnist_engine.autograd.tensor import Array

Applied = TypeVar("Applied", bound=Operation)
Kernel = Callable[[Applied, "Array", "Array | None"], "Array"]


def fast_path(
    operation: type[Applied], argument: int
) -> Callable[[Kernel[Applied]], Kernel[Applied]]:
    """Register a kernel as the first derivative with respect to input number ``argument``."""

    def register(kernel: Kernel[Applied]) -> Kernel[Applied]:
        operation.fast_paths[argument] = kernel
        return kernel

    return register


@fast_path(Linear, 0)
def linear_x(linear: Linear, g: Array, out: Array | None) -> Array:
    return np.matmul(g, linear.inputs[1].data, out=out)


@fast_path(Linear, 1)
def linear_weight(linear: Linear, g: Array, out: Array | None) -> Array:
    x = linear.inputs[0].data
    # Weights lie in memory as (in, out), see nn.Linear: XᵀG is written in the order it comes in.
    if out is None:
        return np.matmul(x.T, g).T
    np.matmul(x.T, g, out=out.T)
    return out


@fast_path(Linear, 2)
def linear_bias(linear: Linear, g: Array, out: Array | None) -> Array:
    return np.add.reduce(g, axis=0, out=out)


@fast_path(Sigmoid, 0)
def sigmoid_x(sigmoid: Sigmoid, g: Array, out: Array | None) -> Array:
    y = sigmoid.output.data
    slope = np.subtract(1, y, out=out)
    slope *= y
    slope *= g
    return slope


@fast_path(Tanh, 0)
def tanh_x(tanh: Tanh, g: Array, out: Array | None) -> Array:
    y = tanh.output.data
    slope = np.multiply(y, y, out=out)
    np.subtract(1, slope, out=slope)
    slope *= g
    return slope


@fast_path(ReLU, 0)
def relu_x(relu: ReLU, g: Array, out: Array | None) -> Array:
    slope = np.sign(relu.output.data, out=out)  # y is never negative: 0 or 1
    slope *= g
    return slope


@fast_path(LeakyReLU, 0)
def leaky_relu_x(leaky_relu: LeakyReLU, g: Array, out: Array | None) -> Array:
    slope = np.sign(leaky_relu.output.data, out=out)
    np.maximum(slope, leaky_relu.slope, out=slope)
    slope *= g
    return slope


@fast_path(BatchNorm, 0)
def batch_norm_x(norm: BatchNorm, g: Array, out: Array | None) -> Array:
    x, weight, _ = (tensor.data for tensor in norm.inputs)
    n = len(x)
    result = np.subtract(x, norm.mean, out=out)
    # The means over the batch commute with the scaling by γ / √(v + ε), so that comes last and
    # once.
    projection = np.einsum("nf,nf->f", g, result) * (norm.inverse_deviation**2 / -n)
    result *= projection
    result += g
    result -= np.add.reduce(g, axis=0) / n
    result *= weight * norm.inverse_deviation
    return result


@fast_path(BatchNorm, 1)
def batch_norm_weight(norm: BatchNorm, g: Array, out: Array | None) -> Array:
    centred = norm.inputs[0].data - norm.mean
    return np.multiply(np.einsum("nf,nf->f", g, centred), norm.inverse_deviation, out=out)


@fast_path(BatchNorm, 2)
def batch_norm_bias(norm: BatchNorm, g: Array, out: Array | None) -> Array:
    return np.add.reduce(g, axis=0, out=out)
