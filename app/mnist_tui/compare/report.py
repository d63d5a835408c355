"""Runs compared in tables, or as one object of JSON: what they reached, and how they differ."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from string import ascii_uppercase
from typing import Any

import msgspec

from mnist_engine.recipes import AnyRecipe
from mnist_engine.recipes.differences import recipe_differences
from mnist_engine.runs.directory import RunDirectory
from mnist_engine.runs.log import Log
from mnist_engine.runs.state import RunState, Snapshot
from mnist_engine.runs.summary import Summary, summarise
from mnist_tui.compare.settings import setting
from mnist_tui.compare.values import best_value, curves_of, final_value, results_of
from mnist_tui.figures import duration, measured, speed
from mnist_tui.tables import Column, print_table


@dataclass(frozen=True)
class Compared:
    """A run with all that is compared of it. ``final`` and ``best`` are values by name."""

    summary: Summary
    recipe: AnyRecipe
    final: dict[str, float]
    best: dict[str, float]

    @property
    def steps_per_second(self) -> float:
        """Steps in a second of training; 0 where there was no time."""
        begun = self.summary.parent.step if self.summary.parent else 0
        steps, seconds = self.summary.step - begun, self.summary.seconds
        return steps / seconds if seconds > 0 else 0.0


def compared(run: RunDirectory) -> Compared:
    """Read all of ``run``; BadInput where its recipe or its log cannot be read."""
    recipe = run.read_recipe()
    snapshot = _folded(run)
    curves = curves_of(snapshot)
    final = {name: final_value(name, curve) for name, curve in curves.items() if len(curve.x)}
    bests = {name: best_value(name, curve) for name, curve in curves.items()}
    best = {name: value for name, value in bests.items() if value is not None}
    return Compared(summarise(run), recipe, final | results_of(snapshot), best)


def print_report(runs: Sequence[Compared]) -> None:
    """Write the tables: a column for each run, under a letter that the first table explains."""
    letters = ascii_uppercase[: len(runs)]
    names = [(letter, run.summary.name) for letter, run in zip(letters, runs, strict=True)]
    print_table([Column(""), Column("run")], names, sys.stdout)
    print()
    columns = [Column(""), *(Column(letter, right=True) for letter in letters)]
    print_table(columns, _outcomes(runs), sys.stdout)
    print()
    differences = recipe_differences([run.recipe for run in runs])
    if not differences:
        print("their recipes are the same")
        return
    rows = [(key, *map(setting, values)) for key, values in differences.items()]
    columns = [
        Column("their recipes differ in"),
        *(Column(letter, flexible="wrap") for letter in letters),
    ]
    print_table(columns, rows, sys.stdout)


def print_json(runs: Sequence[Compared]) -> None:
    """Write one object: the runs, each with its values, and the differences of their recipes."""
    report: dict[str, Any] = {
        "runs": [
            {
                **msgspec.to_builtins(run.summary),
                "steps_per_second": run.steps_per_second,
                "final": run.final,
                "best": run.best,
            }
            for run in runs
        ],
        "differences": recipe_differences([run.recipe for run in runs]),
    }
    sys.stdout.buffer.write(msgspec.json.encode(report) + b"\n")


def _folded(run: RunDirectory) -> Snapshot:
    state = RunState()
    for event in Log(run.events).events():
        state.apply(event)
    return state.snapshot()


def _outcomes(runs: Sequence[Compared]) -> list[tuple[str, ...]]:
    rows = [
        ("state", *(run.summary.state for run in runs)),
        ("steps", *(f"{run.summary.step:,}" for run in runs)),
        ("time", *(duration(run.summary.seconds) for run in runs)),
        ("steps/s", *(speed(run.steps_per_second) for run in runs)),
    ]
    for name in dict.fromkeys(name for run in runs for name in run.final):
        rows.append((name, *(_value(name, run.final) for run in runs)))
        if any(name in run.best for run in runs):
            rows.append(("  best", *(_value(name, run.best) for run in runs)))
    return rows


def _value(name: str, values: dict[str, float]) -> str:
    return measured(name, values[name]) if name in values else "-"
