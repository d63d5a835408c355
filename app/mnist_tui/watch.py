"""Looking at a run that another process trains, or that nobody trains any more."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

from mnist_engine.runs.directory import RunDirectory
from mnist_engine.runs.finding import find_run, name_of
from mnist_engine.runs.lock import is_locked
from mnist_engine.training.control import TrainControl
from mnist_tui.full_screen import commands_with, has_screen, run_app, screen_mode
from mnist_tui.train import Screening
from mnist_tui.train import run as train

if TYPE_CHECKING:
    from pathlib import Path

    from mnist_engine.training.events import Event


NICENESS = 5
"""By how much a viewer ranks behind who trains, of 19. It then draws in the gaps between products
of matrices instead of making their threads wait; with more, its keys would wait on a busy machine.
"""


def watch(
    name: str,
    no_ui: bool,
    json: bool,
    describes: bool,
    ascii_only: bool,
    theme: str | None,
    keys: Path | None,
) -> int:
    """Show the run of that name, on the screen if that is wanted and possible.

    Returns the exit status. Raises BadInput where there is no such run.
    """
    run = find_run(name)
    if has_screen(not (no_ui or json or describes), "printing"):
        return _on_screen(run, ascii_only, theme, keys)
    from mnist_tui.headless import run_headless
    from mnist_tui.reporting import output_style

    leaving = TrainControl()  # nobody trains here: what is asked of it only ends the looking on
    return run_headless(
        _events(run, leaving, every=json),
        leaving,
        output_style(sys.stdout, json),
        run_directory=run.path,
        watching=name_of(run),
        describes=describes,
    )


def _events(run: RunDirectory, leaving: TrainControl, every: bool) -> Iterator[Event]:
    """What happened and what happens, ``every`` step of it or as many as can be shown."""
    from mnist_engine.runs.following import follow_training
    from mnist_engine.runs.log import Log

    log = Log(run.events)
    for event in () if every else log.events():
        yield event
        if leaving.stop_wanted:
            return
    yield from follow_training(log, run, lambda: leaving.stop_wanted)


def _on_screen(run: RunDirectory, ascii_only: bool, theme: str | None, keys: Path | None) -> int:
    from mnist_tui.launch import Branch
    from mnist_tui.monitor.themes import known_theme

    mode, colours, commands = screen_mode(ascii_only), known_theme(theme), commands_with(keys)
    if is_locked(run):
        from mnist_tui.monitor.apps.attached import AttachedApp

        _let_training_go_first()
        return run_app(AttachedApp(run, mode, colours), commands)

    from mnist_tui.monitor.apps.replay import ReplayApp

    replay = ReplayApp(run, mode, colours)
    status = run_app(replay, commands)
    if replay.branching is None:
        return status
    recipe, saved = replay.branching
    return train(
        lambda keeping: Branch(recipe, None, keeping, run, saved),
        Screening(ascii_only=ascii_only, theme=theme, keys=keys),
    )


def _let_training_go_first() -> None:
    if hasattr(os, "nice"):  # Windows has none
        os.nice(NICENESS)
