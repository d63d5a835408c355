"""What an export must know of a run's log before it reads all of it."""

from __future__ import annotations

from pathlib import Path

from mnist_engine.errors import BadInput, reason_of
from mnist_engine.runs.directory import RunDirectory
from mnist_engine.runs.log import Log
from mnist_engine.training.events import SamplesDrawn, Started
from mnist_tui.figures import counted


def log_size(run: RunDirectory) -> int:
    """Bytes in the log; BadInput where there is none."""
    try:
        return run.events.stat().st_size
    except OSError as error:
        raise BadInput(f"{run.events}: cannot be read ({reason_of(error)})") from None


def beginning_of(run: RunDirectory) -> Started:
    """How the run began; BadInput where its log does not say."""
    first = Log(run.events).first()
    if isinstance(first, Started):
        return first
    raise BadInput(f"{run.events}: does not say how the run began; the log is empty or damaged")


def left_out(log: Log) -> str:
    """What to add about a log that was read: how much of it could not be; nothing where all was."""
    if not log.damaged:
        return ""
    return f"; {counted(log.damaged, 'line')} of the log left out, being damaged"


def samples_in(run: RunDirectory, file: Path) -> SamplesDrawn | None:
    """What the log says of the sample grid in ``file``, without its pictures; None if nothing."""
    found = None
    for event in Log(run.events).events():
        if isinstance(event, SamplesDrawn) and Path(event.file).name == file.name:
            found = event
    return found
