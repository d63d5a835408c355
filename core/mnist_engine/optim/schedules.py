"""Learning rates over time, as factors of the learning rate that a recipe names.

A schedule is asked before each step: ``factor(step, total_steps, steps_per_epoch)`` with ``step``
counting from 0. Schedules are structs, because recipes hold them.
"""

from __future__ import annotations

import math
from typing import Annotated

import msgspec

Fraction = Annotated[float, msgspec.Meta(ge=0, le=1)]
Positive = Annotated[float, msgspec.Meta(gt=0)]
Epoch = Annotated[int, msgspec.Meta(ge=1)]


class Schedule(msgspec.Struct, frozen=True, tag_field="kind", forbid_unknown_fields=True):
    """What all schedules have in common."""

    def factor(self, step: int, total_steps: int, steps_per_epoch: int) -> float:
        """By what the learning rate of step number ``step`` is multiplied."""
        raise NotImplementedError


class Constant(Schedule, frozen=True, tag="constant"):
    """The same throughout."""

    def factor(self, step: int, total_steps: int, steps_per_epoch: int) -> float:
        return 1.0


class Steps(Schedule, frozen=True, tag="steps"):
    """Multiplied by ``by`` at the end of each epoch in ``after_epochs`` (counted from 1)."""

    after_epochs: tuple[Epoch, ...]
    by: Positive = 0.1

    def factor(self, step: int, total_steps: int, steps_per_epoch: int) -> float:
        return self.by ** sum(step >= epoch * steps_per_epoch for epoch in self.after_epochs)


class Linear(Schedule, frozen=True, tag="linear"):
    """1 for the fraction ``hold`` of the run, then in a straight line to ``end`` at its end."""

    hold: Fraction = 0.0
    end: Fraction = 0.0

    def factor(self, step: int, total_steps: int, steps_per_epoch: int) -> float:
        return 1 + (self.end - 1) * _progress(step, total_steps, self.hold)


class Cosine(Schedule, frozen=True, tag="cosine"):
    """1 for the fraction ``hold`` of the run, then half a cosine down to ``end`` at its end.

    Loshchilov & Hutter, 2017, without restarts.
    """

    hold: Fraction = 0.0
    end: Fraction = 0.0

    def factor(self, step: int, total_steps: int, steps_per_epoch: int) -> float:
        return _cosine(1.0, self.end, _progress(step, total_steps, self.hold))


class OneCycle(Schedule, frozen=True, tag="one-cycle"):
    """Up to 1 within the fraction ``up`` of the run, then down, both along half a cosine.

    It begins at 1/``start_divisor`` and ends at that over ``end_divisor`` (Smith & Topin, 2018, in
    the form and with the defaults of PyTorch's OneCycleLR).
    """

    up: Fraction = 0.3
    start_divisor: Positive = 25.0
    end_divisor: Positive = 1e4

    def factor(self, step: int, total_steps: int, steps_per_epoch: int) -> float:
        start = 1 / self.start_divisor
        end = start / self.end_divisor
        peak, last = self.up * total_steps - 1, total_steps - 1
        if step <= peak:
            return _cosine(start, 1.0, step / peak if peak > 0 else 1.0)
        return _cosine(1.0, end, (step - peak) / (last - peak) if step < last else 1.0)


AnySchedule = Constant | Steps | Linear | Cosine | OneCycle


def _progress(step: int, total_steps: int, hold: float) -> float:
    """0 until the fraction ``hold`` has passed, then evenly up to 1 after the last step."""
    begin = hold * total_steps
    if step <= begin:
        return 0.0
    return (step - begin) / (total_steps - begin) if step < total_steps else 1.0


def _cosine(start: float, end: float, progress: float) -> float:
    """From ``start`` at progress 0 to ``end`` at 1, level at both."""
    return end + (start - end) * (1 + math.cos(math.pi * progress)) / 2
