"""From what a person calls a run to its directory."""

from __future__ import annotations

from pathlib import Path

from mnist_engine.errors import BadInput
from mnist_engine.runs.directory import RUNS, RunDirectory

LATEST = "latest"


def find_run(name: str, parent: Path = RUNS) -> RunDirectory:
    """The run at the path ``name``, or of that name in ``parent``; the youngest for "latest".

    Raises BadInput where there is none.
    """
    if name == LATEST:
        runs = all_runs(parent)
        if not runs:
            raise BadInput(f"{parent}: holds no run yet; train one with `mnist-tui gan`")
        return runs[-1]
    for path in (Path(name), parent / name):
        run = RunDirectory(path)
        if run.exists():
            return run
    where = f"{name} is a path of no run, and {parent} holds none of that name"
    names = [run.path.name for run in all_runs(parent)[-3:]]
    cure = f"; the latest there: {', '.join(names)}" if names else ""
    raise BadInput(f"{where}{cure}")


def name_of(run: RunDirectory, parent: Path = RUNS) -> str:
    """The shortest that :func:`find_run` finds ``run`` by."""
    return run.path.name if run.path.parent == parent else str(run.path)


def all_runs(parent: Path = RUNS) -> list[RunDirectory]:
    """The runs in ``parent``, oldest first: by when they began, as their names say.

    A run that has links beside it is there once, by its own name.
    """
    try:
        paths = sorted(path for path in parent.iterdir() if path.is_dir())
    except OSError:
        return []
    paths.sort(key=Path.is_symlink)
    each_once = {path.resolve(): path for path in reversed(paths)}
    runs = [RunDirectory(path) for path in sorted(each_once.values())]
    return sorted((run for run in runs if run.exists()), key=lambda run: run.began)
