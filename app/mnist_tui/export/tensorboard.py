"""``--to tensorboard``: event files, as TensorBoard shows them."""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path
from typing import Any

from mnist_engine.errors import BadInput
from mnist_engine.runs.directory import RunDirectory
from mnist_engine.runs.log import Log
from mnist_engine.training.events import EpochDone, Event, Finished, Measured, StepDone
from mnist_tui.export.destination import make_folder, writing
from mnist_tui.export.events import left_out, log_size
from mnist_tui.export.pictures import kept_grids, read_grid
from mnist_tui.export.progress import progress

EVENT_FILES = "events.out.tfevents.*"


def write_event_files(run: RunDirectory, folder: Path) -> str:
    """Write every number of ``run`` as a scalar, its sample grids and its recipe, into ``folder``.

    Event files that are there already are replaced, for TensorBoard would show both. BadInput where
    tensorboardX is not installed or the run cannot be read.
    """
    make_writer = _writer_class()
    began = _seconds_since_1970(run)
    size, grids = log_size(run), kept_grids(run)
    recipe = run.recipe.read_text(encoding="utf-8")
    make_folder(folder)
    numbers = 0
    with writing(folder), progress("writing event files", size) as advance:
        for old in folder.glob(EVENT_FILES):
            old.unlink()
        with make_writer(str(folder)) as writer:
            log = Log(run.events)
            for event in log.every(advance):
                for tag, value in scalars_of(event).items():
                    writer.add_scalar(tag, value, event.step, began + event.seconds)
                    numbers += 1
            for grid in grids:
                picture: Any = read_grid(grid.path)
                writer.add_image("samples", picture, grid.step, dataformats="HW")
            indented = "\n".join(f"    {line}" for line in recipe.splitlines())
            writer.add_text("recipe", indented)
    found = f"{numbers:,} numbers and {len(grids)} pictures{left_out(log)}"
    return f"{found}; see them with `tensorboard --logdir {folder}`"


def scalars_of(event: Event) -> dict[str, float]:
    """The numbers of an event by their tags; what belongs into one chart group comes before "/"."""
    match event:
        case StepDone():
            groups = {
                "loss": event.losses,
                "learning rate": event.learning_rates,
                "step": event.measures,
            }
        case EpochDone():
            groups = {"epoch": event.measures}
        case Measured():
            groups = {"measure": event.values}
        case Finished():
            accuracy = event.test_accuracy
            last = {} if accuracy is None else {"test accuracy": accuracy}
            groups = {"end": event.measures | last}
        case _:
            groups = {}
    return {
        f"{_tag(group)}/{_tag(name)}": value
        for group, values in groups.items()
        for name, value in values.items()
    }


def _tag(name: str) -> str:
    """The name in letters that TensorBoard takes: D(real) is D_real."""
    return re.sub(r"\W+", "_", name).strip("_")


def _writer_class() -> Any:
    try:
        from tensorboardX import SummaryWriter  # type: ignore[import-untyped]
    except ImportError:
        raise BadInput(
            "TensorBoard's files need tensorboardX; `pip install tensorboardX` brings it, "
            "or export --to csv"
        ) from None
    return SummaryWriter


def _seconds_since_1970(run: RunDirectory) -> float:
    began = run.read_info().began
    try:
        return datetime.fromisoformat(began).timestamp()
    except ValueError:
        raise BadInput(f"{run.info}: began is {began!r}; it must be a date and time") from None
