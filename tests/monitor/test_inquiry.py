"""Questions that are asked again and again leave training its time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from mnist_tui.monitor import inquiry
from mnist_tui.monitor.inquiry import ASKING_SHARE, REST_AFTER_FAILURE, Inquiry


class Clock:
    """Time that passes when a test says so, and one timer."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 0.0
        self.worked = 0.0
        self.due: tuple[float, Callable[[], Any]] | None = None
        monkeypatch.setattr(inquiry.time, "monotonic", lambda: self.now)
        monkeypatch.setattr(inquiry.time, "thread_time", lambda: self.worked)

    def set_timer(self, delay: float, callback: Callable[[], Any]) -> object:
        assert self.due is None
        self.due = self.now + delay, callback
        return self

    def pass_time(self, seconds: float) -> None:
        self.now += seconds
        if self.due is not None and self.due[0] <= self.now + 1e-9:
            _, callback = self.due
            self.due = None
            callback()


class Screen:
    """Holds questions until a test answers them."""

    looker = None

    def __init__(self) -> None:
        self.asked: list[tuple[Any, ...]] = []

    def look(self, *question: Any) -> None:
        self.asked.append(question)

    def answer(self) -> None:
        question, then, *_ = self.asked.pop(0)
        then(question(None))

    def fail(self) -> None:
        _, _, otherwise, _ = self.asked.pop(0)
        otherwise()


class Desk:
    """An inquiry whose questions take ``cost`` seconds."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.clock = Clock(monkeypatch)
        self.screen = Screen()
        self.answers: list[str] = []
        self.failures = 0
        self.cost = 0.010
        self.inquiry: Inquiry[str] = Inquiry(self.clock, self.answers.append, self.count_failure)

    def count_failure(self) -> None:
        self.failures += 1

    def ask(self, word: str, urgent: bool = False) -> None:
        def question(_trainer: object) -> str:
            self.clock.worked += self.cost
            return word

        self.inquiry.ask(self.screen, question, urgent)


@pytest.fixture
def desk(monkeypatch: pytest.MonkeyPatch) -> Desk:
    return Desk(monkeypatch)


def test_one_question_is_under_way_and_the_newest_counts(desk):
    for word in ("first", "second", "third"):
        desk.ask(word, urgent=True)
    assert len(desk.screen.asked) == 1
    desk.screen.answer()
    desk.screen.answer()
    assert desk.answers == ["first", "third"]
    assert not desk.screen.asked


def test_what_is_not_urgent_waits_until_training_has_had_its_share(desk):
    desk.ask("first")
    desk.screen.answer()
    desk.ask("second")
    desk.ask("third")
    assert not desk.screen.asked
    rest = desk.cost / ASKING_SHARE
    desk.clock.pass_time(0.9 * rest)
    assert not desk.screen.asked
    desk.clock.pass_time(0.1 * rest)
    desk.screen.answer()
    assert desk.answers == ["first", "third"]


def test_a_person_does_not_wait(desk):
    desk.ask("first")
    desk.screen.answer()
    desk.ask("second", urgent=True)
    desk.screen.answer()
    assert desk.answers == ["first", "second"]


def test_where_there_is_no_answer_it_rests_and_goes_on(desk):
    desk.ask("first")
    desk.screen.fail()
    assert (desk.failures, desk.answers) == (1, [])
    desk.ask("second")
    assert not desk.screen.asked
    desk.clock.pass_time(REST_AFTER_FAILURE)
    desk.screen.answer()
    assert desk.answers == ["second"]
