"""mnist_engine: a deep-learning engine with no mathematics but NumPy's, and all that uses it.

From the ground up: ``autograd`` (Tensor, GradientTape, operations), ``nn``, ``optim``, ``data``,
``recipes``, ``training`` and ``runs``. Each imports only what stands before it.
"""

import os

# Idle threads of OpenBLAS, which NumPy calls, go round in a loop for 25 ms before they sleep. That
# takes a core from whatever else there is to do: from the second thread of this engine, from the
# screen. 2¹⁹ ticks are some 200 µs, enough to bridge the gaps in a training step. OpenBLAS reads it
# once, when NumPy is imported.
os.environ.setdefault("OPENBLAS_THREAD_TIMEOUT", "19")
