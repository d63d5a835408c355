"""Going on with runs, and doing them again."""

from __future__ import annotations

from typing import Annotated, Optional

import typer

from mnist_tui import train
from mnist_tui.command_line.options import (
    Ascii,
    CheckpointEvery,
    Debug,
    Describe,
    Epochs,
    Json,
    Keys,
    LearningRate,
    NoUI,
    OnDiskFull,
    Run,
    RunDir,
    Settings,
    Theme,
)
from mnist_tui.endings import readable_errors
from mnist_tui.train import Screening


def register(app: typer.Typer) -> None:
    """Add these commands to ``app``."""
    for command in (resume, branch, rerun):
        app.command()(command)


def resume(
    run: Run,
    checkpoint_every: CheckpointEvery = 60.0,
    on_disk_full: OnDiskFull = None,
    no_ui: NoUI = False,
    json: Json = False,
    describe: Describe = False,
    ascii: Ascii = False,
    theme: Theme = None,
    keys: Keys = None,
    debug: Debug = False,
) -> None:
    """Go on with a run that was stopped or cut off, to the same bits."""
    with readable_errors(debug):
        screening = Screening(
            no_ui, json, ascii, theme, checkpoint_every, on_disk_full, keys, describe=describe
        )
        raise SystemExit(train.resume(run, screening))


def branch(
    run: Run,
    step: Annotated[
        Optional[int],  # noqa: UP045  (Typer reads it at run time)
        typer.Option(
            "--step",
            metavar="N",
            min=0,
            help="From the checkpoint nearest to this step, else the newest; RUN/checkpoints/ "
            "holds them, each with its step in its name.",
        ),
    ] = None,
    lr: LearningRate = None,
    epochs: Epochs = None,
    settings: Settings = None,
    run_dir: RunDir = None,
    checkpoint_every: CheckpointEvery = 60.0,
    on_disk_full: OnDiskFull = None,
    no_ui: NoUI = False,
    json: Json = False,
    describe: Describe = False,
    ascii: Ascii = False,
    theme: Theme = None,
    keys: Keys = None,
    debug: Debug = False,
) -> None:
    """Begin a new run from a checkpoint of another, with other settings."""
    with readable_errors(debug):
        screening = Screening(
            no_ui, json, ascii, theme, checkpoint_every, on_disk_full, keys, describe=describe
        )
        raise SystemExit(train.branch(run, step, epochs, lr, settings or [], run_dir, screening))


def rerun(run: Run, debug: Debug = False) -> None:
    """Train a run once more, and say whether it comes out the same to the bit."""
    with readable_errors(debug):
        from mnist_engine.runs.finding import find_run
        from mnist_tui.rerun import run_again

        raise SystemExit(run_again(find_run(run)))
