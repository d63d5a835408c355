"""A network together with what moves it: optimizer, schedule, and the factor people set."""

from __future__ import annotations

import math

import numpy as np

from mnist_engine import nn
from mnist_engine.autograd import GradientTape, Tensor
from mnist_engine.optim import SGD, Adam, AdamW, Optimizer, RMSprop
from mnist_engine.recipes.schema import (
    AdamTable,
    AnyOptimizer,
    NetworkTable,
    RMSpropTable,
    SGDTable,
)

LARGEST_FACTOR = 2.0**20
"""People may multiply a learning rate by so much at most, and by 1 over it at least.

Powers of 2, so that doubling and halving come back to 1 to the bit; bounded, so that a key held
down never leads to 0 or infinity, from where nothing leads back.
"""


class Learner:
    """``network`` trained as ``table`` says. ``factor`` multiplies the scheduled learning rate.

    ``tape`` is kept from step to step, so that its memory is used again.
    """

    def __init__(self, network: nn.Module, table: NetworkTable) -> None:
        self.network = network
        self.table = table
        self.optimizer = make_optimizer(table.optimizer, network.parameters())
        self.optimizer.clip_norm = table.clip_norm
        self.tape = GradientTape()
        self.factor = 1.0

    def set_learning_rate(self, step: int, total_steps: int, steps_per_epoch: int) -> float:
        """Set and return the learning rate of step number ``step``, counted from 0."""
        try:
            scheduled = self.table.schedule.factor(step, total_steps, steps_per_epoch)
        except OverflowError:  # a schedule that raises the rate without end
            scheduled = math.inf
        rate = self.table.optimizer.learning_rate * scheduled * self.factor
        self.optimizer.learning_rate = rate
        return rate

    def scale(self, factor: float | None) -> None:
        """Multiply ``factor`` on, within bounds; None goes back to the schedule."""
        wanted = 1.0 if factor is None else self.factor * factor
        self.factor = min(max(wanted, 1 / LARGEST_FACTOR), LARGEST_FACTOR)

    def broken_number(self) -> float | None:
        """The first parameter that is not a finite number, None where all are."""
        values = self.optimizer.flat.values
        broken = values[~np.isfinite(values)]
        return float(broken[0]) if len(broken) else None


def make_optimizer(table: AnyOptimizer, parameters: list[Tensor]) -> Optimizer:
    """The optimizer that a recipe's table describes."""
    if isinstance(table, SGDTable):
        return SGD(parameters, table.learning_rate, table.momentum, table.nesterov)
    if isinstance(table, AdamTable):
        return Adam(parameters, table.learning_rate, table.betas, table.epsilon)
    if isinstance(table, RMSpropTable):
        return RMSprop(parameters, table.learning_rate, table.alpha, table.epsilon, table.momentum)
    return AdamW(parameters, table.learning_rate, table.betas, table.epsilon, table.weight_decay)
