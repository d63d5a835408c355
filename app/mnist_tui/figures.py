"""Figures as people read them."""

from __future__ import annotations

import math
from collections.abc import Sequence

from mnist_engine.training.events import Intervened

SHARES = ("accuracy", "agreement", "confident", "top class", "rarest class", "calibration")
"""Measures with such a word in their name are given in percent."""

LARGE = 1e6
"""From here on nobody reads all the digits of a number."""


SETTING_LABELS = {"generator every": "D steps per G step"}
"""Of settings whose names say too little to whoever has not read a recipe."""


def number(value: float) -> str:
    """Four decimals, or three digits where those would say too little: 0.0713, 1.2e-05, 1.23e+04.

    0 is exactly that.
    """
    return f"{value:.4f}" if value == 0 or 0.001 <= abs(value) < 1000 else f"{value:.3g}"


def loss(value: float) -> str:
    """A loss where there is little room: 0.693, or 7.96e+24 once it has run away."""
    return f"{value:.3f}" if abs(value) < 1000 else f"{value:.3g}"


def measured(name: str, value: float) -> str:
    """The ``value`` of the measure ``name``: a share in percent, a count, or a number."""
    if _is_share(name):
        return f"{value:.2%}"
    return f"{value:.0f}" if name == "classes" else number(value)


def measured_alike(name: str, values: Sequence[float]) -> list[str]:
    """Some values of the measure ``name`` with as many decimals each as suit the largest of them.

    4,012.3 and 117.9; 72.66 and 0.70. What is no number is left empty.
    """
    largest = max((abs(value) for value in values if not math.isnan(value)), default=0.0)
    if largest < 10 or largest >= LARGE or name == "classes" or _is_share(name):
        texts = [measured(name, value) for value in values]
    else:
        decimals = 2 if largest < 100 else 1
        texts = [f"{value:,.{decimals}f}" for value in values]
    return ["" if math.isnan(value) else text for value, text in zip(values, texts, strict=True)]


def counted(count: int, noun: str) -> str:
    """So many of them: 1 step, 1,407 steps."""
    return f"1 {noun}" if count == 1 else f"{count:,} {noun}s"


def a_digit(digit: object) -> str:
    """A digit with its article: a 7, an 8."""
    return f"{'an' if str(digit) == '8' else 'a'} {digit}"


def duration(seconds: float) -> str:
    """Seconds as 0:07, 12:34 or 1:02:03."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def speed(steps_per_second: float) -> str:
    """Steps a second: 1,234, 87.5 or 0.04."""
    if steps_per_second >= 100:
        return f"{steps_per_second:,.0f}"
    return f"{steps_per_second:.1f}" if steps_per_second >= 1 else f"{steps_per_second:.2g}"


def setting_label(name: str) -> str:
    """What people read of the setting that a run calls ``name``."""
    return SETTING_LABELS.get(name, name)


def deed(mark: Intervened) -> str:
    """What somebody did to a run."""
    whose = f" of the {mark.network}" if mark.network else ""
    match mark.what:
        case "learning rate":
            return f"learning rate{whose}: schedule × {mark.before:g} → × {mark.after:g}"
        case "setting":
            return f"{setting_label(mark.setting)}{whose}: {mark.before:g} → {mark.after:g}"
    return f"{mark.what}{whose}"


def _is_share(name: str) -> bool:
    return any(word in name for word in SHARES)
