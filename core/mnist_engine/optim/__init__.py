"""Optimizers, learning-rate schedules and averages of weights.

Read in this order: ``optimizer``, ``sgd``, ``rmsprop``, ``adam``, then ``clipping``, ``schedules``
and ``average``. ``flat`` exists for speed. The schedules are in ``optim.schedules``.
"""

from mnist_engine.optim import schedules
from mnist_engine.optim.adam import Adam, AdamW
from mnist_engine.optim.average import MovingAverage
from mnist_engine.optim.clipping import clip_gradient_norm, clip_gradient_value
from mnist_engine.optim.optimizer import Optimizer
from mnist_engine.optim.rmsprop import RMSprop
from mnist_engine.optim.sgd import SGD

__all__ = [
    "SGD",
    "Adam",
    "AdamW",
    "MovingAverage",
    "Optimizer",
    "RMSprop",
    "clip_gradient_norm",
    "clip_gradient_value",
    "schedules",
]
