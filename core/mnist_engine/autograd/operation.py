"""A function and its derivative, side by side."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ClassVar, cast

import numpy as np
from numpy.typing import DTypeLike

from mnist_engine.autograd import active
from mnist_engine.autograd.threads import PART, in_parts

if TYPE_CHECKING:
    from mnist_engine.autograd.tape import GradientTape
    from mnist_engine.autograd.tensor import Array, Operand, Tensor

Derivative = Callable[..., "Tensor"]
FastPath = Callable[..., None]


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
    with respect to ``x``, of the shape of ``x`` or of the output (the tape sums over what was
    broadcast). Since it is made of operations itself, second derivatives follow from it. An
    argument without a ``d_`` method passes no gradient: the function does not depend on it
    smoothly, or is flat. A ``forward`` without ``out`` has new memory each time.

    The ``d_`` methods are found by the names of ``forward``'s arguments. Options (an axis, a slope)
    are arguments of the constructor; those that decide the output's shape make up :meth:`options`.
    """

    forward: Callable[..., Array]

    tensor_class: ClassVar[type[Tensor]]
    """:class:`Tensor`, which sets it: tensors name the operations, and operations make tensors."""

    reuses_memory: ClassVar[bool] = True
    """Whether ``forward`` takes ``out``; views of the input (a transposed matrix) do not."""

    row_by_row: ClassVar[bool] = False
    """Whether row i of the output depends on row i of each input alone. Then ``forward`` may be
    called on some rows at a time, which saves time where the arrays are larger than a cache."""

    derivatives: ClassVar[tuple[Derivative | None, ...]] = ()
    """The ``d_`` methods in the order of ``forward``'s arguments, None for a constant."""

    fast_paths: ClassVar[dict[int, FastPath]] = {}
    """Hand-written first derivatives on arrays, by argument; see ``kernels``."""

    is_flat: ClassVar[bool] = False
    """Whether no argument passes a gradient, so that the chain rule need not go this way."""

    inputs: tuple[Tensor, ...]
    output: Tensor

    def __init_subclass__(cls) -> None:
        arguments = [name for name in inspect.signature(cls.forward).parameters if name != "self"]
        for name in vars(cls):
            if name.startswith("d_") and name[2:] not in arguments:
                raise TypeError(
                    f"{cls.__name__}: {name} names no argument of forward ({', '.join(arguments)})"
                )
        cls.derivatives = tuple(
            getattr(cls, f"d_{name}", None) for name in arguments if name != "out"
        )
        cls.fast_paths = {}
        cls.reuses_memory = "out" in arguments
        plain = cls.derivative is Operation.derivative
        cls.is_flat = plain and all(function is None for function in cls.derivatives)

    def options(self) -> tuple[Any, ...]:
        """What, besides the inputs' shapes, decides the shape of the output."""
        return ()

    def derivative(self, argument: int) -> Derivative | None:
        """The bound ``d_`` method for input number ``argument``, None for a constant."""
        function = self.derivatives[argument]
        return None if function is None else function.__get__(self)

    def fast_path(self, argument: int) -> FastPath | None:
        """The hand-written first derivative for input number ``argument``, None without one."""
        return self.fast_paths.get(argument)

    def room(self, shape: tuple[int, ...], dtype: DTypeLike) -> Array:
        """Memory for what ``forward`` keeps for its derivatives; a kept tape gives the same again.

        It lasts as long as the operation's output.
        """
        tape = active.tape()
        if tape is None:
            return np.empty(shape, dtype)
        key = (shape, dtype)
        number, array = tape.buffers.take(key)
        if array is None:
            array = np.empty(shape, dtype)
            tape.buffers.keep(number, key, array)
        return array

    def __call__(self, *operands: Operand) -> Tensor:
        """Compute the result, and record it if a tape is active and an input has a history.

        Raises TypeError where dtypes differ (a silent float64 doubles the cost of all that
        follows), ValueError where shapes do not fit and IndexError where an index does not; each
        names the operation and what it got. RuntimeError where this very object is on a tape.
        """
        inputs = self._as_tensors(operands)
        arrays = [tensor.data for tensor in inputs]
        if len(arrays) > 1:
            self._check_dtypes(arrays)
        tape = active.tape()
        output = self.tensor_class.wrap(self._compute(arrays, tape))
        lender = None if self.reuses_memory else inputs[0].tape
        if lender is not None and lender is not tape:
            lender.lends(output)  # a view expires together with what it shows
        if tape is not None:
            tape.lends(output)
            if tape.recording:
                for tensor in inputs:
                    if tensor.requires_grad:
                        self._record(tape, inputs, output)
                        break
        return output

    def _compute(self, arrays: list[Array], tape: GradientTape | None) -> Array:
        """``forward``, in memory of the tape's former pass where there is some."""
        key: tuple[Any, ...] = ()
        number, memory = 0, None
        if tape is not None and self.reuses_memory:
            key = (type(self), arrays[0].dtype, self.options(), *[array.shape for array in arrays])
            number, memory = tape.buffers.take(key)
        try:
            if memory is None:
                result = self.forward(*arrays)
            elif self.row_by_row and memory.size > PART:
                result = memory
                in_parts(lambda part: self._some_rows(arrays, memory, part), memory)
            else:
                result = self.forward(*arrays, out=memory)
        except (ValueError, IndexError) as error:
            shapes = ", ".join(str(array.shape) for array in arrays)
            kind = ValueError if isinstance(error, ValueError) else IndexError
            raise kind(f"{self.name}: inputs have shapes {shapes}; {error}") from None
        if not isinstance(result, np.ndarray):
            result = self._as_array(result)
        if tape is not None and self.reuses_memory and memory is not result:
            tape.buffers.keep(number, key, result)
        return result

    def _some_rows(self, arrays: list[Array], memory: Array, part: slice) -> None:
        self.forward(*[array[part] for array in arrays], out=memory[part])

    def _as_array(self, result: object) -> Array:
        """For arrays without axes NumPy returns a bare number; anything else is a mistake."""
        if not isinstance(result, np.floating):
            raise TypeError(
                f"{self.name}: forward returned a {type(result).__name__}; it must return an array"
            )
        return np.asarray(result)

    def _record(self, tape: GradientTape, inputs: tuple[Tensor, ...], output: Tensor) -> None:
        if hasattr(self, "output"):
            raise RuntimeError(
                f"{self.name}: this one is on a tape already; make another for each use"
            )
        self.inputs = inputs
        self.output = output
        output.requires_grad = output.is_result = True
        tape.operations.append(self)
        for tensor in inputs:
            if tensor.requires_grad and not tensor.is_result:
                tape.leaves.setdefault(tensor, tensor.version)

    @property
    def name(self) -> str:
        """The operation's name in messages."""
        return type(self).__name__

    def _as_tensors(self, operands: tuple[Operand, ...]) -> tuple[Tensor, ...]:
        """Operands as tensors; bare numbers take the dtype of the tensors and arrays among them."""
        tensor_class = self.tensor_class
        for operand in operands:
            if not isinstance(operand, tensor_class):
                break
        else:
            return cast("tuple[Tensor, ...]", operands)  # the usual case, before all else
        return tuple(
            operand if isinstance(operand, tensor_class) else self._constant(operand, operands)
            for operand in operands
        )

    def _constant(self, operand: object, operands: tuple[Operand, ...]) -> Tensor:
        """A tensor around the array or number ``operand``, one of ``operands``."""
        if isinstance(operand, np.ndarray):
            return self.tensor_class.wrap(operand)
        if not isinstance(operand, (int, float, np.integer, np.floating)):
            raise TypeError(
                f"{self.name}: got a {type(operand).__name__}; give a Tensor, an array or a number"
            )
        dtypes = [o.dtype for o in operands if isinstance(o, (self.tensor_class, np.ndarray))]
        return self.tensor_class.wrap(np.asarray(operand, dtypes[0] if dtypes else np.float32))

    def _check_dtypes(self, arrays: list[Array]) -> None:
        dtype = arrays[0].dtype
        for array in arrays:
            if array.dtype is not dtype and array.dtype != dtype:
                raise TypeError(
                    f"{self.name}: inputs have dtypes {', '.join(str(a.dtype) for a in arrays)}; "
                    "they must agree: convert one with Tensor(array, dtype=...)"
                )
