"""How a screen looks into networks that another thread may be moving."""

from __future__ import annotations

from concurrent.futures import Future
from typing import Protocol, TypeVar

from mnist_engine.training.questions import Question

T = TypeVar("T")


class Looker(Protocol):
    """Whoever has a trainer, and answers questions about it.

    See :class:`~mnist_engine.training.questions.Questions`, which is one.
    """

    def ask(self, question: Question[T]) -> Future[T]:
        """The answer, sooner or later; it never comes where training fails before."""
