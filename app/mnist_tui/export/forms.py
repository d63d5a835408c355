"""The forms that a run can be taken away in, by the names that ``--to`` knows."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from mnist_engine.runs.directory import RunDirectory
from mnist_tui.export.destination import check_file, check_folder, default_path
from mnist_tui.export.pictures import write_animation, write_last_grid
from mnist_tui.export.report import write_report
from mnist_tui.export.tables import write_tables
from mnist_tui.export.tensorboard import write_event_files
from mnist_tui.export.weights import write_weights

PICTURES = ("png", "gif")
"""The forms that are one file; the others are folders."""

WRITERS: dict[str, Callable[[RunDirectory, Path], str]] = {
    "safetensors": write_weights,
    "csv": write_tables,
    "png": write_last_grid,
    "gif": write_animation,
    "report": write_report,
    "tensorboard": write_event_files,
}
"""What writes a run to a path, and says in a few words what it has written."""


def export_run(run: RunDirectory, form: str, out: Path | None, force: bool) -> str:
    """Write ``run`` in this form to ``out``, or beside the person under its name; where and what.

    BadInput where the place is taken, unless by ``force``, or the run does not have what it takes;
    CannotRecord where the disk does not take it.
    """
    if form in PICTURES:
        path = out or default_path(run, f".{form}")
        check_file(path, force)
    else:
        path = out or default_path(run, f"-{form}")
        check_folder(path, force)
    return f"{path}: {WRITERS[form](run, path)}"
