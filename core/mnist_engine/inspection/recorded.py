"""The tape of a step as a table: what was computed, how large it is, what flows back, how long.

The last step is recorded once more for the purpose, on its images and with the weights as it left
them; that moves nothing.
"""

from __future__ import annotations

import copy
import math
import time
from collections.abc import Iterator
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

TIMED = 3
"""Times that an operation is done once more, of which the shortest counts: others wait for memory,
or for another program."""


class Row(NamedTuple):
    """One operation: ``number`` counts from 0, on the tape of the loss of ``network``.

    ``inputs`` and ``output`` are shapes. ``gradient_norm`` is that of the loss by the output, None
    where the loss does not depend on it. ``quiet`` is the share of units that learn nothing or
    hardly anything: after ReLU those that are 0 for all images (dead), after tanh and sigmoid the
    outputs near the ends (saturated); None elsewhere. Times are those of the way forwards.
    """

    number: int
    network: str
    name: str
    inputs: tuple[tuple[int, ...], ...]
    output: tuple[int, ...]
    output_norm: float
    gradient_norm: float | None
    quiet: float | None
    microseconds: float


def rows_of(trainer: Trainer, network: str) -> list[Row]:
    """The tape of a step of ``network``."""
    with recorded(trainer, network) as (tape, gradients):
        return [
            _row(number, network, operation, gradients.get(operation.output))
            for number, operation in enumerate(tape.operations)
        ]


@contextmanager
def recorded(trainer: Trainer, network: str) -> Iterator[tuple[GradientTape, dict[Tensor, Tensor]]]:
    """A tape of the loss of ``network``, and the loss's gradients by all that is on it."""
    with _untouched(trainer):
        tape, loss = trainer.record(network)
        sources = [operation.output for operation in tape.operations if not operation.is_flat]
        yield tape, reverse.walk(tape, loss, sources, create_graph=False)


def fresh(operation: Operation) -> Operation:
    """The same function, on no tape."""
    again = copy.copy(operation)
    for name in ("inputs", "output"):
        vars(again).pop(name, None)
    return again


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


def _row(number: int, network: str, operation: Operation, gradient: Tensor | None) -> Row:
    output = operation.output.data
    return Row(
        number=number,
        network=network,
        name=operation.name,
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
            images = tuple(axis for axis in range(output.ndim) if axis != 1)
            return float((output.max(axis=images) <= 0).mean())
        case Tanh():
            return float((np.abs(output) > SATURATED).mean())
        case Sigmoid():
            return float((np.abs(2 * output - 1) > SATURATED).mean())
    return None


def _time(operation: Operation) -> float:
    """Microseconds that it takes forwards."""
    again = fresh(operation)
    arrays = [tensor.data for tensor in operation.inputs]
    room = {"out": np.empty_like(operation.output.data)} if operation.reuses_memory else {}
    shortest = math.inf
    for _ in range(TIMED):
        begin = time.perf_counter()
        again.forward(*arrays, **room)
        shortest = min(shortest, time.perf_counter() - begin)
    return shortest * 1e6
