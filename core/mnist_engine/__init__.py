"""mnist_engine: a deep-learning engine on NumPy alone, and all that trains with it.

From the ground up: ``autograd`` (Tensor, GradientTape, operations), ``nn``, ``optim``, ``data``,
``recipes``, ``training`` and ``runs``. Each imports only what stands before it.
"""
