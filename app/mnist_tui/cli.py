"""The commands: what is typed becomes a recipe, the recipe a run, on the screen or without one.

Everything heavy is imported inside the commands, so that ``--help`` answers at once and ``--no-ui`` never
loads Textual.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, Optional

import typer

if TYPE_CHECKING:
    from mnist_engine.recipes import AnyRecipe
    from mnist_tui.launch import Launch

DEFAULT_RECIPES = {"gan": "conditional-dense", "classify": "mlp"}

app = typer.Typer(
    name="mnist-tui",
    help="Watch networks learn MNIST in the terminal, on a deep-learning engine in NumPy alone.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

Recipe = Annotated[
    Optional[str],  # noqa: UP045  (Typer reads it at run time)
    typer.Option("--recipe", "-r", metavar="NAME|FILE", help="A shipped recipe or a TOML file."),
]
Epochs = Annotated[
    Optional[int], typer.Option("--epochs", help="Passes over the training images.")  # noqa: UP045
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
    Optional[int], typer.Option("--seed", help="Decides all randomness.")  # noqa: UP045
]
Threads = Annotated[
    Optional[int],  # noqa: UP045
    typer.Option("--threads", help="Threads of the linear algebra, else all cores."),
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
    Optional[str], typer.Option("--theme", help="Colours of the screen.")  # noqa: UP045
]
Debug = Annotated[bool, typer.Option("--debug", help="Show tracebacks.")]


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
        raise typer.Exit(train(resolved, run_dir, no_ui, json, ascii, theme))


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
        raise typer.Exit(train(resolved, run_dir, no_ui, json, ascii, theme))


@app.command()
def recipes(
    name: Annotated[
        Optional[str], typer.Argument(help="Print this recipe as TOML, to keep or to change.")  # noqa: UP045
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

        raise typer.Exit(0 if run_tour(Console()) else 1)


def main() -> None:
    """The entry point of the installed command."""
    app()


def resolve(
    task: Literal["gan", "classify"],
    name: str | None,
    epochs: int | None,
    batch_size: str | None,
    learning_rates: str | None,
    seed: int | None,
    threads: int | None,
    limit: int | None,
    data: Path | None,
) -> AnyRecipe:
    """The recipe that a command line asks for; BadInput where it cannot be."""
    from mnist_engine.errors import BadInput
    from mnist_engine.recipes import GanRecipe, load_recipe
    from mnist_engine.recipes.overrides import override
    from mnist_engine.training.threads import thread_count

    recipe = load_recipe(name or DEFAULT_RECIPES[task])
    made_for = "gan" if isinstance(recipe, GanRecipe) else "classify"
    if made_for != task:
        raise BadInput(
            f"recipe {recipe.name} is for another task; run it with `mnist-tui {made_for}`"
        )
    return override(
        recipe,
        epochs=epochs,
        batch_size=batch_size,
        learning_rates=learning_rates,
        seed=seed,
        threads=threads or recipe.threads or thread_count(),
        limit=limit,
        data=data,
    )


def train(
    recipe: AnyRecipe,
    run_dir: Path | None,
    no_ui: bool,
    json: bool,
    ascii_only: bool,
    theme: str | None,
) -> int:
    """Train on the screen, or without one where it is not wanted or not possible; the exit status."""
    from mnist_tui.launch import Launch
    from mnist_tui.terminal import why_no_ui

    launch = Launch(recipe, run_dir)
    if not (no_ui or json):
        obstacle = why_no_ui(os.environ, sys.stdin, sys.stderr)
        if obstacle is None:
            return _monitor(launch, ascii_only, theme)
        print(f"mnist-tui: no screen: {obstacle}; training as with --no-ui", file=sys.stderr)
    from mnist_tui.headless import output_style, run_headless

    return run_headless(
        launch.events(),
        launch.control,
        output_style(sys.stdout, json),
        run_directory=launch.path,
    )


def _monitor(launch: Launch, ascii_only: bool, theme: str | None) -> int:
    from mnist_tui.monitor.app import MonitorApp
    from mnist_tui.terminal import render_mode

    mode = render_mode(os.environ, sys.stderr.encoding, ascii_only)
    options = {} if theme is None else {"theme": theme}
    monitor = MonitorApp(
        launch.events, launch.control, launch.path, mode, title=launch.recipe.name, **options
    )
    monitor.run()
    if monitor.failure is not None:
        raise monitor.failure
    if (launch.path / "weights").is_dir():
        print(f"run kept in {launch.path}")
    return monitor.return_code or 0


@contextmanager
def readable_errors(debug: bool) -> Iterator[None]:
    """One line on standard error and an exit status instead of a traceback.

    2 for bad input, 130 for Ctrl-C, 1 for anything else. With ``debug`` errors are passed on as they are.
    """
    from mnist_engine.errors import BadInput

    try:
        yield
    except (typer.Exit, typer.Abort):
        raise
    except BadInput as error:
        print(f"mnist-tui: {error}", file=sys.stderr)
        raise typer.Exit(2) from None
    except KeyboardInterrupt:
        raise typer.Exit(130) from None
    except Exception as error:
        if debug:
            raise
        text = " ".join(str(error).split()) or "no further word"
        print(f"mnist-tui: {type(error).__name__}: {text} (--debug shows where)", file=sys.stderr)
        raise typer.Exit(1) from None


if __name__ == "__main__":
    main()
