"""mnist_engine: a deep-learning engine in NumPy alone, and all that trains with it.

From the ground up: ``autograd`` (Tensor, GradientTape, operations), ``optim``, ``nn``, ``data``,
``recipes``, ``metrics``, ``training`` and ``runs``. Each imports only what stands before it.
"""
