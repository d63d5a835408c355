"""Options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal, Optional

import typer

Recipe = Annotated[
    Optional[str],  # noqa: UP045  (Typer reads it at run time)
    typer.Option("--recipe", "-r", metavar="NAME|FILE", help="A shipped recipe or a TOML file."),
]
Epochs = Annotated[
    Optional[int],  # noqa: UP045
    typer.Option("--epochs", metavar="N", help="Passes over the training images."),
]
BatchSize = Annotated[
    Optional[str],  # noqa: UP045
    typer.Option("--batch-size", metavar="N|full", help="Images in a step."),
]
LearningRate = Annotated[
    Optional[str],  # noqa: UP045
    typer.Option("--lr", metavar="RATE[,RATE]", help="Learning rate; GAN: of G and D."),
]
Settings = Annotated[
    Optional[list[str]],  # noqa: UP045
    typer.Option(
        "--set",
        metavar="KEY=VALUE",
        help="Any setting of the recipe, with its tables: data.held_out=500. Again for each.",
    ),
]
Seed = Annotated[
    Optional[int],  # noqa: UP045
    typer.Option("--seed", metavar="N", help="Decides all randomness."),
]
Threads = Annotated[
    Optional[int],  # noqa: UP045
    typer.Option("--threads", metavar="N", help="Threads of the linear algebra, else all cores."),
]
Limit = Annotated[
    Optional[int],  # noqa: UP045
    typer.Option("--limit", metavar="N", help="Train on the first N images only."),
]
Data = Annotated[
    Optional[Path],  # noqa: UP045
    typer.Option("--data", metavar="DIR", help="IDX files under MNIST's four names."),
]
RunDir = Annotated[
    Optional[Path],  # noqa: UP045
    typer.Option("--run-dir", metavar="DIR", help="This run's own directory, a new one."),
]
CheckpointEvery = Annotated[
    float,
    typer.Option("--checkpoint-every", metavar="SECONDS", help="Besides those of epochs."),
]
OnDiskFull = Annotated[
    Optional[Literal["stop", "continue", "pause"]],  # noqa: UP045
    typer.Option("--on-disk-full", help="Else: on a screen pause, without one stop."),
]
Run = Annotated[
    str, typer.Argument(metavar="RUN", help="A run's path, its name in runs/, or latest.")
]
NoUI = Annotated[bool, typer.Option("--no-ui", help="Train without a screen.")]
Json = Annotated[bool, typer.Option("--json", help="Without a screen, one JSON event a line.")]
Describe = Annotated[
    bool, typer.Option("--describe", help="Without a screen, its pictures in words.")
]
Ascii = Annotated[bool, typer.Option("--ascii", help="Draw with plain characters only.")]
Theme = Annotated[
    Optional[str],  # noqa: UP045
    typer.Option("--theme", metavar="NAME", help="Colours of the screen."),
]
Keys = Annotated[
    Optional[Path],  # noqa: UP045
    typer.Option("--keys", metavar="FILE", help="Own keys, else those of keys.toml."),
]
Tour = Annotated[bool, typer.Option("--tour", help="Begin with a tour of the screen.")]
Debug = Annotated[bool, typer.Option("--debug", help="Show tracebacks.")]
