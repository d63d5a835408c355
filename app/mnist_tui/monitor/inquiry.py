"""Asking the networks the same again and again, at little cost for training."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Generic, TypeVar

from textual.message_pump import MessagePump
from textual.timer import Timer

from mnist_engine.training.questions import Question
from mnist_engine.training.trainer import Trainer
from mnist_tui.monitor.looking import Looking

T = TypeVar("T")

ASKING_SHARE = 0.02
"""How much of the time that trains may go to questions that nobody has just asked with a key."""

REST_AFTER_FAILURE = 1.0
"""Seconds."""


class Inquiry(Generic[T]):
    """One question at a time, of which the newest counts.

    ``then`` is called with each answer, ``otherwise`` where there is none; ``owner`` has the timer.
    ``quietly`` asks what nobody has asked for with a key: that there is no answer is not told.
    """

    def __init__(
        self,
        owner: MessagePump,
        then: Callable[[T], object],
        otherwise: Callable[[], object] = lambda: None,
        quietly: bool = False,
    ) -> None:
        self._quietly = quietly
        self._owner = owner
        self._then = then
        self._otherwise = otherwise
        self._next: Question[T] | None = None
        self._screen: Looking | None = None
        self._urgent = False
        self._under_way = False
        self._rested_at = 0.0  # when training has had its share of the time
        self._later: Timer | None = None

    def ask(self, screen: Looking, question: Question[T], urgent: bool) -> None:
        """Ask as soon as the last question is answered; what is not ``urgent`` waits its turn."""
        self._screen, self._next = screen, question
        self._urgent = self._urgent or urgent
        self._go()

    def _go(self) -> None:
        if self._under_way or self._next is None or self._screen is None:
            return
        wait = self._rested_at - time.monotonic()
        if wait > 0 and not self._urgent:
            if self._later is None:
                self._later = self._owner.set_timer(wait, self._on_time)
            return
        question, self._next, self._urgent = self._next, None, False
        self._under_way = True
        self._screen.look(_timed(question), self._on_answer, self._on_failure, self._quietly)

    def _on_time(self) -> None:
        self._later = None
        self._go()

    def _on_answer(self, answer: tuple[T, float]) -> None:
        found, seconds = answer
        self._under_way = False
        self._rested_at = time.monotonic() + seconds / ASKING_SHARE
        self._then(found)
        self._go()

    def _on_failure(self) -> None:
        self._under_way = False
        self._rested_at = time.monotonic() + REST_AFTER_FAILURE
        self._otherwise()
        self._go()


def _timed(question: Question[T]) -> Question[tuple[T, float]]:
    """The answer, and how many seconds it took."""

    def timed(trainer: Trainer) -> tuple[T, float]:
        began = time.thread_time()
        answer = question(trainer)
        return answer, time.thread_time() - began

    return timed
