"""Which of a run's checkpoints stay: the newest, and the best."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress

from mnist_engine.errors import BadInput
from mnist_engine.runs.best import score_of
from mnist_engine.runs.checkpoints import (
    Checkpoint,
    Saved,
    checkpoints_of,
    read_checkpoint,
    remove,
    save_checkpoint,
)
from mnist_engine.runs.directory import RunDirectory

KEPT = 3
"""So many of the newest checkpoints stay, besides the best."""


class KeptCheckpoints:
    """The checkpoints of ``run``, while it is trained; those that it has already are looked at."""

    def __init__(self, run: RunDirectory) -> None:
        self._run = run
        self._scores: dict[Checkpoint, float] = {}
        for checkpoint in checkpoints_of(run):
            with suppress(BadInput):  # a damaged one is not the best of anything
                self._rate(checkpoint, read_checkpoint(checkpoint.path).details.measures)

    def save(self, saved: Saved) -> Checkpoint:
        """Write one more. OSError where the disk does not take it; the earlier ones stay good."""
        checkpoint = save_checkpoint(self._run, saved)
        self._rate(checkpoint, saved.details.measures)
        return checkpoint

    def prune(self) -> None:
        """Delete all but the newest and the best, of equals the later."""
        found = checkpoints_of(self._run)
        best = max(
            (one for one in found if one in self._scores),
            key=lambda one: (self._scores[one], one),
            default=None,
        )
        for checkpoint in found[:-KEPT]:
            if checkpoint != best:
                with suppress(OSError):  # it is in nobody's way
                    remove(checkpoint)
                self._scores.pop(checkpoint, None)

    def _rate(self, checkpoint: Checkpoint, measures: Mapping[str, float]) -> None:
        score = score_of(measures)
        if score is not None:
            self._scores[checkpoint] = score
