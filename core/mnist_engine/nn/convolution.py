"""Convolutional layers."""

from __future__ import annotations

import numpy as np

from mnist_engine.autograd import Tensor, convolution
from mnist_engine.autograd.layout import offsets_first
from mnist_engine.nn.arguments import IntOrPair, check_generator, pair, whole
from mnist_engine.nn.initialisers import Fans, Initialiser, fan_in_uniform
from mnist_engine.nn.module import Module


class Conv2d(Module):
    """Slides a kernel over images: (n, inputs, h, w) -> (n, outputs, i, j).

    i = (h + 2 ``padding`` - ``kernel_size``) // ``stride`` + 1. Kernel size, stride and padding are
    one number each, or one for the rows and one for the columns. ``weight`` is (outputs, inputs,
    rows, columns) and ``bias`` (outputs,), None where it is left out, as in PyTorch; both float32.

    TypeError or ValueError, in one line that names it, for an argument of the wrong kind or size;
    ValueError for an input of another form, or one that the kernel does not fit into.
    """

    def __init__(
        self,
        inputs: int,
        outputs: int,
        kernel_size: IntOrPair,
        rng: np.random.Generator,
        *,
        stride: IntOrPair = 1,
        padding: IntOrPair = 0,
        bias: bool = True,
        weights: Initialiser = fan_in_uniform,
        biases: Initialiser = fan_in_uniform,
    ) -> None:
        super().__init__()
        name = type(self).__name__
        check_generator(name, rng)
        self.stride = pair(f"{name}: stride", stride)
        self.padding = pair(f"{name}: padding", padding, least=0)
        shape = (
            whole(f"{name}: outputs", outputs),
            whole(f"{name}: inputs", inputs),
            *pair(f"{name}: kernel_size", kernel_size),
        )
        fans = Fans.of(shape)
        self.weight = Tensor(offsets_first(weights(rng, shape, fans)), requires_grad=True)
        self.bias = Tensor(biases(rng, (outputs,), fans), requires_grad=True) if bias else None

    def forward(self, x: Tensor) -> Tensor:
        bias = () if self.bias is None else (self.bias,)
        return convolution.Conv2d(self.stride, self.padding)(x, self.weight, *bias)

    def settings(self) -> str:
        outputs, inputs, *kernel = self.weight.shape
        return _settings(inputs, outputs, kernel, self.stride, self.padding)


class ConvTranspose2d(Module):
    """Spreads each pixel over a window: (n, inputs, h, w) -> (n, outputs, i, j), the way back.

    i = (h - 1) ``stride`` - 2 ``padding`` + ``kernel_size`` + ``output_padding``, so that a
    convolution with the same settings leads from i to h. ``output_padding``, less than the stride,
    chooses among the sizes that do. ``weight`` is (inputs, outputs, rows, columns) and ``bias``
    (outputs,), as in PyTorch; both float32.

    TypeError or ValueError, in one line that names it, for an argument of the wrong kind or size;
    ValueError for an input of another form, or one of which the padding leaves nothing.
    """

    def __init__(
        self,
        inputs: int,
        outputs: int,
        kernel_size: IntOrPair,
        rng: np.random.Generator,
        *,
        stride: IntOrPair = 1,
        padding: IntOrPair = 0,
        output_padding: IntOrPair = 0,
        bias: bool = True,
        weights: Initialiser = fan_in_uniform,
        biases: Initialiser = fan_in_uniform,
    ) -> None:
        super().__init__()
        name = type(self).__name__
        check_generator(name, rng)
        self.stride = pair(f"{name}: stride", stride)
        self.padding = pair(f"{name}: padding", padding, least=0)
        self.output_padding = pair(f"{name}: output_padding", output_padding, least=0)
        shape = (
            whole(f"{name}: inputs", inputs),
            whole(f"{name}: outputs", outputs),
            *pair(f"{name}: kernel_size", kernel_size),
        )
        fans = Fans.of(shape)
        self.weight = Tensor(offsets_first(weights(rng, shape, fans)), requires_grad=True)
        self.bias = Tensor(biases(rng, (outputs,), fans), requires_grad=True) if bias else None

    def forward(self, x: Tensor) -> Tensor:
        spread = convolution.ConvTranspose2d(self.stride, self.padding, self.output_padding)
        bias = () if self.bias is None else (self.bias,)
        return spread(x, self.weight, *bias)

    def settings(self) -> str:
        inputs, outputs, *kernel = self.weight.shape
        return _settings(inputs, outputs, kernel, self.stride, self.padding)


def _settings(
    inputs: int, outputs: int, kernel: list[int], stride: tuple[int, int], padding: tuple[int, int]
) -> str:
    return f"{inputs}, {outputs}, {tuple(kernel)}, stride={stride}, padding={padding}"
