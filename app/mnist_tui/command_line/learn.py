"""What is there to be read: recipes, and how automatic differentiation works."""

from __future__ import annotations

from typing import Annotated, Optional

import typer

from mnist_tui.command_line.options import Debug
from mnist_tui.endings import readable_errors


def register(app: typer.Typer) -> None:
    """Add these commands to ``app``."""
    for command in (recipes, autograd):
        app.command()(command)


def recipes(
    name: Annotated[
        Optional[str],  # noqa: UP045
        typer.Argument(help="Print this recipe as TOML, to keep or to change."),
    ] = None,
    debug: Debug = False,
) -> None:
    """List the recipes, or print one."""
    with readable_errors(debug):
        from mnist_tui.recipe_list import print_recipe, print_recipes

        if name is None:
            print_recipes()
        else:
            print_recipe(name)


def autograd(debug: Debug = False) -> None:
    """A short tour of automatic differentiation, every derivative checked as you watch."""
    with readable_errors(debug):
        from rich.console import Console

        from mnist_tui.tour import run_tour

        raise SystemExit(0 if run_tour(Console()) else 1)
