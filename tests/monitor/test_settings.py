"""Numbers that are turned while training runs: listed, judged as they are typed, asked for."""

from __future__ import annotations

import pytest

from mnist_tui.monitor.screens.settings import SettingLine, SettingsDialog
from mnist_tui.monitor.settings import Turnable

WITH_DROPOUT = {"discriminator": {"layers": ["linear 6", "dropout 0.25", "linear 1"]}}


async def step(desk):
    """One step, from which on learning rates are known."""
    count = desk.snapshot.step
    await desk.press("n")
    await desk.until(lambda: desk.snapshot.step == count + 1)


async def open_settings(desk):
    await desk.press("e")
    await desk.until(lambda: isinstance(desk.app.screen, SettingsDialog))
    await desk.sees("Settings", "esc closes")


async def type_in(desk, text):
    """Into the line that is chosen, instead of what stands there."""
    field = desk.app.screen.focused
    field.value = ""
    await desk.press(*(letter if letter != "." else "full_stop" for letter in text))


async def test_all_that_can_be_turned_is_listed_with_its_range(paused):
    async with paused("gan", **WITH_DROPOUT) as desk:
        await step(desk)
        await open_settings(desk)
        await desk.sees(
            "learning rate of the discriminator",
            "learning rate of the generator",
            "dropout of the discriminator",
            "0.25",
            "0 to 0.95",
            "D steps per G step",
            "1 to 100, whole",
            "label smoothing",
            "instance noise",
            "how far each step goes",
        )


async def test_a_change_is_asked_for_and_told_when_it_has_happened(paused):
    async with paused("gan") as desk:
        await step(desk)
        await open_settings(desk)
        await desk.press("down", "down", "down")
        await desk.sees("▸ label smoothing", "how far the discriminator's label")
        await type_in(desk, "0.1")
        await desk.press("enter")
        await desk.sees("label smoothing: changed after step 1")
        assert desk.trainer.label_smoothing == 0.1
        (change,) = (mark for mark in desk.snapshot.marks if mark.setting)
        assert (change.setting, change.before, change.after) == ("label smoothing", 0.0, 0.1)
        assert change.source == "settings"


async def test_a_learning_rate_is_typed_as_it_shall_be(paused):
    async with paused("gan") as desk:
        await step(desk)
        await open_settings(desk)
        await type_in(desk, "0.025")
        await desk.press("enter")
        await desk.sees("learning rate of the discriminator: changed after step 1")
        await desk.press("escape", "n")
        await desk.until(lambda: desk.snapshot.step == 2)
        assert desk.snapshot.learning_rates == pytest.approx(
            {"discriminator": 0.025, "generator": 0.1}
        )
        assert desk.snapshot.factors == {"discriminator": 0.25}


@pytest.mark.parametrize(
    ("line", "text", "fault"),
    [
        (0, "0", "learning rate of the discriminator: it must be from 9.54e-08"),
        (0, "fast", "'fast' is no number"),
        (2, "1.5", "D steps per G step: it must be a whole number"),
        (2, "101", "it must be from 1 to 100"),
        (3, "0.6", "label smoothing: it must be from 0 to 0.5"),
        (3, "nan", "label smoothing: 'nan' is no number"),
        (3, "", "'' is no number"),
    ],
)
async def test_what_cannot_be_is_said_on_the_spot(paused, line, text, fault):
    async with paused("gan") as desk:
        await step(desk)
        await open_settings(desk)
        await desk.press(*["down"] * line)
        await type_in(desk, text)
        await desk.sees(fault)
        await desk.press("enter")
        await desk.press("escape")
        assert {mark.what for mark in desk.snapshot.marks} == {"pause", "step"}


async def test_what_was_typed_and_not_asked_for_is_forgotten(paused):
    async with paused("gan") as desk:
        await step(desk)
        await open_settings(desk)
        await type_in(desk, "7")
        await desk.press("down", "up")
        assert desk.app.screen.focused.value == "0.1"


async def test_training_goes_on_behind_it_and_rates_follow_their_schedule(paused):
    schedule = {"kind": "cosine"}
    async with paused("gan", generator={"schedule": schedule}) as desk:
        await step(desk)
        await open_settings(desk)
        desk.control.step()
        desk.control.step()
        await desk.until(lambda: desk.snapshot.step == 3)
        rate = desk.snapshot.learning_rates["generator"]
        assert rate < 0.1
        await desk.sees(f"{rate:.3g}")
        await desk.press("down")
        shown = desk.app.screen.focused.value
        desk.control.step()
        await desk.until(lambda: desk.snapshot.learning_rates["generator"] < rate)
        await desk.pilot.pause()
        assert desk.app.screen.focused.value == shown, "whoever types is not interrupted"


async def test_everything_fits_on_a_small_screen(paused):
    async with paused("gan", size=(80, 24), **WITH_DROPOUT) as desk:
        await step(desk)
        await open_settings(desk)
        await desk.sees("learning rate of the discriminator", "instance noise", "0 to 10")


async def test_before_the_first_step_rates_are_not_known(paused):
    async with paused("classify") as desk:
        await open_settings(desk)
        await desk.sees("label smoothing", "input noise")
        assert "learning rate of" not in desk.text


async def test_an_old_log_tells_of_no_settings(monitor):
    async with monitor() as desk:
        await desk.press("e")
        await desk.sees("Training has not begun yet.")
        await desk.train(1)
        await open_settings(desk)
        await desk.sees("learning rate of the discriminator", "learning rate of the generator")


def test_a_number_as_it_is_typed():
    noise = Turnable("instance noise", "", "", 0.0, 0.0, 10.0)
    assert noise.read("1e-1", 0.0) == 0.1
    rate = Turnable("learning rate", "generator", "", 0.1, 0.0, float("inf"))
    assert rate.read("4", 0.1) == 4.0
    with pytest.raises(ValueError, match="to 1"):
        rate.read("1e9", 0.1)


async def test_what_is_typed_while_a_change_is_under_way_stays(monitor):
    async with monitor("gan") as desk:
        await desk.train(1)
        await open_settings(desk)
        line = desk.app.screen.query(SettingLine).first()
        line.asked = True
        await type_in(desk, "0.023")
        desk.control.scale_learning_rate(0.5, ("discriminator",), source="settings")
        await desk.until(lambda: not line.asked)
        assert line.input.value == "0.023"
