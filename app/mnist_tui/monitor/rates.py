"""Learning rates as they are shown: those of the step that comes next."""

from __future__ import annotations

from mnist_engine.runs.state import Snapshot


def next_rates(snapshot: Snapshot) -> dict[str, float]:
    """The rates of the last step, times what people have changed since, by network.

    Where the schedule goes on falling, the next step's is lower by what it falls in one step.
    """
    rates = dict(snapshot.learning_rates)
    for mark in reversed(snapshot.marks):
        if mark.step < snapshot.step:
            break
        if mark.what == "learning rate" and mark.network in rates and mark.before:
            rates[mark.network] *= mark.after / mark.before
    return rates


def rate(value: float) -> str:
    """A learning rate in three digits: 0.004, 0.00125, 2e-06."""
    return f"{value:.3g}"


def factor(value: float, unicode: bool) -> str:
    """What people multiplied a rate's schedule by; nothing where they left it alone."""
    return f"({'×' if unicode else 'x'}{value:g})" if value != 1 else ""
