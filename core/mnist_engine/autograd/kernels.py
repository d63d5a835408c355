"""First derivatives by hand, for the operations on which training spends its time.

Each function here computes, on bare arrays and in as few passes over memory as it can, what the
``d_`` method of its operation says in a formula. It exists for speed alone: without it the formula
is used, and the tests hold the two equal. Second derivatives always go by the formula.

A kernel gets the applied operation, the gradient ``g`` of its output and ``out``, an array of the
input's shape to which it writes the input's gradient.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from mnist_engine.autograd import windows
from mnist_engine.autograd.activations import LeakyReLU, ReLU, Sigmoid, Tanh
from mnist_engine.autograd.convolution import Conv2d, ConvTranspose2d, by_offset, by_pixel
from mnist_engine.autograd.linear_algebra import Linear
from mnist_engine.autograd.normalisation import BatchNorm, as_rows
from mnist_engine.autograd.operation import Operation
from mnist_engine.autograd.pooling import AvgPool2d, MaxPool2d

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
    x, g, dx = as_rows(x), as_rows(g), as_rows(out)
    n = len(x)
    # x̂ = (x - μ) s with s = 1 / √(v + ε), so x̂ mean(g x̂) = (x - μ) s² mean(g (x - μ)). The means
    # over the batch commute with the scaling by γ s, which therefore comes last and once.
    np.subtract(x, norm.mean, out=dx)
    projection = np.einsum("nf,nf->f", g, dx)
    projection *= norm.inverse_deviation**2 / -n
    dx *= projection
    dx += g
    dx -= np.add.reduce(g, axis=0) / n
    dx *= weight * norm.inverse_deviation
    if not np.shares_memory(dx, out):  # images that do not lie in memory by pixel
        by_pixel(out)[...] = dx.reshape(by_pixel(out).shape)


@fast_path(BatchNorm, 1)
def batch_norm_weight(norm: BatchNorm, g: Array, out: Array) -> None:
    centred = as_rows(norm.inputs[0].data) - norm.mean
    np.multiply(np.einsum("nf,nf->f", as_rows(g), centred), norm.inverse_deviation, out=out)


@fast_path(BatchNorm, 2)
def batch_norm_bias(norm: BatchNorm, g: Array, out: Array) -> None:
    np.add.reduce(as_rows(g), axis=0, out=out)


@fast_path(Conv2d, 0)
def conv_x(conv: Conv2d, g: Array, out: Array) -> None:
    kernel = by_offset(conv.inputs[1].data)
    windows.spread(by_pixel(g), kernel, None, conv.stride, conv.padding, by_pixel(out))


@fast_path(Conv2d, 1)
def conv_weight(conv: Conv2d, g: Array, out: Array) -> None:
    x = by_pixel(conv.inputs[0].data)
    windows.kernel_sums(x, by_pixel(g), conv.stride, conv.padding, by_offset(out))


@fast_path(ConvTranspose2d, 0)
def conv_transpose_y(spread: ConvTranspose2d, g: Array, out: Array) -> None:
    kernel = by_offset(spread.inputs[1].data)
    windows.correlate(by_pixel(g), kernel, None, spread.stride, spread.padding, by_pixel(out))


@fast_path(ConvTranspose2d, 1)
def conv_transpose_weight(spread: ConvTranspose2d, g: Array, out: Array) -> None:
    y = by_pixel(spread.inputs[0].data)
    windows.kernel_sums(by_pixel(g), y, spread.stride, spread.padding, by_offset(out))


@fast_path(Conv2d, 2)
def conv_bias(conv: Conv2d, g: Array, out: Array) -> None:
    np.add.reduce(as_rows(g), axis=0, out=out)


@fast_path(ConvTranspose2d, 2)
def conv_transpose_bias(spread: ConvTranspose2d, g: Array, out: Array) -> None:
    np.add.reduce(as_rows(g), axis=0, out=out)


@fast_path(MaxPool2d, 0)
def max_pool_x(pool: MaxPool2d, g: Array, out: Array) -> None:
    out.fill(0)
    for tap, largest in pool.first_largest(pool.inputs[0].data, pool.output.data):
        part = out[tap]
        part += g * largest


@fast_path(AvgPool2d, 0)
def avg_pool_x(pool: AvgPool2d, g: Array, out: Array) -> None:
    out.fill(0)
    share = g / math.prod(pool.size)
    for tap in pool.taps(*out.shape[2:]):
        part = out[tap]
        part += share
