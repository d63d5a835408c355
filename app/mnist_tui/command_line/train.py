"""Training something new."""

from __future__ import annotations

import typer

from mnist_tui.command_line.options import (
    Ascii,
    BatchSize,
    CheckpointEvery,
    Data,
    Debug,
    Describe,
    Epochs,
    Json,
    Keys,
    LearningRate,
    Limit,
    NoUI,
    OnDiskFull,
    Recipe,
    RunDir,
    Seed,
    Settings,
    Theme,
    Threads,
    Tour,
)
from mnist_tui.endings import readable_errors
from mnist_tui.train import Screening, begin, resolve


def register(app: typer.Typer) -> None:
    """Add these commands to ``app``."""
    for command in (gan, classify):
        app.command()(command)


def gan(
    recipe: Recipe = None,
    epochs: Epochs = None,
    batch_size: BatchSize = None,
    lr: LearningRate = None,
    seed: Seed = None,
    threads: Threads = None,
    limit: Limit = None,
    data: Data = None,
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
    tour: Tour = False,
    debug: Debug = False,
) -> None:
    """Train a generator against a discriminator and watch digits appear."""
    with readable_errors(debug):
        resolved = resolve(
            "gan", recipe, epochs, batch_size, lr, seed, threads, limit, data, settings or []
        )
        screening = Screening(
            no_ui, json, ascii, theme, checkpoint_every, on_disk_full, keys, tour, None, describe
        )
        raise SystemExit(begin(resolved, run_dir, screening))


def classify(
    recipe: Recipe = None,
    epochs: Epochs = None,
    batch_size: BatchSize = None,
    lr: LearningRate = None,
    seed: Seed = None,
    threads: Threads = None,
    limit: Limit = None,
    data: Data = None,
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
    tour: Tour = False,
    debug: Debug = False,
) -> None:
    """Train a classifier and watch its accuracy rise."""
    with readable_errors(debug):
        resolved = resolve(
            "classify", recipe, epochs, batch_size, lr, seed, threads, limit, data, settings or []
        )
        screening = Screening(
            no_ui, json, ascii, theme, checkpoint_every, on_disk_full, keys, tour, None, describe
        )
        raise SystemExit(begin(resolved, run_dir, screening))
