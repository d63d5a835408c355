"""Which value of a measure is the best, and by which measure a network is better than another."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

HIGHEST = frozenset({"validation accuracy"})
LOWEST = frozenset({"validation loss", "calibration error", "FID", "class KL"})
"""Measures of which the highest, or the lowest, value is the best. Of a training loss none is: its
lowest is a lucky batch. Nor of the losses of a game: one player's gain is the other's loss."""

FOREMOST = ("validation accuracy", "FID")
"""What tells best how good a network is: the first of these that is measured."""


def has_best(measure: str) -> bool:
    """Whether one value of ``measure`` is better than another."""
    return measure in HIGHEST or measure in LOWEST


def best_of(measure: str, values: Iterable[float]) -> float:
    """The best of one or more ``values`` of a measure that :func:`has_best`."""
    return max(values) if measure in HIGHEST else min(values)


def score_of(measures: Mapping[str, float]) -> float | None:
    """A number that is larger for better measures; None where nothing tells."""
    for measure in FOREMOST:
        if measure in measures:
            return measures[measure] if measure in HIGHEST else -measures[measure]
    return None
