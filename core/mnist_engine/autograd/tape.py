"""The chain rule: a list of operations, walked backwards."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from types import TracebackType
from typing import TYPE_CHECKING

import numpy as np

from mnist_engine.autograd import active
from mnist_engine.autograd.buffers import Buffers

if TYPE_CHECKING:
    from mnist_engine.autograd.operation import Operation
    from mnist_engine.autograd.tensor import Array, Tensor


class GradientTape:
    """Records operations on tensors, then finds gradients by reverse accumulation.

    ::

        with GradientTape() as tape:
            loss = ((x @ weight - target) ** 2.0).mean()
        (gradient,) = tape.gradient(loss, [weight])

    Operations inside the ``with`` are recorded, outside nothing is. The list is in the order of
    execution, so every operation stands behind those whose results it uses, and the backward pass
    is the list in reverse: no recursion, no sorting (Griewank & Walther, Evaluating Derivatives,
    2008, chapter 3).

    A tape may be entered again, once a training step, say. It then forgets what it recorded and
    uses the memory of the former pass for the new one; tensors of the former pass raise an error
    when read. Tapes may be nested; the innermost alone records. For second derivatives one tape is
    enough: inside the ``with``, ``gradient(..., create_graph=True)`` records the derivative as
    well.
    """

    def __init__(self) -> None:
        self.operations: list[Operation] = []
        self.buffers = Buffers()
        self.recording = False
        self._lent: list[Tensor] = []

    def __enter__(self) -> GradientTape:
        if self.recording:
            raise RuntimeError("this tape is recording already; make another one to nest it")
        for tensor in self._lent:
            tensor.expire()
        self._lent.clear()
        self.operations.clear()
        self.buffers.rewind()
        self.recording = True
        active.push(self)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        active.pop()
        self.recording = False

    def lends(self, tensor: Tensor) -> None:
        """Note that ``tensor`` holds memory of this pass, so that the next pass can expire it."""
        tensor.tape = self
        self._lent.append(tensor)

    def gradient(
        self, target: Tensor, sources: Sequence[Tensor], create_graph: bool = False
    ) -> list[Tensor]:
        """d(sum of target)/d(source) for each of ``sources``, in the shapes of the sources.

        A source that the target does not depend on has a gradient of zeros. With ``create_graph``
        the derivative is recorded too and can be differentiated again; the tape must still be
        recording.

        Raises RuntimeError where this tape did not record the target, and ValueError for a source
        without ``requires_grad``, on which nothing is recorded.
        """
        if create_graph and not self.recording:
            raise RuntimeError(
                "gradient: create_graph=True records the derivative, "
                "so call it inside the `with` block"
            )
        gradients = self._walk(target, sources, create_graph, {})
        return [
            gradients[source] if source in gradients else _filled_like(source, 0.0)
            for source in sources
        ]

    def backward(self, target: Tensor, parameters: Sequence[Tensor] | None = None) -> None:
        """Add d(target)/d(parameter) to the ``grad`` of each parameter.

        See :meth:`Tensor.backward`.
        """
        if target.size != 1:
            raise ValueError(
                f"backward: the tensor has shape {target.shape}; a loss is one number: "
                "reduce it with .mean() or .sum()"
            )
        parameters = self._leaves() if parameters is None else list(dict.fromkeys(parameters))
        destinations: dict[Tensor, Array] = {}
        for parameter in parameters:
            if parameter.grad is None:
                parameter.grad = np.empty_like(parameter.data)
                parameter.grad_is_stale = True
            if parameter.grad_is_stale:
                destinations[parameter] = parameter.grad
        gradients = self._walk(target, parameters, False, destinations)
        for parameter in parameters:
            assert parameter.grad is not None
            found = gradients.get(parameter)
            if not parameter.grad_is_stale:
                parameter.grad += 0 if found is None else found.data
            elif found is None:
                parameter.grad.fill(0)
            elif found.data is not parameter.grad:
                np.copyto(parameter.grad, found.data)
            parameter.grad_is_stale = False

    def _leaves(self) -> list[Tensor]:
        """Tensors with ``requires_grad`` that no operation has made, in the order of their use."""
        used = (tensor for operation in self.operations for tensor in operation.inputs)
        return list(dict.fromkeys(t for t in used if t.requires_grad and t.tape is None))

    def _walk(
        self,
        target: Tensor,
        sources: Sequence[Tensor],
        create_graph: bool,
        destinations: dict[Tensor, Array],
    ) -> dict[Tensor, Tensor]:
        """The tape in reverse: the gradients of ``target`` that were found, by source.

        Gradients of the sources in ``destinations`` are written to the array given there.
        """
        self._check_recorded(target, sources)
        operations = tuple(self.operations)  # create_graph appends while we walk
        needed = _dependents(operations, sources)
        kept = set(sources)
        gradients = {target: _filled_like(target, 1.0)}
        was_recording, self.recording = self.recording, create_graph
        active.push(self)
        try:
            for operation in reversed(operations):
                gradient = gradients.get(operation.output)
                if gradient is None:
                    continue  # the target does not depend on it
                if operation.output not in kept:
                    del gradients[operation.output]  # complete, and passed on just now
                for argument, source in enumerate(operation.inputs):
                    if source not in needed:
                        continue
                    earlier = gradients.get(source)
                    destination = destinations.get(source)
                    memory = destination if earlier is None else None
                    part = self._pass_back(operation, argument, gradient, memory)
                    if part is not None:
                        gradients[source] = _add(earlier, part, destination)
        finally:
            active.pop()
            self.recording = was_recording
        if any(source not in gradients for source in sources):
            self._check_complete(operations)
        return gradients

    def _pass_back(
        self, operation: Operation, argument: int, gradient: Tensor, memory: Array | None
    ) -> Tensor | None:
        """What ``operation`` passes of its output's ``gradient`` to one input; None if constant.

        A first derivative takes the fast path where there is one, which writes to ``memory`` if
        it is given.
        """
        source = operation.inputs[argument]
        fast_path = None if self.recording else operation.fast_paths.get(argument)
        if fast_path is None:
            derivative = operation.derivative(argument)
            if derivative is None:
                return None
            return unbroadcast(derivative(gradient, *operation.inputs), source.shape)
        if memory is not None:
            fast_path(operation, gradient.data, memory)
            return source.wrap(memory)
        key = (fast_path, source.dtype, source.shape)
        memory = self.buffers.take(key)
        if memory is None:
            memory = np.empty_like(source.data)
            self.buffers.keep(key, memory)
        fast_path(operation, gradient.data, memory)
        part = source.wrap(memory)
        self.lends(part)
        return part

    def _check_recorded(self, target: Tensor, sources: Sequence[Tensor]) -> None:
        """Refuse what could only give zeros, and wrong ones."""
        if target.tape is not self and target not in sources:
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

    def _check_complete(self, operations: Sequence[Operation]) -> None:
        """Refuse a gradient of zero where the way to its source may lead over another tape."""
        for operation in operations:
            for tensor in operation.inputs:
                if tensor.requires_grad and tensor.tape not in (None, self):
                    raise RuntimeError(
                        f"gradient: an input of {operation.name} was recorded on another tape, "
                        "where this one cannot follow; compute it inside the same `with` block, or "
                        "detach() it and ask only for gradients of what is on this tape"
                    )


def unbroadcast(gradient: Tensor, shape: tuple[int, ...]) -> Tensor:
    """Sum ``gradient`` over the axes along which an input of ``shape`` was repeated."""
    if gradient.shape == shape:
        return gradient
    leading = gradient.ndim - len(shape)
    if leading > 0:
        gradient = gradient.sum(axis=tuple(range(leading)))
    stretched = tuple(i for i, n in enumerate(shape) if n == 1 and gradient.shape[i] != 1)
    return gradient.sum(axis=stretched, keepdims=True) if stretched else gradient


def _dependents(operations: Iterable[Operation], sources: Iterable[Tensor]) -> set[Tensor]:
    """``sources`` and all tensors that were computed from them: where gradients must flow."""
    tensors = set(sources)
    for operation in operations:
        if not tensors.isdisjoint(operation.inputs):
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


def _filled_like(tensor: Tensor, value: float) -> Tensor:
    return tensor.wrap(np.full_like(tensor.data, value))
