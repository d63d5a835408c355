"""How a screen looks into networks that another thread may be moving, or that lie on disk."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Protocol, TypeVar, runtime_checkable

import numpy as np

from mnist_engine.runs.directory import RunDirectory
from mnist_engine.runs.restoring import RestoredTrainer
from mnist_engine.training.questions import Question, Questions

T = TypeVar("T")


class Looker(Protocol):
    """Whoever has a trainer, and answers questions about it.

    See :class:`~mnist_engine.training.questions.Questions`, which is one.
    """

    def ask(self, question: Question[T]) -> Future[T]:
        """The answer, sooner or later; it never comes where training fails before."""


@runtime_checkable
class Looking(Protocol):
    """A screen that can ask; see ``RunScreen``."""

    looker: Looker | None

    def look(
        self,
        question: Question[T],
        then: Callable[[T], object],
        otherwise: Callable[[], object] = lambda: None,
        quietly: bool = False,
    ) -> None:
        """Ask, and go on with the answer in the screen's thread, or ``otherwise``."""


class LiveNetworks:
    """Answers for a trainer in this process: between its steps, then when it is at rest.

    Then whoever asks has to find the answer: a thread of its own does, so that no screen waits.
    """

    def __init__(self, questions: Questions) -> None:
        self._questions = questions
        self._thread = ThreadPoolExecutor(1, "looking")  # begins with the first question

    def ask(self, question: Question[T]) -> Future[T]:
        """The answer, sooner or later; it never comes where training fails before."""
        if not self._questions.at_rest:
            return self._questions.ask(question)
        return self._thread.submit(lambda: self._questions.ask(question).result())


class SavedNetworks:
    """Answers for the networks of a run that another process trains, or nobody.

    They are those of its newest checkpoint, or where ``step`` says otherwise of the last one up to
    there; who wants to know of which asks for ``steps_done``. A thread of its own reads, the first
    time for about a second.
    """

    def __init__(self, run: RunDirectory) -> None:
        self.step: int | None = None
        self._trainer = RestoredTrainer(run)
        self._thread = ThreadPoolExecutor(1, "looking")

    def ask(self, question: Question[T]) -> Future[T]:
        """The answer; BadInput, one line, where the run has no checkpoint."""
        return self._thread.submit(self._answer, question, self.step)

    def close(self) -> None:
        """Answer nothing more."""
        self._thread.shutdown(wait=False, cancel_futures=True)

    def _answer(self, question: Question[T], step: int | None) -> T:
        with np.errstate(all="ignore"):  # networks that diverged are looked at, too
            return question(self._trainer.at(step))
