"""Automatic differentiation in NumPy: tensors, a tape, and operations with their derivatives.

Read in this order: ``Multiply`` in ``arithmetic`` and ``operation`` (a function and its derivative
side by side), ``tensor`` (the number), ``active`` and ``tape`` (recording), ``reverse`` (the chain
rule), then the other operations: ``shapes``, ``reductions``, ``linear_algebra``, ``activations``,
``losses``, ``embedding``, ``normalisation``, ``convolution``, ``pooling``. ``checks`` proves them
against finite differences.

The rest exists for speed, and each file says why. Without ``kernels``, derivatives written by hand,
all is as right, and slower. ``products`` and ``windows`` are how layers become products of
matrices, ``layout`` how images lie in memory for them, ``threads`` how two threads share work.
``buffers``, and every line that speaks of memory, room, lending or expiring, lets a tape that is
entered again use its arrays again; pass over these lines at first reading.
"""

from mnist_engine.autograd import kernels as _kernels  # noqa: F401  (registers the fast paths)
from mnist_engine.autograd.checks import GradientMismatch, check_gradients
from mnist_engine.autograd.operation import Operation
from mnist_engine.autograd.tape import GradientTape
from mnist_engine.autograd.tensor import Array, Tensor

__all__ = ["Array", "GradientMismatch", "GradientTape", "Operation", "Tensor", "check_gradients"]
