"""Looks at networks that are being trained: questions that leave them as they were.

Each function takes a trainer that stands between two steps, in the thread that trains it, or one
at rest; see :mod:`mnist_engine.training.questions`.
"""
