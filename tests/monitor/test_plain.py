"""Where a terminal has plain characters only, no screen draws any other."""

from __future__ import annotations

import pytest

from mnist_engine.training.events import Alarm
from mnist_tui.terminal import RenderMode

PLAIN = RenderMode(unicode=False, shades=False, tints=False)

ALARM = Alarm(step=3, seconds=0.03, name="plateau", text="no better for 10 epochs", level="alarm")


def assert_plain(desk) -> None:
    assert desk.text.isascii(), sorted({one for one in desk.text if not one.isascii()}) + [
        line for line in desk.lines if not line.isascii()
    ]


@pytest.mark.parametrize("task", ["gan", "classify"])
async def test_all_that_lies_over_a_run(monitor, task):
    async with monitor(task, size=(100, 30), mode=PLAIN, alarms={3: ALARM}) as desk:
        await desk.train(4)
        await desk.press("d", "space")
        await desk.sees("paused", "x0.5")
        assert_plain(desk)
        for key, words in (
            ("ctrl+p", "Search for"),
            ("question_mark", "Keys"),
            ("e", "Settings"),
            ("T", "Tour 1/"),
            ("q", "Stop training?"),
        ):
            await desk.press(key)
            await desk.sees(words)
            assert_plain(desk)
            await desk.press("escape")
            await desk.until(lambda words=words: words not in desk.text)


async def test_the_list_of_themes_and_notes(monitor):
    async with monitor(size=(100, 30), mode=PLAIN) as desk:
        desk.app.search_themes()
        await desk.sees("Search for themes", "mnist-light")
        assert_plain(desk)
        await desk.press("escape")
        for severity in ("information", "warning", "error"):
            desk.app.notify("a word", title="A note", severity=severity)
        await desk.sees("A note")
        assert_plain(desk)


async def test_every_panel_in_the_least_room(monitor):
    async with monitor("classify", size=(80, 24), mode=PLAIN) as desk:
        await desk.train(5)
        for kind in desk.app.run_screen.board.kinds:
            desk.app.run_screen.board.reveal([kind.name])
            await desk.pilot.pause()
            assert_plain(desk)
