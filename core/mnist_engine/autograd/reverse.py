"""The chain rule: the tape walked in reverse.

Bare of all that makes it fast and safe, reverse accumulation is this::

    gradients = {target: 1}
    for operation in reversed(tape.operations):
        g = gradients[operation.output]
        for argument, x in enumerate(operation.inputs):
            part = operation.derivative(argument)(g, *operation.inputs)
            gradients[x] += unbroadcast(part, x.shape)

An operation stands behind all that its inputs needed and before all that used its output, so when
the walk comes to it the gradient of its output is complete. :func:`walk` is this loop; besides, it
passes over what no source depends on and what the target does not depend on, takes fast paths, and
writes to memory that is there already.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

from mnist_engine.autograd import active

if TYPE_CHECKING:
    from mnist_engine.autograd.operation import Operation
    from mnist_engine.autograd.tape import GradientTape
    from mnist_engine.autograd.tensor import Array, Tensor


def walk(
    tape: GradientTape,
    target: Tensor,
    sources: Sequence[Tensor],
    create_graph: bool,
    destinations: Mapping[Tensor, Array] = MappingProxyType({}),
) -> dict[Tensor, Tensor]:
    """The gradients of ``target`` that were found on ``tape``, by source.

    With ``create_graph`` the derivative is recorded as well. Gradients of the sources in
    ``destinations`` are written to the array given there.

    Raises RuntimeError or ValueError where the answer could only be a wrong zero.
    """
    _check_recorded(tape, target, sources)
    changed = {leaf for leaf, version in tape.leaves.items() if leaf.version != version}
    tape.walks += 1
    operations = tuple(tape.operations)  # create_graph appends while we walk
    needed = _dependents(operations, sources)
    kept = set(sources)
    gradients = {target: filled_like(target, 1.0)}
    was_recording, tape.recording = tape.recording, create_graph
    active.push(tape)
    try:
        for operation in reversed(operations):
            gradient = gradients.get(operation.output)
            if gradient is None:
                continue  # the target does not depend on it
            if changed and not changed.isdisjoint(operation.inputs):
                raise _stale(operation)
            if operation.output not in kept:
                del gradients[operation.output]  # complete, and passed on just now
            for argument, source in enumerate(operation.inputs):
                if source not in needed:
                    if source.is_result and source.tape is not tape:
                        raise _elsewhere(operation)
                    continue
                earlier = gradients.get(source)
                destination = destinations.get(source)
                memory = destination if earlier is None else None
                part = _pass_back(tape, operation, argument, gradient, memory)
                if part is not None:
                    gradients[source] = _add(earlier, part, destination)
    finally:
        active.pop(tape)
        tape.recording = was_recording
    if any(source not in gradients for source in sources):
        _check_complete(tape, operations)
    return gradients


def unbroadcast(gradient: Tensor, shape: tuple[int, ...]) -> Tensor:
    """Sum ``gradient`` over the axes along which an input of ``shape`` was repeated."""
    if gradient.shape == shape:
        return gradient
    leading = gradient.ndim - len(shape)
    if leading < 0:
        return gradient  # of no broadcasting: whoever made it must answer for it
    if leading > 0:
        gradient = gradient.sum(axis=tuple(range(leading)))
    stretched = tuple(i for i, n in enumerate(shape) if n == 1 and gradient.shape[i] != 1)
    return gradient.sum(axis=stretched, keepdims=True) if stretched else gradient


def _pass_back(
    tape: GradientTape,
    operation: Operation,
    argument: int,
    gradient: Tensor,
    memory: Array | None,
) -> Tensor | None:
    """What ``operation`` passes of its output's ``gradient`` to one input; None if constant.

    A first derivative takes the fast path where there is one, which writes to ``memory`` if
    it is given.
    """
    source = operation.inputs[argument]
    fast_path = None if tape.recording else operation.fast_path(argument)
    if fast_path is None:
        derivative = operation.derivative(argument)
        if derivative is None:
            return None
        part = derivative(gradient, *operation.inputs)
        if not isinstance(part, source.__class__):
            raise TypeError(
                f"{operation.name}: the derivative by input number {argument} is a "
                f"{type(part).__name__}; its d_ method must return a Tensor"
            )
        part = unbroadcast(part, source.shape)
        if part.shape != source.shape:
            raise ValueError(
                f"{operation.name}: the derivative by input number {argument} has shape "
                f"{part.shape}; it must have the input's, {source.shape}, or the output's"
            )
        return part
    if memory is not None:
        fast_path(operation, gradient.data, memory)
        return source.wrap(memory)
    key = (fast_path, source.dtype, source.shape)
    number, memory = tape.buffers.take(key)
    if memory is None:
        memory = np.empty_like(source.data)
        tape.buffers.keep(number, key, memory)
    fast_path(operation, gradient.data, memory)
    part = source.wrap(memory)
    tape.lends(part)
    return part


def _dependents(operations: Iterable[Operation], sources: Iterable[Tensor]) -> set[Tensor]:
    """``sources`` and all tensors that were computed from them: where gradients must flow."""
    tensors = set(sources)
    for operation in operations:
        if not operation.is_flat and not tensors.isdisjoint(operation.inputs):
            tensors.add(operation.output)
    return tensors


def _add(earlier: Tensor | None, part: Tensor, destination: Array | None) -> Tensor:
    """``earlier`` (nothing where None) + ``part``, in ``destination`` where that is given.

    Without a destination nothing is added in place: ``part`` may be the very tensor that another
    input got too, z = x + y passing the same gradient to both.
    """
    if destination is None:
        return part if earlier is None else earlier + part
    if earlier is not None:
        np.add(destination, part.data, out=destination)
    elif part.data is not destination:
        np.copyto(destination, part.data)
    return part.wrap(destination)


def filled_like(tensor: Tensor, value: float) -> Tensor:
    """A tensor of ``tensor``'s shape and dtype that holds ``value`` throughout."""
    return tensor.wrap(np.full_like(tensor.data, value))


def _stale(operation: Operation) -> RuntimeError:
    return RuntimeError(
        f"gradient: an input of {operation.name} has changed since it was recorded (by an "
        "optimizer's step, or a state that was loaded), so the derivative would be that of other "
        "numbers; find all gradients of a pass before the step, or enter the tape again"
    )


def _check_recorded(tape: GradientTape, target: Tensor, sources: Sequence[Tensor]) -> None:
    """Refuse what could only give zeros, and wrong ones."""
    if isinstance(sources, target.__class__):
        raise TypeError("gradient: sources is a list of tensors; for one tensor write [x]")
    if target.tape is not tape and target not in sources:
        raise RuntimeError(
            "gradient: this tape did not record the target; compute it inside the `with` block"
        )
    if not target.requires_grad:
        raise RuntimeError(
            "gradient: the target depends on no tensor with requires_grad=True "
            "(a gradient is recorded with create_graph=True only)"
        )
    for number, source in enumerate(sources):
        if not source.requires_grad:
            raise ValueError(
                f"gradient: source number {number}, of shape {source.shape}, has "
                "requires_grad=False, so what was done with it was not recorded"
            )


def _check_complete(tape: GradientTape, operations: Sequence[Operation]) -> None:
    """Refuse a gradient of zero where the way to its source may lead over another tape."""
    for operation in operations:
        for tensor in operation.inputs:
            if tensor.is_result and tensor.tape is not tape:
                raise _elsewhere(operation)


def _elsewhere(operation: Operation) -> RuntimeError:
    return RuntimeError(
        f"gradient: an input of {operation.name} was recorded on another tape, "
        "where this one cannot follow; compute it inside the same `with` block, or "
        "detach() it and ask only for gradients of what is on this tape"
    )
