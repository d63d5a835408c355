"""The trouble that is worth a line, and what a key would do about it."""

from __future__ import annotations

from mnist_engine.runs.state import Snapshot
from mnist_engine.training.events import Alarm, Task
from mnist_engine.training.limits import REMEDY_STEPS
from mnist_engine.training.remedies import SOURCE, Remedy, remedy_for


def foremost(snapshot: Snapshot) -> Alarm | None:
    """The trouble to be named; None in health.

    An alarm before a warning; of equals divergence, which brings others about and whose remedy
    helps against them, then the newest.
    """
    return max(snapshot.troubles, key=_rank, default=None)


def _rank(alarm: Alarm) -> tuple[bool, bool, int]:
    return (alarm.level == "alarm", alarm.name == "divergence", alarm.step)


def offered(snapshot: Snapshot) -> tuple[Alarm, Remedy] | None:
    """The foremost trouble and its remedy, unless that was taken a moment ago."""
    alarm = foremost(snapshot)
    if alarm is None or treated_at(snapshot, alarm) is not None:
        return None
    task: Task = snapshot.started.task if snapshot.started else "gan"
    remedy = remedy_for(task, alarm.name)
    return (alarm, remedy) if remedy else None


def treated_at(snapshot: Snapshot, alarm: Alarm) -> int | None:
    """The step of the remedy that was taken since ``alarm``; None if none was, or long ago."""
    steps = [
        mark.step
        for mark in snapshot.marks
        if mark.source == SOURCE and mark.step >= max(alarm.step, snapshot.step - REMEDY_STEPS)
    ]
    return steps[-1] if steps else None
