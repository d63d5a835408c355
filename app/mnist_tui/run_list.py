"""The runs in a directory, a line each."""

from __future__ import annotations

import sys
from pathlib import Path

import msgspec

from mnist_engine.runs.finding import all_runs
from mnist_engine.runs.summary import State, Summary, summarise
from mnist_tui.figures import duration, measured
from mnist_tui.tables import Column, print_table

COLUMNS = (
    Column("run"),
    Column("recipe", importance=6),
    Column("state"),
    Column("step", right=True, importance=1),
    Column("of", right=True, importance=5),
    Column("best", right=True),
    Column("measure", importance=2),
    Column("time", right=True, importance=4),
    Column("began", importance=7),
)
ORIGIN = Column("note", importance=3, flexible="cut")
FAULT = Column("note", flexible="cut")  # where something is wrong, that comes before figures

STYLES: dict[State, str] = {
    "running": "green",
    "paused": "yellow",
    "diverged": "red",
    "crashed": "red",
    "damaged": "red",
}


def print_runs(parent: Path, as_json: bool) -> None:
    """The runs in ``parent``, oldest first: a table, or an object of JSON a line."""
    summaries = [summarise(run) for run in all_runs(parent)]
    if as_json:
        for summary in summaries:
            sys.stdout.buffer.write(msgspec.json.encode(summary) + b"\n")
        return
    if not summaries:
        print(f"{parent}: holds no run yet; train one with `mnist-tui gan`")
        return
    rows = [_row(summary) for summary in summaries]
    note = FAULT if any(summary.fault for summary in summaries) else ORIGIN
    print_table(
        (*COLUMNS, note), rows, sys.stdout, [STYLES.get(one.state, "") for one in summaries]
    )


def _row(summary: Summary) -> tuple[str, ...]:
    best, parent = summary.best, summary.parent
    origin = f"from {Path(parent.run).name} at step {parent.step:,}" if parent else ""
    return (
        summary.name,
        summary.recipe,
        summary.state,
        f"{summary.step:,}" if summary.total_steps else "",
        f"{summary.total_steps:,}" if summary.total_steps else "",
        measured(best.measure, best.value) if best else "",
        best.measure.removeprefix("validation ") if best else "",
        duration(summary.seconds) if summary.total_steps else "",
        summary.began[:16].replace("T", " "),
        summary.fault.removeprefix(f"{summary.path}/") or origin,
    )
