"""All parameters of an optimizer in one array, cut into chunks that fit the cache.

It exists for speed: an update touches each number once or twice per formula term, so what it costs
is memory traffic and calls. One flat array means few calls; chunks of a quarter million numbers
stay in cache between the terms; NumPy lets go of the interpreter lock inside each term, so two
threads share the chunks.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence

import numpy as np

from mnist_engine.autograd import Array, Tensor
from mnist_engine.autograd.threads import in_halves

CHUNK = 1 << 18
WORTH_TWO_THREADS = 3 << 17


class FlatParameters:
    """``values`` and ``gradients`` of all parameters, each one flat array.

    The tensors' own arrays become views of these. Every tensor keeps its shape and the order in
    which it lies in memory (row- or column-major); one that is listed twice is taken once.
    """

    def __init__(self, parameters: Sequence[Tensor]) -> None:
        if not parameters:
            raise ValueError("optimizer: there are no parameters to train")
        self.parameters = list(dict.fromkeys(parameters))
        dtypes = sorted({str(parameter.dtype) for parameter in parameters})
        if len(dtypes) > 1:
            raise TypeError(f"optimizer: parameters have dtypes {', '.join(dtypes)}; use one")
        size = sum(parameter.size for parameter in self.parameters)
        self.values = np.empty(size, parameters[0].dtype)
        self.gradients = np.zeros_like(self.values)
        self._scratch = threading.local()
        begin = 0
        for parameter in self.parameters:
            part = slice(begin, begin + parameter.size)
            value = _view(self.values[part], parameter.data)
            value[...] = parameter.data
            gradient = _view(self.gradients[part], parameter.data)
            if parameter.grad is not None:
                gradient[...] = parameter.grad
            parameter.data, parameter.grad = value, gradient
            begin += parameter.size

    def __len__(self) -> int:
        return len(self.values)

    def check(self) -> None:
        """Make sure that the flat arrays say what the tensors say; see :meth:`Optimizer.step`."""
        for parameter in self.parameters:
            gradient = parameter.grad
            if (
                gradient is None
                or gradient.base is not self.gradients
                or parameter.data.base is not self.values
            ):
                raise RuntimeError(
                    f"optimizer: a parameter of shape {parameter.shape} was given another array or "
                    "gradient (by astype, a second optimizer, or grad = None); make the optimizer "
                    "last, and forget gradients with zero_grad()"
                )
            if parameter.grad_is_stale:
                gradient.fill(0)

    def scratch(self, size: int) -> Array:
        """A working array of ``size`` <= CHUNK numbers, always the same one in each thread."""
        array: Array | None = getattr(self._scratch, "array", None)
        if array is None:
            array = np.empty(min(CHUNK, len(self)), self.values.dtype)
            self._scratch.array = array
        return array[:size]


def for_each_chunk(size: int, function: Callable[[slice], None]) -> None:
    """Call ``function`` with slices that cover ``range(size)``, in two threads if that is worth it.

    Elementwise work gives the same bits however it is cut.
    """

    def work(part: slice) -> None:
        for begin in range(part.start, part.stop, CHUNK):
            function(slice(begin, min(begin + CHUNK, part.stop)))

    if size < WORTH_TWO_THREADS:
        work(slice(0, size))
    else:
        in_halves(work, size)


def _view(flat: Array, like: Array) -> Array:
    """``flat`` in the shape of ``like``, with its axes in the order that they have in memory."""
    order = sorted(range(like.ndim), key=lambda axis: -like.strides[axis])
    back = sorted(range(like.ndim), key=order.__getitem__)
    return flat.reshape([like.shape[axis] for axis in order]).transpose(back)
