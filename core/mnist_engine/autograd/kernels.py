"""First derivatives by hand, for the operations on which training spends its time.

Each function here computes, on bare arrays and in as few passes over memory as it can, what the
``d_`` method of its operation says in a formula. It exists for speed alone: without it the formula
is used, and the tests hold the two equal. Second derivatives always go by the formula.

A kernel gets the applied operation, the gradient ``g`` of its output and ``out``, an array of the
input's shape to which it writes the input's gradient.
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
Kernel = Callable[[Applied, "Array", "Array"], None]


def fast_path(
    operation: type[Applied], argument: int
) -> Callable[[Kernel[Applied]], Kernel[Applied]]:
    """Register a kernel as the first derivative with respect to input number ``argument``."""

    def register(kernel: Kernel[Applied]) -> Kernel[Applied]:
        operation.fast_paths[argument] = kernel
        return kernel

    return register


@fast_path(Linear, 0)
def linear_x(linear: Linear, g: Array, out: Array) -> None:
    np.matmul(g, linear.inputs[1].data, out=out)


@fast_path(Linear, 1)
def linear_weight(linear: Linear, g: Array, out: Array) -> None:
    # Weights lie in memory as (in, out), see nn.Linear: XᵀG is written in the order it comes in.
    np.matmul(linear.inputs[0].data.T, g, out=out.T)


@fast_path(Linear, 2)
def linear_bias(linear: Linear, g: Array, out: Array) -> None:
    np.add.reduce(g, axis=0, out=out)


@fast_path(Sigmoid, 0)
def sigmoid_x(sigmoid: Sigmoid, g: Array, out: Array) -> None:
    y = sigmoid.output.data
    np.subtract(1, y, out=out)
    out *= y
    out *= g


@fast_path(Tanh, 0)
def tanh_x(tanh: Tanh, g: Array, out: Array) -> None:
    y = tanh.output.data
    np.multiply(y, y, out=out)
    np.subtract(1, out, out=out)
    out *= g


@fast_path(ReLU, 0)
def relu_x(relu: ReLU, g: Array, out: Array) -> None:
    np.sign(relu.output.data, out=out)  # y is never negative: 0 or 1
    out *= g


@fast_path(LeakyReLU, 0)
def leaky_relu_x(leaky_relu: LeakyReLU, g: Array, out: Array) -> None:
    np.sign(leaky_relu.output.data, out=out)  # y has the sign of x
    np.maximum(out, leaky_relu.slope, out=out)
    out *= g


@fast_path(BatchNorm, 0)
def batch_norm_x(norm: BatchNorm, g: Array, out: Array) -> None:
    x, weight, _ = (tensor.data for tensor in norm.inputs)
    n = len(x)
    # x̂ = (x - μ) s with s = 1 / √(v + ε), so x̂ mean(g x̂) = (x - μ) s² mean(g (x - μ)). The means
    # over the batch commute with the scaling by γ s, which therefore comes last and once.
    np.subtract(x, norm.mean, out=out)
    projection = np.einsum("nf,nf->f", g, out)
    projection *= norm.inverse_deviation**2 / -n
    out *= projection
    out += g
    out -= np.add.reduce(g, axis=0) / n
    out *= weight * norm.inverse_deviation


@fast_path(BatchNorm, 1)
def batch_norm_weight(norm: BatchNorm, g: Array, out: Array) -> None:
    centred = norm.inputs[0].data - norm.mean
    np.multiply(np.einsum("nf,nf->f", g, centred), norm.inverse_deviation, out=out)


@fast_path(BatchNorm, 2)
def batch_norm_bias(norm: BatchNorm, g: Array, out: Array) -> None:
    np.add.reduce(g, axis=0, out=out)
