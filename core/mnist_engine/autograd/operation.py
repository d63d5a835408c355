"""A function and its derivative, side by side."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from mnist_engine.autograd import active

if TYPE_CHECKING:
    from mnist_engine.autograd.tensor import Array, Operand, Tensor

Derivative = Callable[..., "Tensor"]
FastPath = Callable[..., "Array"]


class Operation:
    """One application of a differentiable function; an entry on a tape.

    A subclass states what it computes and, for each argument of ``forward``, how a gradient passes
    through it::

        class Multiply(Operation):
            \"\"\"z = x y\"\"\"

            def forward(self, x, y, out=None):
                return np.multiply(x, y, out=out)

            def d_x(self, g, x, y):
                return g * y

            def d_y(self, g, x, y):
                return g * x

    ``forward`` runs on arrays. It may use ``out``, an array of the result's shape from an earlier
    pass, in place of new memory, and must return the result. ``d_x`` gets ``g``, the gradient of
    the loss with respect to the output, and the inputs, all as tensors, and returns the gradient
    with respect to ``x`` in the shape of the output (the tape sums over what was broadcast). Since
    it is made of operations itself, second derivatives follow from it. An argument without a ``d_``
    method is a constant.

    Options (an axis, a slope) are arguments of the constructor and make up :meth:`options`.
    """

    forward: Callable[..., Array]

    reuses_memory: ClassVar[bool] = True
    """Whether ``forward`` takes ``out``. Views (a transposed matrix) do not."""

    derivatives: ClassVar[tuple[Derivative | None, ...]] = ()
    """The ``d_`` methods in the order of ``forward``'s arguments; the last serves all further ones."""

    fast_paths: ClassVar[dict[int, FastPath]] = {}
    """Hand-written first derivatives on arrays, by argument; see ``kernels``."""

    inputs: tuple[Tensor, ...]
    output: Tensor

    def __init_subclass__(cls) -> None:
        arguments = [name for name in inspect.signature(cls.forward).parameters if name != "self"]
        cls.derivatives = tuple(
            getattr(cls, f"d_{name}", None) for name in arguments if name != "out"
        )
        cls.fast_paths = {}

    def options(self) -> tuple[Any, ...]:
        """What, besides the inputs' shapes, decides the shape of the output."""
        return ()

    def derivative(self, argument: int) -> Derivative | None:
        """The bound ``d_`` method for input number ``argument``, None for a constant."""
        function = self.derivatives[min(argument, len(self.derivatives) - 1)]
        return None if function is None else function.__get__(self)

    def __call__(self, *operands: Operand) -> Tensor:
        """Compute the result, and record it if a tape is active and an input has a history.

        Raises TypeError where dtypes differ (a silent float64 doubles the cost of all that follows)
        and ValueError where shapes do not fit; both name the operation and what it got.
        """
        inputs = _as_tensors(self, operands)
        arrays = [tensor.data for tensor in inputs]
        dtype = arrays[0].dtype
        for array in arrays:
            if array.dtype is not dtype and array.dtype != dtype:
                raise TypeError(
                    f"{self.name}: inputs have dtypes {', '.join(str(a.dtype) for a in arrays)}; "
                    "they must agree: convert one with Tensor(array, dtype=...)"
                )
        tape = active.tape()
        key: tuple[Any, ...] = ()
        memory: Array | None = None
        if tape is not None and self.reuses_memory:
            key = (type(self), dtype, self.options(), *[array.shape for array in arrays])
            memory = tape.buffers.take(key)
        try:
            result = self.forward(*arrays) if memory is None else self.forward(*arrays, out=memory)
        except ValueError as error:
            shapes = ", ".join(str(array.shape) for array in arrays)
            raise ValueError(f"{self.name}: inputs have shapes {shapes}; {error}") from None
        if not isinstance(result, np.ndarray):  # NumPy returns a bare number for arrays without axes
            result = np.asarray(result)
        output = _tensor_class().wrap(result)
        if tape is not None:
            if self.reuses_memory and memory is not result:
                tape.buffers.keep(key, result)
            tape.lends(output)
            if tape.recording and any(tensor.requires_grad for tensor in inputs):
                self.inputs = inputs
                self.output = output
                output.requires_grad = True
                output.tape = tape
                tape.operations.append(self)
        return output

    @property
    def name(self) -> str:
        """The operation's name in messages and in the inspector."""
        return type(self).__name__


def _as_tensors(operation: Operation, operands: tuple[Operand, ...]) -> tuple[Tensor, ...]:
    """Operands as tensors; bare numbers take the dtype of the first tensor or array among them."""
    tensor_class = _tensor_class()
    if all(type(operand) is tensor_class for operand in operands):
        return operands  # type: ignore[return-value]
    dtype = next((o.dtype for o in operands if hasattr(o, "dtype") and hasattr(o, "shape")), None)
    tensors = []
    for operand in operands:
        if isinstance(operand, tensor_class):
            tensors.append(operand)
        elif isinstance(operand, np.ndarray):
            tensors.append(tensor_class.wrap(operand))
        elif isinstance(operand, (int, float)):
            tensors.append(tensor_class.wrap(np.asarray(operand, dtype=dtype)))
        else:
            raise TypeError(
                f"{operation.name}: got {type(operand).__name__}; give a Tensor, an array or a number"
            )
    return tuple(tensors)


def _tensor_class() -> type[Tensor]:
    from mnist_engine.autograd.tensor import Tensor  # it imports the operations

    return Tensor
