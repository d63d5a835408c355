"""This engine: the step of the very trainer that the program runs."""

from __future__ import annotations

from collections.abc import Callable, Generator

from workloads import Losses, Workload

from mnist_engine.training.events import Staged
from mnist_engine.training.trainer import StepResult


def steps(workload: Workload) -> Callable[[], list[Losses]]:
    """A function that makes one step of ``workload``, always on the same batch of real digits."""
    trainer = workload.trainer()
    batch = next(trainer.batches.epoch())

    def one() -> Losses:
        losses = result_of(trainer.step(batch, trainer.steps_done)).losses
        trainer.steps_done += 1
        return losses

    return lambda: [one() for _ in range(workload.steps)]


def result_of(step: Generator[Staged, None, StepResult]) -> StepResult:
    """Do a step that nobody watches in slow motion."""
    try:
        next(step)
    except StopIteration as done:
        result: StepResult = done.value
        return result
    raise RuntimeError("a step waits for its next stage")
