"""Going on with runs, and doing them again."""

from __future__ import annotations

import typer

from mnist_tui.cli import Screening, readable_errors
from mnist_tui.cli import resume as resume_run
from mnist_tui.command_line.options import (
    Ascii,
    CheckpointEvery,
    Debug,
    Json,
    NoUI,
    OnDiskFull,
    Run,
    Theme,
)


def register(app: typer.Typer) -> None:
    """Add these commands to ``app``."""
    for command in (resume,):
        app.command()(command)


def resume(
    run: Run,
    checkpoint_every: CheckpointEvery = 60.0,
    on_disk_full: OnDiskFull = None,
    no_ui: NoUI = False,
    json: Json = False,
    ascii: Ascii = False,
    theme: Theme = None,
    debug: Debug = False,
) -> None:
    """Go on with a run that was stopped or cut off, to the same bits."""
    with readable_errors(debug):
        screening = Screening(no_ui, json, ascii, theme, checkpoint_every, on_disk_full)
        raise SystemExit(resume_run(run, screening))
