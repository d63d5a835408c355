"""The commands and their options, as Typer reads them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Optional

import typer

from mnist_tui.cli import readable_errors, resolve, train

app = typer.Typer(
    name="mnist-tui",
    help="Watch networks learn MNIST in the terminal, on a deep-learning engine in NumPy alone.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

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
NoUI = Annotated[bool, typer.Option("--no-ui", help="Train without a screen.")]
Json = Annotated[bool, typer.Option("--json", help="Without a screen, one JSON event a line.")]
Ascii = Annotated[bool, typer.Option("--ascii", help="Draw with plain characters only.")]
Theme = Annotated[
    Optional[str],  # noqa: UP045
    typer.Option("--theme", metavar="NAME", help="Colours of the screen."),
]
Debug = Annotated[bool, typer.Option("--debug", help="Show tracebacks.")]


def _print_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        print(f"mnist-tui {version('mnist-tui')}")
        raise SystemExit(0)


@app.callback()
def about(
    version: Annotated[
        bool,
        typer.Option("--version", help="Show the version.", is_eager=True, callback=_print_version),
    ] = False,
) -> None:
    """Watch networks learn MNIST in the terminal, on a deep-learning engine in NumPy alone."""


@app.command()
def gan(
    recipe: Recipe = None,
    epochs: Epochs = None,
    batch_size: BatchSize = None,
    lr: LearningRate = None,
    seed: Seed = None,
    threads: Threads = None,
    limit: Limit = None,
    data: Data = None,
    run_dir: RunDir = None,
    no_ui: NoUI = False,
    json: Json = False,
    ascii: Ascii = False,
    theme: Theme = None,
    debug: Debug = False,
) -> None:
    """Train a generator against a discriminator and watch digits appear."""
    with readable_errors(debug):
        resolved = resolve("gan", recipe, epochs, batch_size, lr, seed, threads, limit, data)
        raise SystemExit(train(resolved, run_dir, no_ui, json, ascii, theme))


@app.command()
def classify(
    recipe: Recipe = None,
    epochs: Epochs = None,
    batch_size: BatchSize = None,
    lr: LearningRate = None,
    seed: Seed = None,
    threads: Threads = None,
    limit: Limit = None,
    data: Data = None,
    run_dir: RunDir = None,
    no_ui: NoUI = False,
    json: Json = False,
    ascii: Ascii = False,
    theme: Theme = None,
    debug: Debug = False,
) -> None:
    """Train a classifier and watch its accuracy rise."""
    with readable_errors(debug):
        resolved = resolve("classify", recipe, epochs, batch_size, lr, seed, threads, limit, data)
        raise SystemExit(train(resolved, run_dir, no_ui, json, ascii, theme))


@app.command()
def recipes(
    name: Annotated[
        Optional[str],  # noqa: UP045
        typer.Argument(help="Print this recipe as TOML, to keep or to change."),
    ] = None,
    debug: Debug = False,
) -> None:
    """List the recipes, or print one."""
    with readable_errors(debug):
        from mnist_tui.listing import print_recipe, print_recipes

        if name is None:
            print_recipes()
        else:
            print_recipe(name)


@app.command()
def autograd(debug: Debug = False) -> None:
    """A short tour of automatic differentiation, every derivative checked as you watch."""
    with readable_errors(debug):
        from rich.console import Console

        from mnist_tui.tour import run_tour

        raise SystemExit(0 if run_tour(Console()) else 1)
