"""Round numbers for the axes of a plot, and their shortest honest spelling."""

from __future__ import annotations

import math
from itertools import pairwise


def nice_ticks(low: float, high: float, most: int, whole: bool = False) -> list[float]:
    """At most ``most`` multiples of 1, 2 or 5 times a power of ten within ``low`` to ``high``.

    With ``whole`` only whole numbers.
    """
    if most < 1 or not (math.isfinite(low) and math.isfinite(high)) or high < low:
        return []
    if high == low:
        return [low]
    power = 10.0 ** math.floor(math.log10((high - low) / most))
    steps = (power * factor for factor in (1, 2, 5, 10, 20, 50, 100))
    for step in steps:
        if whole and step < 1:
            continue
        first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
        if last - first < most:
            return [index * step for index in range(first, last + 1)]
    return []


def decimal_labels(ticks: list[float]) -> list[str]:
    """One spelling for a whole axis: as many decimals as the distance of its ticks needs."""
    if not ticks:
        return []
    largest = max(abs(tick) for tick in ticks)
    distance = min((b - a for a, b in pairwise(ticks)), default=largest)
    if largest >= 1e5 or 0 < distance < 1e-4:
        spellings = ([f"{tick:.{digits}g}" for tick in ticks] for digits in range(3, 17))
        return next((labels for labels in spellings if len(set(labels)) == len(labels)), [])
    decimals = _decimals(distance)
    return [f"{tick + 0.0:.{decimals}f}" for tick in ticks]


def percent_labels(ticks: list[float]) -> list[str]:
    """Fractions as percentages."""
    return [f"{label}%" for label in decimal_labels([100 * tick for tick in ticks])]


def plain_labels(ticks: list[float]) -> list[str]:
    """Each as short as it can be, for an axis whose ticks are not equally far apart."""
    return [f"{tick:g}" for tick in ticks]


def count_labels(ticks: list[float]) -> list[str]:
    """Counts with k and M: 0, 500, 1k, 1.5k, 2M; as long as they must be to be told apart."""
    for digits in range(4, 16):
        labels = [short_count(tick, digits) for tick in ticks]
        if len(set(labels)) == len(set(ticks)):
            break
    return labels


def short_count(value: float, digits: int = 4) -> str:
    """A count in at most a few characters: 950, 12.5k, 2M."""
    for size, letter in ((1e6, "M"), (1e3, "k")):
        if abs(value) >= size:
            return f"{value / size:.{digits}g}{letter}"
    return f"{value:.{digits}g}"


def _decimals(distance: float) -> int:
    if distance <= 0:
        return 0
    decimals = 0
    # 0.25 needs two decimals although its leading digit is the first
    while decimals < 6 and not math.isclose(
        distance, round(distance, decimals), rel_tol=1e-6, abs_tol=1e-12
    ):
        decimals += 1
    return decimals
