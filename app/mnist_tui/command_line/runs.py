"""Runs that are there: to list, to watch, to compare."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Optional

import typer

from mnist_tui.command_line.options import Ascii, Debug, Describe, Json, Keys, Run, Theme
from mnist_tui.endings import readable_errors


def register(app: typer.Typer) -> None:
    """Add these commands to ``app``."""
    for command in (runs, watch, describe, compare):
        app.command()(command)


def runs(
    parent: Annotated[
        Optional[Path],  # noqa: UP045
        typer.Option("--dir", metavar="DIR", help="Where the runs lie, else runs/."),
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="One JSON object a run.")] = False,
    debug: Debug = False,
) -> None:
    """List the runs: how far each came, how well it did, and whether it still trains."""
    with readable_errors(debug):
        from mnist_engine.runs.directory import RUNS
        from mnist_tui.run_list import print_runs

        print_runs(RUNS if parent is None else parent, json)


def watch(
    run: Run,
    no_ui: Annotated[bool, typer.Option("--no-ui", help="Print what happens.")] = False,
    json: Json = False,
    describe: Describe = False,
    ascii: Ascii = False,
    theme: Theme = None,
    keys: Keys = None,
    debug: Debug = False,
) -> None:
    """Look at a run: as it trains, and steer it, or at any of its steps when it is over."""
    with readable_errors(debug):
        from mnist_tui import watch as watching

        raise SystemExit(watching.watch(run, no_ui, json, describe, ascii, theme, keys))


def describe(
    run: Run,
    step: Annotated[
        Optional[int],  # noqa: UP045
        typer.Option("--step", metavar="N", min=0, help="As it was then, else at its end."),
    ] = None,
    debug: Debug = False,
) -> None:
    """Say in words what the pictures of a run show, a line a picture, for screen readers."""
    with readable_errors(debug):
        from mnist_engine.runs.finding import find_run
        from mnist_tui.describing.run import describe_run

        for line in describe_run(find_run(run), step):
            print(line)


def compare(
    names: Annotated[
        list[str],
        typer.Argument(metavar="RUN...", help="Runs: paths, names in runs/, or latest."),
    ],
    no_ui: Annotated[bool, typer.Option("--no-ui", help="Print tables.")] = False,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
    ascii: Ascii = False,
    theme: Theme = None,
    keys: Keys = None,
    debug: Debug = False,
) -> None:
    """Lay the curves of several runs over each other, or print what they reached."""
    with readable_errors(debug):
        from mnist_tui.compare.launch import compare_runs

        raise SystemExit(compare_runs(names, no_ui, json, ascii, theme, keys))
