"""One derivative of a step that was recorded, against difference quotients.

The sum of g times the output stands for the loss, g being the gradient of the loss by the output:
its gradient by the inputs is the loss's. It is computed in float64, so that the quotient of two
near points tells (f(x + h d) - f(x - h d)) / 2h from the slope along d to many digits.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from mnist_engine.autograd import Array, GradientTape, Tensor
from mnist_engine.autograd.activations import LeakyReLU, ReLU
from mnist_engine.autograd.arithmetic import Abs
from mnist_engine.autograd.operation import Operation
from mnist_engine.autograd.pooling import MaxPool2d
from mnist_engine.inspection.recorded import fresh, recorded
from mnist_engine.training.trainer import Trainer

STEP = 1e-6
"""h, where numbers are of size 1: near the cube root of float64's precision, where the errors of
rounding and of cutting off the series are about the same (Press et al., Numerical Recipes, 2007,
section 5.7)."""

ENOUGH = 1e-5
"""Two slopes agree that differ by so small a part; a wrong formula is off by much more."""

ROUNDING = 32 * np.finfo(np.float64).eps
"""Of a sum, as a part of the sum of its sizes: that of 0 is no exact 0."""


class Check(NamedTuple):
    """A slope of the loss, by the input called ``argument``, along one direction.

    ``along`` is "the gradient", or "chance" for a random direction. ``analytic`` is what the
    derivative says, ``numeric`` the difference quotient, and ``noise`` what rounding alone may make
    of that. ``kinks`` counts numbers of the input that were not moved, for they stand where the
    function has a kink, and no derivative.
    """

    argument: str
    along: str
    analytic: float
    numeric: float
    noise: float
    kinks: int

    @property
    def error(self) -> float:
        """The difference, relative to the larger of both."""
        scale = max(abs(self.analytic), abs(self.numeric))
        return abs(self.analytic - self.numeric) / scale if scale else 0.0

    @property
    def agrees(self) -> bool:
        """Whether both are the same, as far as can be told."""
        return bool(self.error <= ENOUGH or abs(self.analytic - self.numeric) <= self.noise)


def checks_of(trainer: Trainer, network: str, number: int) -> list[Check]:
    """The derivatives of operation ``number`` on the tape of ``network``, checked on the spot.

    By each of its inputs that the loss can be differentiated by; none where the loss does not
    depend on it. IndexError where the tape has no such operation.
    """
    with recorded(trainer, network) as (tape, gradients):
        operation = tape.operations[number]
        gradient = gradients.get(operation.output)
        if gradient is None:
            return []
        return list(_checks(operation, gradient.data.astype(np.float64)))


def argument_names(operation: Operation) -> list[str]:
    """What its formula calls each input."""
    code = type(operation).forward.__code__
    names = [name for name in code.co_varnames[1 : code.co_argcount] if name != "out"]
    inputs = len(operation.inputs)
    return names if len(names) >= inputs else [f"x{i + 1}" for i in range(inputs)]


def _checks(operation: Operation, weight: Array) -> Iterator[Check]:
    arrays = [tensor.data.astype(np.float64) for tensor in operation.inputs]
    moved = [
        argument
        for argument, tensor in enumerate(operation.inputs)
        if tensor.requires_grad and operation.derivative(argument) is not None
    ]
    tensors = [Tensor(a, requires_grad=i in moved) for i, a in enumerate(arrays)]
    with GradientTape() as tape:
        loss = (fresh(operation)(*tensors) * Tensor(weight)).sum()
    gradients = tape.gradient(loss, [tensors[argument] for argument in moved])
    names = argument_names(operation)
    rng = np.random.default_rng(0)
    for argument, gradient in zip(moved, gradients, strict=True):
        step = STEP * max(float(np.abs(arrays[argument]).max(initial=0)), 1.0)
        kinks = _kinks(operation, arrays[argument], 2 * step)
        directions = {"the gradient": gradient.data, "chance": rng.standard_normal(gradient.shape)}
        for along, direction in directions.items():
            direction = np.where(kinks, 0.0, direction)
            direction /= max(float(np.abs(direction).max(initial=0)), np.finfo(np.float64).tiny)
            numeric, noise = _quotient(operation, arrays, weight, argument, direction * step)
            yield Check(
                names[argument],
                along,
                float((gradient.data * direction).sum()),
                numeric / step,
                noise / step,
                int(kinks.sum()),
            )


def _quotient(
    operation: Operation, arrays: list[Array], weight: Array, argument: int, way: Array
) -> tuple[float, float]:
    """Half of what the loss changes by between both ends of ``way``, and what of it is rounding."""
    terms = []
    for sign in (1, -1):
        inputs = list(arrays)
        inputs[argument] = arrays[argument] + sign * way
        terms.append(weight * fresh(operation).forward(*inputs))
    change = float((terms[0] - terms[1]).sum()) / 2
    return change, ROUNDING * float(np.abs(terms[0]).sum())


def _kinks(operation: Operation, x: Array, reach: float) -> Array:
    """Where ``x`` is as near as ``reach`` to where the function's slope jumps: booleans."""
    match operation:
        case ReLU() | LeakyReLU() | Abs():
            return np.asarray(np.abs(x) <= reach)
        case MaxPool2d():
            taps = operation.taps(*x.shape[2:])
            largest = fresh(operation).forward(x)
            rivals = sum((x[tap] >= largest - reach).astype(int) for tap in taps)
            near = np.zeros(x.shape, bool)
            for tap in taps:
                near[tap] |= rivals > 1
            return near
    return np.zeros(x.shape, bool)
