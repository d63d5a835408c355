"""Every schedule against PyTorch's scheduler of the same name, over 200 steps.

Where ours holds the rate first (``hold``), PyTorch's runs behind a constant one.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch.optim import lr_scheduler

from mnist_engine.optim.schedules import Constant, Cosine, Linear, OneCycle, Schedule, Steps

STEPS, PER_EPOCH, RATE = 200, 20, 0.004

Scheduler = lr_scheduler.LRScheduler
Theirs = Callable[[torch.optim.Optimizer], Scheduler]


def after_hold(steps: int, theirs: Theirs) -> Theirs:
    """``theirs`` behind ``steps`` steps at the full rate."""

    def build(optimizer: torch.optim.Optimizer) -> Scheduler:
        constant = lr_scheduler.ConstantLR(optimizer, factor=1.0, total_iters=STEPS)
        return lr_scheduler.SequentialLR(optimizer, [constant, theirs(optimizer)], [steps])

    return build


SCHEDULES: dict[str, tuple[Schedule, Theirs]] = {
    "constant": (Constant(), lambda o: lr_scheduler.ConstantLR(o, factor=1.0)),
    "steps": (
        Steps((2, 5, 6), by=0.7),
        lambda o: lr_scheduler.MultiStepLR(o, [40, 100, 120], gamma=0.7),
    ),
    "linear": (Linear(), lambda o: lr_scheduler.LinearLR(o, 1.0, 0.0, STEPS)),
    "linear after a hold": (
        Linear(hold=0.2, end=0.1),
        after_hold(40, lambda o: lr_scheduler.LinearLR(o, 1.0, 0.1, STEPS - 40)),
    ),
    "cosine": (Cosine(), lambda o: lr_scheduler.CosineAnnealingLR(o, STEPS)),
    "cosine after a hold": (
        Cosine(hold=0.5, end=0.2),
        after_hold(100, lambda o: lr_scheduler.CosineAnnealingLR(o, STEPS - 100, 0.2 * RATE)),
    ),
    "one-cycle": (
        OneCycle(),
        lambda o: lr_scheduler.OneCycleLR(o, RATE, STEPS, cycle_momentum=False),
    ),
    "one-cycle of other proportions": (
        OneCycle(up=0.25, start_divisor=10, end_divisor=100),
        lambda o: lr_scheduler.OneCycleLR(
            o, RATE, STEPS, pct_start=0.25, div_factor=10, final_div_factor=100,
            cycle_momentum=False,
        ),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", SCHEDULES)
def test_a_schedule_gives_the_same_learning_rates(name: str) -> None:
    schedule, theirs = SCHEDULES[name]
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], RATE)
    scheduler = theirs(optimizer)
    ours, right = [], []
    for step in range(STEPS):
        ours.append(RATE * schedule.factor(step, STEPS, PER_EPOCH))
        right.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        if step < STEPS - 1:
            scheduler.step()
    assert ours == pytest.approx(right, rel=1e-9, abs=1e-15)
    assert (len(set(right)) > 1) == (name != "constant"), "a schedule moves the rate"
