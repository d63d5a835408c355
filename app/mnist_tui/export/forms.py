"""The forms that a run can be taken away in, by the names that ``--to`` knows."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from mnist_engine.errors import BadInput
from mnist_engine.runs.directory import RunDirectory
from mnist_engine.runs.networks import Which
from mnist_tui.export.destination import check_file, check_folder, default_path

PICTURES = ("png", "gif")
"""The forms that are one file; the others are folders."""


def export_run(
    run: RunDirectory, form: str, out: Path | None, force: bool, which: Which = "last"
) -> str:
    """Write ``run`` in this form to ``out``, or beside the person under its name; where and what.

    BadInput where the place is taken, unless by ``force``, or the run does not have what it takes;
    CannotRecord where the disk does not take it.
    """
    if which == "best" and form != "safetensors":
        raise BadInput(f"--best: chooses weights, and --to {form} has none; leave it out")
    if form in PICTURES:
        path = out or default_path(run, f".{form}")
        check_file(path, force, f".{form}")
    else:
        path = out or default_path(run, f"-{form}")
        check_folder(path, force)
    return f"{path}: {_writer(form, which)(run, path)}"


def _writer(form: str, which: Which) -> Callable[[RunDirectory, Path], str]:
    """What writes a run to a path, and says in a few words what it has written.

    Only what it needs is imported: Matplotlib alone takes longer than most forms.
    """
    match form:
        case "safetensors":
            from mnist_tui.export.weights import write_weights

            return partial(write_weights, which=which)
        case "csv":
            from mnist_tui.export.tables import write_tables

            return write_tables
        case "png":
            from mnist_tui.export.last_grid import write_last_grid

            return write_last_grid
        case "gif":
            from mnist_tui.export.animation import write_animation

            return write_animation
        case "report":
            from mnist_tui.export.report import write_report

            return write_report
        case "tensorboard":
            from mnist_tui.export.tensorboard import write_event_files

            return write_event_files
    raise ValueError(f"form is {form!r}; it must be one that --to knows")
