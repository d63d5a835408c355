"""Measures as people read them, in a report and after an evaluation."""

from __future__ import annotations

from mnist_tui.figures import number

SHARES = ("accuracy", "agreement", "confident", "top class", "calibration")
"""Measures with such a word in their name are given in percent."""


def spelled(name: str, value: float) -> str:
    """The ``value`` of the measure ``name``: a share in percent, a count, or a number."""
    if any(word in name for word in SHARES):
        return f"{value:.2%}"
    return f"{value:.0f}" if name == "classes" else number(value)
