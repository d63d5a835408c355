"""What is there to learn from: recipes, lessons, and how automatic differentiation works."""

from __future__ import annotations

from typing import Annotated, Optional

import typer

from mnist_tui.command_line.options import Ascii, Debug, Keys, RunDir, Theme
from mnist_tui.endings import readable_errors


def register(app: typer.Typer) -> None:
    """Add these commands to ``app``."""
    for command in (recipes, lesson, autograd):
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


def lesson(
    name: Annotated[
        Optional[str],  # noqa: UP045
        typer.Argument(help="The lesson; without a name they are listed."),
    ] = None,
    run_dir: RunDir = None,
    ascii: Ascii = False,
    theme: Theme = None,
    keys: Keys = None,
    debug: Debug = False,
) -> None:
    """A small run that shows a thing happen, and asks you to press a key."""
    with readable_errors(debug):
        from mnist_tui.lessons.launch import give_lesson, print_lessons
        from mnist_tui.train import Screening

        if name is None:
            print_lessons()
        else:
            screening = Screening(ascii_only=ascii, theme=theme, keys=keys)
            raise SystemExit(give_lesson(name, run_dir, screening))


def autograd(debug: Debug = False) -> None:
    """A short tour of automatic differentiation, every derivative checked as you watch."""
    with readable_errors(debug):
        from rich.console import Console

        from mnist_tui.pages.autograd import run_tour

        raise SystemExit(0 if run_tour(Console()) else 1)
