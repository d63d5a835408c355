"""Every key does what the footer says, and the screen shows it."""

from __future__ import annotations

import threading

import pytest
from textual import events

from mnist_engine.training.control import Request
from mnist_tui.monitor.commands import COMMANDS
from mnist_tui.monitor.screens.help import HelpScreen

BOTH = {"discriminator": 0.5, "generator": 0.5}


@pytest.mark.parametrize("key", ["space", "p"])
async def test_pause_and_go_on(monitor, key):
    async with monitor() as desk:
        await desk.train(2)
        await desk.press(key)
        await desk.sees("paused", "space go on")
        desk.trainer.allow(3)
        await desk.press("t")  # something else happens meanwhile
        assert desk.snapshot.step == 2
        await desk.press(key)
        await desk.sees("training", "space pause", "5/12")


async def test_n_does_one_step_and_stays_paused(monitor):
    async with monitor() as desk:
        await desk.train(2)
        await desk.press("p")
        await desk.sees("paused")
        await desk.press("n")
        await desk.sees("3/12")
        await desk.press("n")
        await desk.sees("4/12", "paused")
        assert desk.snapshot.step == 4


async def test_n_while_training_pauses_first(monitor):
    async with monitor() as desk:
        await desk.press("n")
        await desk.sees("paused", "1/12")


async def test_d_halves_both_learning_rates_and_marks_the_plot(monitor):
    async with monitor() as desk:
        await desk.train(3)
        await desk.press("d")
        await desk.until(lambda: desk.snapshot.factors == BOTH)
        await desk.train(1)
        await desk.sees("D 0.0005 (×0.5)  G 0.002 (×0.5)")
        await desk.until(lambda: desk.lines[5].split("││")[0].strip("│ ").strip() == "×0.5")
        await desk.until(lambda: any("┊" in line for line in desk.lines[6:16]))


async def test_u_doubles_them(monitor):
    async with monitor() as desk:
        await desk.train(1)
        await desk.press("u", "u")
        await desk.until(lambda: desk.snapshot.factors.get("generator") == 4)
        await desk.train(1)
        await desk.sees("D 0.004 (×4)  G 0.016 (×4)")


async def test_while_paused_the_rates_are_those_of_the_step_that_comes_next(monitor):
    async with monitor() as desk:
        await desk.train(2)
        await desk.press("d")
        await desk.train(1)
        await desk.press("p")
        await desk.sees("paused", "D 0.0005 (×0.5)  G 0.002 (×0.5)")
        await desk.press("u", "u", "t", "u")
        await desk.sees("D 0.004 (×4)  G 0.008 (×2)")
        await desk.press("n")
        await desk.sees("4/12", "D 0.004 (×4)  G 0.008 (×2)")


async def test_t_chooses_the_network_that_the_keys_turn(monitor):
    async with monitor() as desk:
        await desk.train(1)
        await desk.sees("turn both")
        await desk.press("t")
        await desk.sees("turn D")
        await desk.press("d")
        await desk.until(lambda: desk.snapshot.factors == {"discriminator": 0.5})
        await desk.press("t")
        await desk.sees("turn G")
        await desk.press("u")
        await desk.until(lambda: desk.snapshot.factors.get("generator") == 2)
        await desk.press("t")
        await desk.sees("turn both", "D×0.5, G×2")


async def test_nobody_steers_blind(monitor):
    async with monitor() as desk:
        await desk.train(1)
        await desk.pilot.resize_terminal(60, 18)
        await desk.sees("too small", "Training goes on.")
        await desk.press("d", "n", "p")
        await desk.pilot.resize_terminal(80, 24)
        await desk.press("u")
        await desk.until(lambda: desk.snapshot.factors)
        assert desk.trainer.requests == [Request("learning rate", "key", (), 2.0)]


async def test_t_means_nothing_with_one_network(monitor):
    async with monitor("classify") as desk:
        await desk.train(1)
        await desk.press("t", "d")
        await desk.until(lambda: desk.snapshot.factors)
        assert desk.trainer.requests == [Request("learning rate", "key", (), 0.5)]
        assert "turn" not in desk.text


async def test_r_goes_back_to_the_schedule(monitor):
    async with monitor() as desk:
        await desk.train(1)
        await desk.press("d", "d", "r")
        await desk.until(lambda: desk.snapshot.factors == {"discriminator": 1, "generator": 1})
        await desk.train(1)
        await desk.sees("D 0.001  G 0.004")
        assert desk.trainer.requests[-1].factor is None


async def test_question_mark_lists_every_key(monitor):
    async with monitor(size=(120, 100)) as desk:
        await desk.press("question_mark")
        offered = [one for one in COMMANDS if one.keys and one.belongs("live", "gan")]
        await desk.sees("Keys", *(one.help[:60] for one in offered))  # the rest may be a line below
        await desk.press("escape")
        await desk.until(lambda: not isinstance(desk.app.screen, HelpScreen))


async def test_help_goes_on_below_its_column_and_nothing_covers_it(monitor):
    async with monitor("classify", size=(80, 24)) as desk:
        desk.app.run_screen.notify("something", timeout=600)
        await desk.sees("something")
        await desk.press("question_mark")
        await desk.sees("Keys", "pause training")
        await desk.press("end")
        await desk.sees("leave; while training runs", "This colour marks")
        first = next(one for one, line in enumerate(desk.lines) if "leave; while" in line)
        text = desk.lines[first].index("leave; while")
        assert desk.lines[first + 1][text:].startswith("weights")
        await desk.until(lambda: not desk.app.screen.query("Toast"))


async def test_the_palette_runs_commands_and_says_so(monitor):
    async with monitor() as desk:
        await desk.train(1)
        await desk.press("ctrl+p")
        await desk.sees("Search for commands")
        await desk.press(*"raise")
        await desk.sees("double the learning rate")
        await desk.press("enter")
        await desk.until(lambda: desk.trainer.requests)
        assert desk.trainer.requests == [Request("learning rate", "palette", (), 2.0)]


async def test_a_key_that_must_wait_for_a_long_step_is_acknowledged(monitor):
    async with monitor(may_save=threading.Event()) as desk:
        await desk.train(11)
        desk.trainer.allow(1)  # the last step: after it the trainer is busy and hears nothing
        await desk.sees("12/12")
        await desk.press("p")
        await desk.sees("pausing…")


async def test_a_key_of_the_footer_can_be_clicked(monitor):
    async with monitor() as desk:
        await desk.train(1)
        column = desk.lines[-1].index("×0.5")
        await desk.pilot.click(offset=(column, 35))
        await desk.until(lambda: desk.snapshot.factors == BOTH)


async def test_what_may_not_be_meant_is_told_once(monitor):
    async with monitor("gan", remarks=("the limit is [high]", "D is slow")) as desk:
        await desk.sees("Note", "the limit is [high]", "D is slow")
        await desk.train(2)
        told = [note.message for note in desk.app._notifications]
        assert told == ["the limit is [high]", "D is slow"]


async def test_a_click_where_the_palette_has_nothing_breaks_nothing(monitor):
    async with monitor() as desk:
        await desk.press("ctrl+p")
        click = dict.fromkeys(("delta_x", "delta_y", "button"), 0)
        click |= dict.fromkeys(("shift", "meta", "ctrl"), False)
        palette = desk.app.screen
        palette.post_message(events.Click(palette, x=500, y=500, **click))
        await desk.pilot.pause()
        await desk.press("escape")
        await desk.sees("quit")
