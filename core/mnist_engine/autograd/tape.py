"""A list of operations in the order in which they were done, to be walked backwards."""

from __future__ import annotations

from collections.abc import Sequence
from types import TracebackType
from typing import TYPE_CHECKING

import numpy as np

from mnist_engine.autograd import active, reverse
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
        self.walks = 0  # how often it was walked back
        self.leaves: dict[Tensor, int] = {}
        """The variables that were used, with the version in which they were."""
        self._lent: list[Tensor] = []

    def __enter__(self) -> GradientTape:
        if self.recording:
            raise RuntimeError("this tape is recording already; make another one to nest it")
        for tensor in self._lent:
            tensor.expire()
        self._lent.clear()
        self.operations.clear()
        self.leaves.clear()
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
        self.recording = False
        active.pop(self)

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
        recording. The gradients are valid until this tape is entered again; ``numpy()`` keeps them.

        Raises RuntimeError where this tape did not record the target or all that leads to it, where
        a parameter has changed since it was recorded, and for ``create_graph`` outside of the
        ``with`` block; ValueError for a source without ``requires_grad``, on which nothing is
        recorded; TypeError where ``sources`` is no list.
        """
        if create_graph and not self.recording:
            raise RuntimeError(
                "gradient: create_graph=True records the derivative, "
                "so call it inside the `with` block"
            )
        gradients = reverse.walk(self, target, sources, create_graph)
        return [
            gradients[source] if source in gradients else reverse.filled_like(source, 0.0)
            for source in sources
        ]

    def backward(self, target: Tensor, parameters: Sequence[Tensor] | None = None) -> None:
        """Add d(target)/d(parameter) to the ``grad`` of each parameter.

        See :meth:`Tensor.backward`.
        """
        if isinstance(parameters, target.__class__):
            raise TypeError("backward: parameters is a list of tensors; for one tensor write [x]")
        if target.size != 1:
            raise ValueError(
                f"backward: the tensor has shape {target.shape}; a loss is one number: "
                "reduce it with .mean() or .sum()"
            )
        parameters = list(dict.fromkeys(self.leaves if parameters is None else parameters))
        destinations: dict[Tensor, Array] = {}
        for parameter in parameters:
            if parameter.grad is None:
                parameter.grad = np.empty_like(parameter.data)
                parameter.grad_is_stale = True
            if parameter.grad_is_stale:
                destinations[parameter] = parameter.grad
        gradients = reverse.walk(self, target, parameters, False, destinations)
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
