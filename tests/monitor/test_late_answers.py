"""Answers of networks that come when nobody waits for them any more."""

from __future__ import annotations

import logging
from concurrent.futures import Future
from typing import Any


class Slow:
    """Answers when it is told to."""

    def __init__(self) -> None:
        self.asked: list[Future[Any]] = []

    def ask(self, question: object) -> Future[Any]:
        self.asked.append(Future())
        return self.asked[-1]


async def test_an_answer_that_comes_after_the_end_is_no_trouble(monitor, caplog):
    heard: list[object] = []
    async with monitor("gan") as desk:
        desk.app.run_screen.looker = looker = Slow()
        desk.app.run_screen.look(lambda trainer: None, heard.append)
        desk.app.exit()
        await desk.left()
    with caplog.at_level(logging.DEBUG, "concurrent.futures"):
        looker.asked[-1].set_result((1, "late"))
    assert not caplog.records
    assert not heard
