"""This engine: the step of the very trainer that the program runs."""

from __future__ import annotations

from collections.abc import Callable

from workloads import Losses, Workload


def steps(workload: Workload) -> Callable[[], list[Losses]]:
    """A function that makes one step of ``workload``, always on the same batch of real digits."""
    trainer = workload.trainer()
    batch = next(trainer.batches.epoch())

    def one() -> Losses:
        losses = trainer.step(batch, trainer.steps_done).losses
        trainer.steps_done += 1
        return losses

    return lambda: [one() for _ in range(workload.steps)]
