"""From the names of runs to their comparison, on a screen or on paper."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from mnist_engine.errors import BadInput
from mnist_engine.runs.directory import RunDirectory
from mnist_engine.runs.finding import find_run
from mnist_tui.figures import counted
from mnist_tui.full_screen import commands_with, has_screen, run_app, screen_mode

MOST_ON_SCREEN = 6
"""More curves in one plot than this nobody tells apart."""

MOST = 26
"""As many as there are letters."""


def compare_runs(
    names: Sequence[str],
    no_ui: bool,
    json: bool,
    ascii_only: bool,
    theme: str | None,
    keys: Path | None,
) -> int:
    """Compare the runs of these names, on the screen if that is wanted and possible.

    Returns the exit status. Raises BadInput where a run is not there, cannot be read or is named
    twice, or where there are too few or too many.
    """
    runs = _found(names)
    if has_screen(not (no_ui or json), "printing"):
        return _on_screen(runs, ascii_only, theme, keys)
    from mnist_tui.compare.report import compared, print_json, print_report

    (print_json if json else print_report)([compared(run) for run in runs])
    return 0


def _found(names: Sequence[str]) -> list[RunDirectory]:
    runs: dict[object, RunDirectory] = {}
    for name in names:
        run = find_run(name)
        place = run.path.resolve()
        if place in runs:
            raise BadInput(f"{name}: is named twice; name each run once")
        runs[place] = run
    if not 2 <= len(runs) <= MOST:
        raise BadInput(f"{counted(len(runs), 'run')} cannot be compared; name 2 to {MOST}")
    return list(runs.values())


def _on_screen(
    runs: Sequence[RunDirectory], ascii_only: bool, theme: str | None, keys: Path | None
) -> int:
    from mnist_tui.compare.app import CompareApp
    from mnist_tui.monitor.themes import known_theme

    if len(runs) > MOST_ON_SCREEN:
        raise BadInput(
            f"the screen has room for {MOST_ON_SCREEN} runs, these are {len(runs)}; name fewer, or "
            "print tables with --no-ui"
        )
    recipes = [run.read_recipe() for run in runs]
    commands = commands_with(keys)
    app = CompareApp(runs, recipes, screen_mode(ascii_only), known_theme(theme))
    return run_app(app, commands)
