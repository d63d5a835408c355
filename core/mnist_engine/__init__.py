"""mnist_engine: a deep-learning engine with no mathematics but NumPy's, and all that uses it.

From the ground up: ``autograd`` (Tensor, GradientTape, operations), ``nn``, ``optim``, ``data``,
``recipes``, ``metrics``, ``training`` and ``runs``. Each imports only what stands before it.
"""

from mnist_engine import blas

blas.prepare()
