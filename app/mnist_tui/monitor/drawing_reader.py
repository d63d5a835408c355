"""Reads drawings with the networks of checkpoints, in a thread of its own."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor

import numpy as np
from numpy.typing import NDArray

from mnist_engine.errors import BadInput
from mnist_engine.inspection.read import Opinion, Reader
from mnist_engine.nn.module import StateError
from mnist_engine.runs.checkpoints import Checkpoint, read_own
from mnist_engine.runs.directory import RunDirectory


class CheckpointReader:
    """``reader`` with the weights of one checkpoint of ``run`` after the other.

    It has a network of its own, so training may go on meanwhile.
    """

    def __init__(self, run: RunDirectory, reader: Reader) -> None:
        self._run = run
        self._reader = reader.copy()
        self._of: Checkpoint | None = None
        self._thread = ThreadPoolExecutor(1, "reading")

    def ask(self, checkpoint: Checkpoint, picture: NDArray[np.uint8]) -> Future[Opinion]:
        """What ``picture`` (pixels,) is taken for; BadInput where ``checkpoint`` is no good."""
        return self._thread.submit(self._opinion, checkpoint, picture)

    def close(self) -> None:
        """Answer nothing more."""
        self._thread.shutdown(wait=False, cancel_futures=True)

    def _opinion(self, checkpoint: Checkpoint, picture: NDArray[np.uint8]) -> Opinion:
        if checkpoint != self._of:
            self._of = None
            try:
                self._reader.load(read_own(self._run, checkpoint).arrays)
            except StateError as error:
                raise BadInput(f"{checkpoint.path}: {error}") from None
            self._of = checkpoint
        with np.errstate(all="ignore"):
            return self._reader.opinion(picture)
