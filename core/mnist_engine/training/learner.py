"""A network together with what moves it: optimizer, schedule, and the factor people set."""

from __future__ import annotations

from mnist_engine import nn
from mnist_engine.autograd import GradientTape, Tensor
from mnist_engine.optim import SGD, Adam, AdamW, Optimizer
from mnist_engine.recipes.schema import AdamTable, AnyOptimizer, NetworkTable, SGDTable


class Learner:
    """``network`` trained as ``table`` says. ``factor`` multiplies the scheduled learning rate.

    ``tape`` is kept from step to step, so that its memory is used again.
    """

    def __init__(self, network: nn.Module, table: NetworkTable) -> None:
        self.network = network
        self.table = table
        self.optimizer = make_optimizer(table.optimizer, network.parameters())
        self.tape = GradientTape()
        self.factor = 1.0

    def set_learning_rate(self, step: int, total_steps: int, steps_per_epoch: int) -> float:
        """Set and return the learning rate of step number ``step``, counted from 0."""
        scheduled = self.table.schedule.factor(step, total_steps, steps_per_epoch)
        rate = self.table.optimizer.learning_rate * scheduled * self.factor
        self.optimizer.learning_rate = rate
        return rate


def make_optimizer(table: AnyOptimizer, parameters: list[Tensor]) -> Optimizer:
    """The optimizer that a recipe's table describes."""
    if isinstance(table, SGDTable):
        return SGD(parameters, table.learning_rate, table.momentum, table.nesterov)
    if isinstance(table, AdamTable):
        return Adam(parameters, table.learning_rate, table.betas, table.epsilon)
    return AdamW(
        parameters, table.learning_rate, table.betas, table.epsilon, table.weight_decay
    )
