"""The way to a full-screen program and back: whether there can be one, and how it ends."""

from __future__ import annotations

import os
import sys
from types import FrameType
from typing import TYPE_CHECKING

from mnist_tui.endings import on_signals
from mnist_tui.terminal import RenderMode, render_mode, why_no_ui

if TYPE_CHECKING:
    from pathlib import Path

    from mnist_tui.monitor.apps.viewing import ViewingApp
    from mnist_tui.monitor.commands.keys_file import Commands


def has_screen(wanted: bool, otherwise: str) -> bool:
    """Whether a screen is wanted and possible; where it is only wanted, a line says why not.

    ``otherwise`` says in a word what is done instead.
    """
    obstacle = why_no_ui(os.environ, sys.stdin, sys.stderr) if wanted else None
    if obstacle is not None:
        print(f"mnist-tui: no screen: {obstacle}; {otherwise} as with --no-ui", file=sys.stderr)
    return wanted and obstacle is None


def screen_mode(ascii_only: bool) -> RenderMode:
    """How the screen draws on this terminal; see ``render_mode``."""
    return render_mode(os.environ, sys.stderr.encoding, ascii_only)


def commands_with(keys: Path | None) -> Commands:
    """All commands with a person's own keys, from the file ``keys`` or where such files are kept.

    Raises BadInput where it cannot be used.
    """
    from mnist_tui.monitor.commands import COMMANDS
    from mnist_tui.monitor.commands.keys_file import with_own_keys

    return with_own_keys(COMMANDS, keys, os.environ)


def run_app(app: ViewingApp, commands: Commands) -> int:
    """Run ``app`` until the person leaves; the exit status. Raises what broke it off, if anything.

    The app handles signals once it is set up. Until then they wait in its queue: whoever leaves
    while the screen is half taken over cannot give it back.
    """

    def queue_signal(number: int, _frame: FrameType | None) -> None:
        app.call_later(app.on_signal, number)

    from mnist_tui.monitor.stray import StrayOutput

    app.commands = commands
    if sys.platform == "win32":  # its driver draws through the console; Textual drops what prints
        with on_signals(queue_signal):
            app.run()
    else:
        with StrayOutput(app.own_run) as app.stray, on_signals(queue_signal):
            app.run()
    status = app.return_code or 0
    if app.failure is not None and status <= 128:
        raise app.failure
    return status
