"""The tape of a step as a table: what was computed, how large it is, what flows back, how long.

The step is recorded for the purpose, with the weights as they are and the images that come first;
it moves nothing.
"""

from __future__ import annotations

import copy
import math
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import NamedTuple

import numpy as np

from mnist_engine.autograd import Array, GradientTape, Tensor, reverse
from mnist_engine.autograd.activations import ReLU, Sigmoid, Tanh
from mnist_engine.autograd.operation import Operation
from mnist_engine.nn.module import Module
from mnist_engine.training.randomness import restore, state_of
from mnist_engine.training.trainer import Trainer

SATURATED = 0.97
"""Where tanh is that near to 1 or -1 its slope is below 0.06; σ likewise near 0 or 1."""

STEP = 1e-6
"""Half the distance of the two points of a difference quotient, in float64: near the cube root of
its precision, where the errors of rounding and of cutting off the series are about the same
(Press et al., Numerical Recipes, 2007, section 5.7)."""


class Row(NamedTuple):
    """One operation: ``number`` counts from 0, on the tape of the loss of ``network``.

    ``gradient_norm`` is that of the loss by the output, None where the loss does not depend on it.
    ``quiet`` is the share of outputs through which hardly any gradient passes: 0 after ReLU, near
    the ends of tanh and sigmoid; None where nothing saturates. Times are those of one more
    evaluation.
    """

    number: int
    network: str
    name: str
    formula: str
    inputs: tuple[tuple[int, ...], ...]
    output: tuple[int, ...]
    output_norm: float
    gradient_norm: float | None
    quiet: float | None
    microseconds: float


class Check(NamedTuple):
    """A derivative against a difference quotient, along one direction, in float64.

    ``analytic`` is what the tape says that the loss changes by, ``numeric`` what it does.
    """

    argument: str
    analytic: float
    numeric: float

    @property
    def error(self) -> float:
        """Relative to the larger of both."""
        scale = max(abs(self.analytic), abs(self.numeric), 1e-30)
        return abs(self.analytic - self.numeric) / scale


def rows_of(trainer: Trainer, network: str) -> list[Row]:
    """The tape of a step of ``network``."""
    with _recorded(trainer, network) as (tape, gradients):
        return [
            _row(number, network, operation, gradients.get(operation.output))
            for number, operation in enumerate(tape.operations)
        ]


def checks_of(trainer: Trainer, network: str, number: int) -> list[Check]:
    """The derivative of operation ``number`` by each of its inputs, checked on the spot.

    IndexError where the tape has no such operation.
    """
    with _recorded(trainer, network) as (tape, gradients):
        operation = tape.operations[number]
        gradient = gradients.get(operation.output)
        if gradient is None:
            return []
        arrays = [tensor.data.astype(np.float64) for tensor in operation.inputs]
        return list(_checks(operation, arrays, gradient.data.astype(np.float64)))


# -- recording -----------------------------------------------------------------------------------


@contextmanager
def _recorded(
    trainer: Trainer, network: str
) -> Iterator[tuple[GradientTape, dict[Tensor, Tensor]]]:
    """A tape of the loss of ``network``, and the loss's gradients by all that is on it."""
    with _untouched(trainer):
        tape = GradientTape()
        with tape:
            loss = trainer.loss_of(network)
        sources = [operation.output for operation in tape.operations if not operation.is_flat]
        yield tape, reverse.walk(tape, loss, sources, create_graph=False)


@contextmanager
def _untouched(trainer: Trainer) -> Iterator[None]:
    """Random streams, and the buffers of networks, are afterwards as they were."""
    streams = {purpose: state_of(stream) for purpose, stream in trainer.random.items()}
    kept = [(array, array.copy()) for array in _buffers(trainer)]
    try:
        yield
    finally:
        for purpose, state in streams.items():
            restore(trainer.random[purpose], state)
        for array, values in kept:
            array[...] = values


def _buffers(trainer: Trainer) -> Iterator[Array]:
    networks: dict[str, Module] = {**trainer.networks}
    for network in networks.values():
        yield from network.buffers()


# -- rows ----------------------------------------------------------------------------------------


def _row(number: int, network: str, operation: Operation, gradient: Tensor | None) -> Row:
    output = operation.output.data
    return Row(
        number=number,
        network=network,
        name=operation.name,
        formula=(type(operation).__doc__ or "").strip(),
        inputs=tuple(tensor.shape for tensor in operation.inputs),
        output=output.shape,
        output_norm=_norm(output),
        gradient_norm=None if gradient is None else _norm(gradient.data),
        quiet=_quiet(operation, output),
        microseconds=_time(operation),
    )


def _norm(array: Array) -> float:
    return math.sqrt(float(np.square(array, dtype=np.float64).sum()))


def _quiet(operation: Operation, output: Array) -> float | None:
    match operation:
        case ReLU():
            return float((output <= 0).mean())
        case Tanh():
            return float((np.abs(output) > SATURATED).mean())
        case Sigmoid():
            return float((np.abs(2 * output - 1) > SATURATED).mean())
    return None


def _time(operation: Operation) -> float:
    again = _fresh(operation)
    arrays = [tensor.data for tensor in operation.inputs]
    begin = time.perf_counter()
    again.forward(*arrays)
    return (time.perf_counter() - begin) * 1e6


def _fresh(operation: Operation) -> Operation:
    """The same function, on no tape."""
    again = copy.copy(operation)
    for name in ("inputs", "output"):
        vars(again).pop(name, None)
    return again


# -- checks --------------------------------------------------------------------------------------


def _checks(operation: Operation, arrays: list[Array], weight: Array) -> Iterator[Check]:
    """The sum of ``weight`` times the output stands for the loss: its gradient is the same."""
    rng = np.random.default_rng(0)
    names = _arguments(operation.forward)
    for argument, name in enumerate(names[: len(arrays)]):
        if operation.derivative(argument) is None:
            continue
        direction = rng.standard_normal(arrays[argument].shape)
        direction *= max(float(np.abs(arrays[argument]).max(initial=0)), 1.0)
        direction /= max(float(np.linalg.norm(direction)), 1e-30)

        def value(share: float, argument: int = argument, along: Array = direction) -> float:
            moved = list(arrays)
            moved[argument] = moved[argument] + share * along
            return float((weight * _fresh(operation).forward(*moved)).sum())

        tensors = [Tensor(a, requires_grad=i == argument) for i, a in enumerate(arrays)]
        with GradientTape() as tape:
            loss = (_fresh(operation)(*tensors) * Tensor(weight)).sum()
        (gradient,) = tape.gradient(loss, [tensors[argument]])
        yield Check(
            name,
            float((gradient.data * direction).sum()),
            (value(STEP) - value(-STEP)) / (2 * STEP),
        )


def _arguments(function: Callable[..., Array]) -> list[str]:
    code = function.__code__
    return [name for name in code.co_varnames[: code.co_argcount] if name not in ("self", "out")]
