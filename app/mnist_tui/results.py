"""What the shipped recipes reached when they were last measured, in words.

``tests/benchmarks/recipes.py`` measures and writes the file; nothing here is typed by hand.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from importlib.resources import files
from typing import Any

RESULTS = "results.json"
"""An asset: results by recipe."""

SHOWN = (
    "test accuracy",
    "validation accuracy",
    "FID",
    "MNIST score",
    "precision",
    "recall",
    "class KL",
    "label agreement",
    "novelty",
)
PERCENT = {"test accuracy", "validation accuracy", "label agreement"}

UNITS = {"seconds": "s", "epochs": "epochs"}
"""How long a recipe was trained: by the clock, or by epochs where seconds were not what counts."""


def measured_results() -> dict[str, Any]:
    """All results, by recipe; none where nothing was measured yet."""
    file = files("mnist_tui_assets") / RESULTS
    return dict(json.loads(file.read_text())) if file.is_file() else {}


def results_table(results: dict[str, Any]) -> list[str]:
    """A Markdown table, a line for each recipe and moment."""
    lines = ["| recipe | after | seeds | measured |", "|---|---|---|---|"]
    for name, result in results.items():
        for when, text in _moments(result):
            lines.append(f"| {name} | {when} | {result['seeds']} | {text} |")
    return lines


def result_lines(name: str) -> list[str]:
    """What was measured of a shipped recipe, as comments of its TOML; none where nothing was."""
    result = measured_results().get(name)
    if result is None:
        return []
    seeds = "1 seed" if result["seeds"] == 1 else f"mean of {result['seeds']} seeds"
    conditions = f"{seeds}, {result['threads']} threads, judge {result['judge']}"
    return [
        f"# Measured ({conditions}):",
        *(f"#   after {when}: {text}" for when, text in _moments(result)),
    ]


def _moments(result: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """When, and what was measured then."""
    for when, measures in result["measures"].items():
        lengths = [(measures.get(unit), letters) for unit, letters in UNITS.items()]
        moments = [f"{length['mean']:.0f} {letters}" for length, letters in lengths if length]
        moment = next(iter(moments), when)
        found = [f"{name} {_value(name, measures[name])}" for name in SHOWN if name in measures]
        yield moment, ", ".join(found)


def _value(name: str, value: dict[str, float]) -> str:
    """Mean ± deviation over the seeds; without it where there was but one."""
    scale, digits = (100, 2) if name in PERCENT else (1, 3)
    mean, deviation = scale * value["mean"], scale * value["deviation"]
    spread = f" ± {deviation:.{digits}f}" if deviation else ""
    return f"{mean:.{digits}f}{spread}{'%' if name in PERCENT else ''}"
