"""The number of this engine: an array that knows where it came from."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, TypeAlias, cast

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

from mnist_engine.autograd import (
    activations,
    arithmetic,
    linear_algebra,
    reductions,
    shapes,
)
from mnist_engine.autograd.operation import Operation

if TYPE_CHECKING:
    from mnist_engine.autograd.tape import GradientTape

Array: TypeAlias = NDArray[Any]
"""A float32 or float64 ndarray."""

FLOAT_TYPES = (np.dtype(np.float32), np.dtype(np.float64))


class ExpiredTensorError(RuntimeError):
    """A tensor of an earlier pass was read after its tape had given its memory to the next pass."""


class Tensor:
    """An ndarray of floats whose history a :class:`GradientTape` can record.

    ``data`` may be anything that NumPy makes an array of; it becomes ``dtype``. Without a ``dtype``
    float32 and float64 arrays stay what they are, and all else becomes float32. An array that is
    right already is not copied. With ``requires_grad`` the operations on it are recorded while a
    tape is active, and :meth:`backward` leaves its gradient in ``grad``, an array of the same
    shape.
    """

    __array_ufunc__ = None  # for `array * tensor` Python asks ours, not NumPy's, operator
    __slots__ = (
        "_array", "grad", "grad_is_stale", "is_result", "requires_grad", "tape", "version",
    )  # fmt: skip

    def __init__(
        self, data: ArrayLike, *, dtype: DTypeLike | None = None, requires_grad: bool = False
    ) -> None:
        if isinstance(data, Tensor):
            raise TypeError("Tensor: got a Tensor; tensor.detach() is the same without its history")
        if dtype is None and not isinstance(data, (np.ndarray, np.generic)):
            dtype = np.float32
        array = np.asarray(data, dtype=dtype)
        if array.dtype not in FLOAT_TYPES:
            if dtype is not None:
                raise TypeError(f"a Tensor holds float32 or float64, not {array.dtype}")
            array = array.astype(np.float32)
        self._array: Array | None = array
        self.requires_grad = requires_grad
        self.grad: Array | None = None
        self.grad_is_stale = True  # the next backward overwrites grad instead of adding to it
        self.tape: GradientTape | None = None  # whose memory it holds: the tape it was made under
        self.is_result = False  # of a recorded operation; else it is where gradients end, a leaf
        self.version = 0  # how often an optimizer or a state dict has changed its numbers

    @classmethod
    def wrap(cls, array: Array) -> Tensor:
        """A tensor around ``array`` as it is: no copy, no conversion, no check."""
        tensor = cls.__new__(cls)
        tensor._array = array
        tensor.requires_grad = False
        tensor.grad = None
        tensor.grad_is_stale = True
        tensor.tape = None
        tensor.is_result = False
        tensor.version = 0
        return tensor

    # -- what it holds ---------------------------------------------------------------------------

    @property
    def data(self) -> Array:
        """The array itself, not a copy.

        The array of a tensor that a kept tape recorded is valid until that tape is entered again;
        reading it later raises :class:`ExpiredTensorError`. :meth:`numpy` gives a copy that lasts.
        """
        if self._array is None:
            raise ExpiredTensorError(
                "this tensor belongs to an earlier pass of its tape, whose memory the next pass "
                "uses again; read it before the tape is entered anew, or keep tensor.numpy()"
            )
        return self._array

    @data.setter
    def data(self, array: Array) -> None:
        self._array = array

    def expire(self) -> None:
        """Forget the array, because its memory is about to be used again."""
        self._array = None

    def numpy(self) -> Array:
        """A copy of the array, C-ordered, that nothing else will change."""
        return self.data.copy(order="C")

    def item(self) -> float:
        """The number in a tensor of one element; ValueError for any other size."""
        return float(self.data.item())

    def detach(self) -> Tensor:
        """The same numbers without their history: a constant for whatever follows."""
        tensor = Tensor.wrap(self.data)
        if self.tape is not None:
            self.tape.lends(tensor)
        return tensor

    @property
    def shape(self) -> tuple[int, ...]:
        """The array's shape."""
        return self.data.shape

    @property
    def ndim(self) -> int:
        """The number of axes."""
        return self.data.ndim

    @property
    def size(self) -> int:
        """The number of elements."""
        return self.data.size

    @property
    def dtype(self) -> np.dtype[Any]:
        """float32 or float64."""
        return self.data.dtype

    def __len__(self) -> int:
        return len(self.data)

    def __float__(self) -> float:
        return self.item()

    def __format__(self, form: str) -> str:
        return format(self.item(), form) if form else str(self)

    def __bool__(self) -> bool:
        return bool(self.item())  # as NumPy and PyTorch: only one number is true or false

    def __array__(self, dtype: DTypeLike | None = None, copy: bool | None = None) -> Array:
        return np.array(self.data, dtype=dtype, copy=copy)

    def __repr__(self) -> str:
        if self._array is None:
            return "Tensor(<expired>)"
        history = ", requires_grad=True" if self.requires_grad else ""
        numbers = np.array2string(
            self._array, precision=4, threshold=32, separator=", ", prefix="Tensor("
        )
        return f"Tensor({numbers}, dtype={self._array.dtype}{history})"

    # -- gradients -------------------------------------------------------------------------------

    def backward(self, parameters: Sequence[Tensor] | None = None) -> None:
        """Add d(self)/d(parameter) to ``parameter.grad`` for each of ``parameters``.

        ``parameters`` defaults to every leaf on the tape with ``requires_grad``. Naming fewer saves
        the work for the others: a generator's step needs no gradients of the discriminator's
        weights. The tensor must hold one number. RuntimeError where no tape recorded it.
        """
        if self.tape is None or not self.requires_grad:
            raise RuntimeError(
                "backward: no tape recorded this tensor; compute it inside "
                "`with GradientTape() as tape:` from tensors with requires_grad=True"
            )
        self.tape.backward(self, parameters)

    # -- arithmetic ------------------------------------------------------------------------------

    def __add__(self, other: Operand) -> Tensor:
        return arithmetic.Add()(self, other)

    def __radd__(self, other: Operand) -> Tensor:
        return arithmetic.Add()(other, self)

    def __sub__(self, other: Operand) -> Tensor:
        return arithmetic.Subtract()(self, other)

    def __rsub__(self, other: Operand) -> Tensor:
        return arithmetic.Subtract()(other, self)

    def __mul__(self, other: Operand) -> Tensor:
        return arithmetic.Multiply()(self, other)

    def __rmul__(self, other: Operand) -> Tensor:
        return arithmetic.Multiply()(other, self)

    def __truediv__(self, other: Operand) -> Tensor:
        return arithmetic.Divide()(self, other)

    def __rtruediv__(self, other: Operand) -> Tensor:
        return arithmetic.Divide()(other, self)

    def __pow__(self, exponent: float) -> Tensor:
        if isinstance(exponent, Tensor):
            raise TypeError("Power: the exponent must be a number; x**y is (y * x.log()).exp()")
        return arithmetic.Power(exponent)(self)

    def __neg__(self) -> Tensor:
        return arithmetic.Negate()(self)

    def __matmul__(self, other: Tensor | Array) -> Tensor:
        return linear_algebra.MatMul()(self, other)

    def __rmatmul__(self, other: Array) -> Tensor:
        return linear_algebra.MatMul()(other, self)

    def exp(self) -> Tensor:
        """e to the power of each element."""
        return arithmetic.Exp()(self)

    def log(self) -> Tensor:
        """The natural logarithm of each element."""
        return arithmetic.Log()(self)

    def sqrt(self) -> Tensor:
        """The square root of each element."""
        return arithmetic.Sqrt()(self)

    def abs(self) -> Tensor:
        """The absolute value of each element."""
        return arithmetic.Abs()(self)

    # -- activations -----------------------------------------------------------------------------

    def sigmoid(self) -> Tensor:
        """1 / (1 + e^-x) of each element."""
        return activations.Sigmoid()(self)

    def tanh(self) -> Tensor:
        """The hyperbolic tangent of each element."""
        return activations.Tanh()(self)

    def relu(self) -> Tensor:
        """max(x, 0) of each element."""
        return activations.ReLU()(self)

    def leaky_relu(self, slope: float = 0.01) -> Tensor:
        """x where positive, ``slope`` x elsewhere."""
        return activations.LeakyReLU(slope)(self)

    def softmax(self) -> Tensor:
        """Probabilities along the last axis, proportional to e^x."""
        return activations.Softmax()(self)

    def log_softmax(self) -> Tensor:
        """The logarithm of :meth:`softmax`, without its overflow."""
        return activations.LogSoftmax()(self)

    # -- sums ------------------------------------------------------------------------------------

    def sum(self, axis: int | tuple[int, ...] | None = None, keepdims: bool = False) -> Tensor:
        """The sum over ``axis`` (all axes where None)."""
        return reductions.Sum(axis, keepdims)(self)

    def mean(self, axis: int | tuple[int, ...] | None = None, keepdims: bool = False) -> Tensor:
        """The mean over ``axis`` (all axes where None)."""
        return reductions.Mean(axis, keepdims)(self)

    # -- shapes ----------------------------------------------------------------------------------

    def reshape(self, *shape: int | tuple[int, ...]) -> Tensor:
        """The same elements in another shape, numbers or one tuple; one extent may be -1."""
        extents = shape[0] if len(shape) == 1 and isinstance(shape[0], tuple) else shape
        return shapes.Reshape(cast("tuple[int, ...]", extents))(self)

    def transpose(self, *axes: int) -> Tensor:
        """The axes in another order; reversed where none is given."""
        return shapes.Transpose(axes or tuple(reversed(range(self.ndim))))(self)

    @property
    def T(self) -> Tensor:  # noqa: N802  (as NumPy and PyTorch name it)
        """The axes in reverse order: the transposed matrix."""
        return self.transpose()

    def broadcast_to(self, shape: tuple[int, ...]) -> Tensor:
        """Repeated along axes of length 1 and new leading axes, as NumPy broadcasts."""
        return shapes.Broadcast(shape)(self)

    def __getitem__(self, index: Any) -> Tensor:
        return shapes.Take(index)(self)


Operation.tensor_class = Tensor

Operand: TypeAlias = Tensor | Array | float
"""What may stand beside a tensor in a formula; numbers take the tensor's dtype."""


def concatenate(tensors: Sequence[Tensor], axis: int = 0) -> Tensor:
    """``tensors`` one after the other along ``axis``; their other extents must agree."""
    if not tensors:
        raise ValueError("Concatenate: there are no tensors to put together")
    return shapes.Concatenate(axis)(*tensors)
