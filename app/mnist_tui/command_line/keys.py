"""The keys of the screens."""

from __future__ import annotations

import typer

from mnist_tui.command_line.options import Debug
from mnist_tui.endings import readable_errors


def register(app: typer.Typer) -> None:
    """Add these commands to ``app``."""
    app.command()(keys)


def keys(debug: Debug = False) -> None:
    """Print every command of the screens with its keys, as a file to change: keys.toml."""
    with readable_errors(debug):
        from mnist_tui.full_screen import commands_with
        from mnist_tui.monitor.commands.keys_file import as_toml

        print(as_toml(commands_with(None)))
