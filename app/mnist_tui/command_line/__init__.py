"""The commands and their options, as Typer reads them: one module a group of commands."""

from __future__ import annotations

from typing import Annotated

import typer

from mnist_tui.command_line import again, keys, learn, runs, take_away, train

app = typer.Typer(
    name="mnist-tui",
    help="Watch networks learn MNIST in the terminal, on a deep-learning engine in NumPy alone.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


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


for group in (train, again, runs, take_away, learn, keys):
    group.register(app)
