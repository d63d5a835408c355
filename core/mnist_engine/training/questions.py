"""Questions to networks, asked by any thread and answered where nobody moves them meanwhile."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

if TYPE_CHECKING:
    from mnist_engine.training.trainer import Trainer

T = TypeVar("T")

Question = Callable[["Trainer"], T]
"""Looks at a trainer and its networks, and leaves both as they were: no weight, no mode and no
random stream may be moved, for the course of training must not depend on who looks at it."""


class Questions:
    """Brings questions to the thread that trains; answers them itself where there is none.

    ``wake`` is called when one was asked: a paused trainer sleeps.
    """

    def __init__(self, wake: Callable[[], object]) -> None:
        self._wake = wake
        self._waiting: deque[tuple[Question[Any], Future[Any]]] = deque()
        self._lock = threading.RLock()
        self._at_rest: Trainer | None = None

    def __bool__(self) -> bool:
        """Whether any waits for its answer."""
        return bool(self._waiting)

    @property
    def at_rest(self) -> bool:
        """Whether nobody trains any more."""
        return self._at_rest is not None

    def ask(self, question: Question[T]) -> Future[T]:
        """The answer, as soon as the trainer stands between two steps.

        Once it is at rest, the answer is found before this returns: it may take its time then. An
        exception of ``question`` becomes the answer's.
        """
        future: Future[T] = Future()
        with self._lock:
            self._waiting.append((question, future))
            if self._at_rest is not None:
                self.answer(self._at_rest)
        self._wake()
        return future

    def answer(self, trainer: Trainer) -> None:
        """Answer what waits; for the thread that trains, between two steps."""
        while self._waiting:
            question, future = self._waiting.popleft()
            if not future.set_running_or_notify_cancel():
                continue
            try:
                with np.errstate(all="ignore"):  # networks that diverged are looked at, too
                    future.set_result(question(trainer))
            except Exception as error:
                future.set_exception(error)

    def rest(self, trainer: Trainer) -> None:
        """From now on nobody trains: whoever asks is answered at once."""
        with self._lock:
            self._at_rest = trainer
            self.answer(trainer)
