"""Panels on the screen: by key shown, put away, chosen, zoomed."""

from __future__ import annotations

import pytest

from mnist_tui.terminal import RenderMode

PLAIN = RenderMode(unicode=False, colour=False, shades=False, tints=False)


async def test_a_number_puts_a_panel_away_and_brings_it_back(monitor):
    async with monitor("gan") as desk:
        await desk.sees("2 D's accuracy")
        await desk.press("2")
        await desk.until(lambda: "D's accuracy" not in desk.text)
        assert "1 Loss per step" in desk.text
        await desk.press("2")
        await desk.sees("2 D's accuracy")


async def test_the_last_panel_stays(monitor):
    async with monitor("gan") as desk:
        await desk.sees("1 Loss")
        for kind in desk.app.run_screen.board.kinds:
            await desk.press(str(kind.number))
        await desk.pilot.pause()
        assert len(desk.app.run_screen.board.seen) == 1


async def test_a_panel_is_zoomed_and_given_back(monitor):
    async with monitor("gan") as desk:
        await desk.sees("3 Generated digits")
        await desk.press("enter")
        await desk.until(lambda: "Generated digits" not in desk.text)
        panel = desk.app.run_screen.board.panel("losses")
        assert panel.outer_size == desk.app.run_screen.board.size
        await desk.press("3")
        await desk.until(lambda: "Generated digits" in desk.text and "Loss" not in desk.text)
        await desk.press("escape")
        await desk.sees("1 Loss per step", "3 Generated digits")


@pytest.mark.parametrize(
    ("mode", "frame"),
    [(RenderMode(), "╔═ ▸ 1 Loss per step"), (PLAIN, "+- > 1 Loss per step")],
)
async def test_a_chosen_panel_is_marked_without_colour_too(monitor, mode, frame):
    async with monitor("gan", mode=mode) as desk:
        await desk.sees("1 Loss per step")
        assert frame not in desk.text
        await desk.press("tab")
        await desk.sees(frame)
        await desk.press("tab")
        await desk.until(lambda: frame not in desk.text)


async def test_a_title_with_little_room_has_the_sign_in_place_of_its_number(monitor):
    async with monitor("classify", size=(80, 24), mode=PLAIN) as desk:
        await desk.train(8)
        await desk.sees("+- 1 * training  o validation -+")
        await desk.press("tab")
        await desk.sees("+- > * training  o validation -+")


async def test_a_card_points_at_a_chosen_panel_in_its_own_way(monitor):
    async with monitor("gan") as desk:
        await desk.train(1)
        await desk.press("T", "enter", "tab")
        await desk.sees("Tour 2/5", "┏━ ▸ 1 Loss per step")


async def test_tab_and_a_click_choose_a_panel(monitor):
    async with monitor("gan") as desk:
        board = desk.app.run_screen.board
        await desk.sees("1 Loss")
        assert board.chosen is None
        await desk.press("tab")
        await desk.until(lambda: board.chosen is not None and board.chosen.name == "losses")
        await desk.pilot.click(board.panel("digits"))
        await desk.until(lambda: board.chosen is not None and board.chosen.name == "digits")
        await desk.press("enter")
        await desk.until(lambda: board.zoomed is not None and board.zoomed.name == "digits")
        await desk.press("escape", "escape")
        await desk.until(lambda: board.chosen is None)
        assert {kind.name for kind in board.seen} >= {"losses", "digits"}
