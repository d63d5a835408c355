"""The trouble that is worth a line, and what a key would do about it."""

from __future__ import annotations

from mnist_engine.runs.state import Snapshot
from mnist_engine.training.events import Alarm, Task
from mnist_engine.training.limits import REMEDY_STEPS
from mnist_engine.training.remedies import SOURCE, Remedy, remedy_for


def foremost(snapshot: Snapshot) -> Alarm | None:
    """The trouble to be named: an alarm before a warning, the newest of equals; None in health."""
    return max(
        snapshot.troubles, key=lambda alarm: (alarm.level == "alarm", alarm.step), default=None
    )


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
