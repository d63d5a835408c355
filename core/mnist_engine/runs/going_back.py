"""The way back from a training that diverged: to a checkpoint from before it went wrong."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

import numpy as np

from mnist_engine.errors import BadInput
from mnist_engine.runs.checkpoints import Saved, checkpoints_of, read_own, start_of
from mnist_engine.runs.directory import RunDirectory
from mnist_engine.runs.state import Snapshot
from mnist_engine.training.control import Control
from mnist_engine.training.limits import SANE_TIMES
from mnist_engine.training.remedies import SlowDown
from mnist_engine.training.settings import Settings


def last_good(run: RunDirectory, end: Snapshot) -> Saved | None:
    """The newest whole checkpoint of ``run``, which diverged, from before it went wrong.

    That is with losses of a usual size, as ``end``, the run as it ended, has them; where no
    checkpoint has, with finite numbers at least. What a branch began from is one too. None where
    there is none: then there is only the beginning.
    """
    finite = [saved for saved in _newest_first(run) if _is_finite(saved)]
    good = (saved for saved in finite if _is_sane(end, saved.details.progress.steps))
    return next(good, finite[0] if finite else None)


def _newest_first(run: RunDirectory) -> Iterator[Saved]:
    for checkpoint in reversed(checkpoints_of(run)):
        with suppress(BadInput):
            yield read_own(run, checkpoint)
    with suppress(BadInput):
        start = start_of(run)
        if start is not None:
            yield start


def _is_sane(end: Snapshot, step: int) -> bool:
    """Whether no network's loss was many times its first one after ``step`` steps."""
    for curve in end.losses.values():
        before = curve.x <= step
        if before.any():
            first, then = abs(curve.high[0]), abs(curve.high[before][-1])
            if then > SANE_TIMES * max(first, np.finfo(np.float32).tiny):
                return False
    return True


def slow_down(control: Control, saved: Saved | None = None) -> None:
    """Ask for lower learning rates of all networks, as the remedy does, from ``saved`` on."""
    factors = {} if saved is None else saved.details.progress.factors
    for request in SlowDown().requests(Settings(), factors):
        control.submit(request)


def _is_finite(saved: Saved) -> bool:
    numbers = (array for array in saved.arrays.values() if array.dtype.kind == "f")
    return all(bool(np.isfinite(array).all()) for array in numbers)
