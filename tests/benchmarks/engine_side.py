"""This engine: the step of the very trainer that the program runs."""

from __future__ import annotations

from collections.abc import Callable

from workloads import Workload

from mnist_engine.data.dataset import load_dataset
from mnist_engine.training import TrainControl, make_trainer


def steps(workload: Workload) -> Callable[[], None]:
    """A function that makes one step of ``workload``, on the next batch of real digits."""
    recipe = workload.recipe()
    trainer = make_trainer(recipe, load_dataset(), TrainControl())
    for learner in trainer.learners.values():
        learner.set_learning_rate(0, trainer.total_steps, trainer.batches.per_epoch)
    batch = next(trainer.batches.epoch())
    number = 0

    def step() -> None:
        nonlocal number
        for _ in range(workload.steps):
            trainer.step(batch, number)
            trainer.steps_done += 1
            number += 1

    return step
