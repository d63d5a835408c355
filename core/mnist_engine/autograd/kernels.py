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
from typing import TYPE_CHECKING, NamedTuple, TypeVar

import numpy as np

from mnist_engine.autograd import products, windows
from mnist_engine.autograd.activations import LeakyReLU, ReLU, Sigmoid, Tanh, sigmoid
from mnist_engine.autograd.buffers import scratch
from mnist_engine.autograd.convolution import Conv2d, ConvTranspose2d
from mnist_engine.autograd.layout import as_rows, by_offset, by_pixel, long_rows
from mnist_engine.autograd.linear_algebra import Linear, MatMul
from mnist_engine.autograd.losses import BinaryCrossEntropyWithLogits, SoftmaxCrossEntropy
from mnist_engine.autograd.normalisation import BatchNorm, centred_sums
from mnist_engine.autograd.operation import Operation
from mnist_engine.autograd.pooling import AvgPool2d, MaxPool2d, first_equal
from mnist_engine.autograd.reductions import Mean, Sum
from mnist_engine.autograd.shapes import Take, add_at
from mnist_engine.autograd.threads import in_parts

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


@fast_path(MatMul, 0)
def matmul_a(matmul: MatMul, g: Array, out: Array) -> None:
    np.matmul(g, matmul.inputs[1].data.T, out=out)


@fast_path(MatMul, 1)
def matmul_b(matmul: MatMul, g: Array, out: Array) -> None:
    products.weight_gradient(matmul.inputs[0].data, g, out)


@fast_path(Linear, 0)
def linear_x(linear: Linear, g: Array, out: Array) -> None:
    products.input_gradient(g, linear.inputs[1].data, out)


@fast_path(Linear, 1)
def linear_weight(linear: Linear, g: Array, out: Array) -> None:
    products.weight_gradient(g, linear.inputs[0].data, out)


@fast_path(Linear, 2)
def linear_bias(linear: Linear, g: Array, out: Array) -> None:
    products.column_sums(g, out)


@fast_path(Sum, 0)
def sum_x(total: Sum, g: Array, out: Array) -> None:
    np.copyto(out, g.reshape(total.unreduced(out.shape)))


@fast_path(Mean, 0)
def mean_x(mean: Mean, g: Array, out: Array) -> None:
    share = g * (g.size / max(1, out.size))
    np.copyto(out, share.reshape(mean.unreduced(out.shape)))


@fast_path(Take, 0)
def take_x(take: Take, g: Array, out: Array) -> None:
    add_at(out, take.index, g)


@fast_path(BinaryCrossEntropyWithLogits, 0)
def binary_cross_entropy_logits(loss: BinaryCrossEntropyWithLogits, g: Array, out: Array) -> None:
    logits, targets = (tensor.data for tensor in loss.inputs)
    sigmoid(logits, out)
    out -= targets
    out *= g


@fast_path(SoftmaxCrossEntropy, 0)
def softmax_cross_entropy_logits(loss: SoftmaxCrossEntropy, g: Array, out: Array) -> None:
    targets = loss.inputs[1].data

    def work(part: slice) -> None:
        dz = np.multiply(loss.probabilities[part], loss.weights[part], out=out[part])
        dz -= targets[part]
        dz *= g[part, None]

    in_parts(work, out)


@fast_path(Sigmoid, 0)
def sigmoid_x(applied: Sigmoid, g: Array, out: Array) -> None:
    y = applied.output.data

    def work(part: slice) -> None:
        dx = np.subtract(1, y[part], out=out[part])
        dx *= y[part]
        dx *= g[part]

    in_parts(work, out)


@fast_path(Tanh, 0)
def tanh_x(tanh: Tanh, g: Array, out: Array) -> None:
    y = tanh.output.data

    def work(part: slice) -> None:
        dx = np.multiply(y[part], y[part], out=out[part])
        np.subtract(1, dx, out=dx)
        dx *= g[part]

    in_parts(work, out)


@fast_path(ReLU, 0)
def relu_x(relu: ReLU, g: Array, out: Array) -> None:
    y = relu.output.data

    def work(part: slice) -> None:
        dx = np.sign(y[part], out=out[part])  # y is never negative: 0 or 1
        dx *= g[part]

    in_parts(work, out)


@fast_path(LeakyReLU, 0)
def leaky_relu_x(leaky_relu: LeakyReLU, g: Array, out: Array) -> None:
    y = leaky_relu.output.data

    def work(part: slice) -> None:
        dx = np.sign(y[part], out=out[part])  # y has the sign of x
        np.maximum(dx, leaky_relu.slope, out=dx)
        dx *= g[part]

    in_parts(work, out)


@fast_path(BatchNorm, 0)
def batch_norm_x(norm: BatchNorm, g: Array, out: Array) -> None:
    x, dx = as_rows(norm.inputs[0].data), as_rows(out)
    # x̂ = (x - μ) s with s = 1 / √(v + ε), so x̂ mean(g x̂) = (x - μ) s² mean(g (x - μ)). The means
    # over the batch commute with the scaling by γ s, which therefore comes last and once.
    sums = batch_norm_sums(norm, g)
    projection = sums.along * (norm.inverse_deviation**2 / -len(x))
    mean = sums.plain / len(x)
    scale = norm.inputs[1].data * norm.inverse_deviation
    matrices, vectors = long_rows((x, as_rows(g), dx), (norm.mean, projection, mean, scale))

    middles, projections, means, scales = vectors

    def work(part: slice) -> None:
        some_x, some_g, some = (matrix[part] for matrix in matrices)
        np.subtract(some_x, middles, out=some)
        some *= projections
        some += some_g
        some -= means
        some *= scales

    in_parts(work, matrices[0], shared=False)
    if not np.shares_memory(dx, out):  # images that do not lie in memory by pixel
        by_pixel(out)[...] = dx.reshape(by_pixel(out).shape)


@fast_path(BatchNorm, 1)
def batch_norm_weight(norm: BatchNorm, g: Array, out: Array) -> None:
    np.multiply(batch_norm_sums(norm, g).along, norm.inverse_deviation, out=out)


@fast_path(BatchNorm, 2)
def batch_norm_bias(norm: BatchNorm, g: Array, out: Array) -> None:
    out[...] = batch_norm_sums(norm, g).plain


class GradientSums(NamedTuple):
    """Σ g and Σ g (x - μ) of each channel; all three derivatives of a batch norm need them."""

    walk: int
    plain: Array
    along: Array


def batch_norm_sums(norm: BatchNorm, g: Array) -> GradientSums:
    """The sums for ``g``, computed once in a walk over the tape, which sends one g to all three."""
    assert norm.output.tape is not None
    walk = norm.output.tape.walks
    kept: GradientSums | None = norm.gradient_sums
    if kept is not None and kept.walk == walk:
        return kept
    x, rows = as_rows(norm.inputs[0].data), as_rows(g)
    sums = GradientSums(walk, products.column_sums(rows), centred_sums(x, norm.mean, rows))
    norm.gradient_sums = sums
    return sums


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
    products.column_sums(as_rows(g), out)


@fast_path(ConvTranspose2d, 2)
def conv_transpose_bias(spread: ConvTranspose2d, g: Array, out: Array) -> None:
    products.column_sums(as_rows(g), out)


@fast_path(MaxPool2d, 0)
def max_pool_x(pool: MaxPool2d, g: Array, out: Array) -> None:
    x, y = pool.inputs[0].data, pool.output.data
    rows, columns = pool.size
    apart = pool.tiles(*x.shape[2:])

    def overlapping(part: slice) -> None:
        dx = out[part]
        dx.fill(0)
        for tap, largest in pool.first_largest(x[part], y[part]):
            dx[tap] += g[part] * largest

    def tiling(part: slice) -> None:
        # The first largest of a window stands in the first row that has it, and is the first there:
        # a window is a row of numbers after another, so first rows are compared, then columns.
        places = [x[part][..., b::columns] for b in range(columns)]
        n, channels, height, width = places[0].shape
        in_row, share = (
            scratch(name, (n, height, width, channels), x.dtype).transpose(0, 3, 1, 2)
            for name in ("in row", "share")
        )
        np.copyto(in_row, places[0])
        for place in places[1:]:
            np.maximum(in_row, place, out=in_row)
        for a, first in first_equal([in_row[..., a::rows, :] for a in range(rows)], y[part]):
            np.multiply(g[part], first, out=share[..., a::rows, :])
        for b, first in first_equal(places, in_row):
            np.multiply(share, first, out=out[part][..., b::columns])

    in_parts(tiling if apart else overlapping, out)


@fast_path(AvgPool2d, 0)
def avg_pool_x(pool: AvgPool2d, g: Array, out: Array) -> None:
    def work(part: slice) -> None:
        dx, share = out[part], g[part] / math.prod(pool.size)
        dx.fill(0)
        for tap in pool.taps(*out.shape[2:]):
            dx[tap] += share

    in_parts(work, out)
