"""What a scripted trainer finds when it looks at its networks: the same each time."""

from __future__ import annotations

from mnist_engine.training.answers import Answers
from mnist_engine.training.events import Inspected, Measured, Task

SHARES = (0.1,) * 10
DRAWN = (0.3, 0.15, 0.1, 0.1, 0.1, 0.05, 0.05, 0.05, 0.05, 0.05)


def look(task: Task, networks: tuple[str, ...], critic: bool, step: int, seconds: float):
    """Gradients that shrink, a discriminator that tells half of the real images, a dead layer."""
    rising = tuple(range(20))
    verdicts = {"real": rising, "generated": rising[::-1]} if task == "gan" else {}
    return Inspected(
        step=step,
        seconds=seconds,
        gradient_norms={name: (number + 1) / step for number, name in enumerate(networks)},
        verdicts=verdicts,
        verdict_range=(-6.0, 6.0) if critic else (0.0, 1.0),
        boundary=None if critic else 0.5,
        silent={f"{networks[-1]}.1": 0.25, f"{networks[-1]}.4": 0.0},
    )


def measured(step: int, seconds: float) -> Measured:
    """A generator that draws zeros more than it should."""
    values = {"class KL": 0.125, "top class": 0.3}
    return Measured(step=step, seconds=seconds, values=values, class_shares=DRAWN)


def answers(epoch: int) -> Answers:
    """A classifier that takes nines for fours, ever fewer of them, and knows all else."""
    confusion = [[100 * (label == answer) for answer in range(10)] for label in range(10)]
    confusion[9][4] = 20 // epoch
    confusion[9][9] -= confusion[9][4]
    return Answers(confusion=tuple(map(tuple, confusion)), mistakes=())
