"""Automatic differentiation in NumPy: tensors, a tape, and operations with their derivatives.

Read in this order: ``tensor`` (the number), ``operation`` (a function and its derivative side by
side), ``tape`` (the chain rule), then the operations: ``arithmetic``, ``shapes``, ``reductions``,
``linear_algebra``, ``activations``, ``losses``, ``normalisation``. ``checks`` proves them against
finite differences. ``buffers`` and ``kernels`` exist for speed alone; the rest is complete without
them.
"""

from mnist_engine.autograd import kernels as _kernels  # noqa: F401  (registers the fast paths)
from mnist_engine.autograd.checks import GradientMismatch, check_gradients
from mnist_engine.autograd.operation import Operation
from mnist_engine.autograd.tape import GradientTape
from mnist_engine.autograd.tensor import Array, Tensor

__all__ = ["Array", "GradientMismatch", "GradientTape", "Operation", "Tensor", "check_gradients"]
