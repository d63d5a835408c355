"""A step in slow motion: its stages on the screen, with what happens in them, of a real trainer."""

from __future__ import annotations

import pytest

from mnist_engine.training.events import Stage, Staged
from mnist_tui.monitor.stages import SlowStep
from mnist_tui.monitor.widgets.stage_strip import NAMES, _table
from mnist_tui.terminal import RenderMode

WIDTH_AT_120 = 114
"""Cells within the frame, in a terminal of that width."""


async def test_each_press_does_one_stage_and_says_what_happened(paused):
    async with paused("classify") as desk:
        assert "Slow motion" not in desk.text
        told = (
            ("▸ sample", "10 images", "right answers"),
            ("▸ judge", "% right", "one output for each class"),
            ("▸ loss", "how far the answers are"),
            ("▸ gradients", "norm", "how the loss changes"),
            ("▸ update", "rate 0.1", "moved", "so that the loss falls"),
        )
        for words in told:
            await desk.press("s")
            await desk.sees("Slow motion, step 1", *words)
            assert desk.snapshot.step == 0
        await desk.press("s")
        await desk.sees("The step is done", "s begins the next step", "✓ update")
        assert desk.snapshot.step == 1
        await desk.press("s")
        await desk.sees("Slow motion, step 2", "▸ sample")
        assert "✓" not in desk.text


async def test_a_gan_has_two_turns(paused):
    async with paused("gan") as desk:
        seen = []
        for _ in range(11):
            count = len(desk.snapshot.stages)
            await desk.press("s")
            await desk.until(lambda count=count: len(desk.snapshot.stages) > count)
            await desk.sees("▸")
            (row,) = (line for line in desk.lines if "▸" in line)
            seen.append(f"{row.split()[1]} {row.partition('▸')[2].split()[0]}")
        turn = ("generate", "judge", "loss", "gradients", "update")
        expected = ["discriminator sample"]
        expected += [
            f"{network} {one}" for network in ("discriminator", "generator") for one in turn
        ]
        assert seen == expected


async def test_the_network_that_moves_first_stands_first(paused):
    async with paused("gan", game={"first": "generator"}) as desk:
        await desk.press("s", "s")
        await desk.sees("▸ generate")
        rows = [line.split()[1] for line in desk.lines if "· judge" in line]
        assert rows == ["generator", "discriminator"]


async def test_n_does_the_rest_of_the_step_and_space_leaves_slow_motion(paused):
    async with paused("gan") as desk:
        await desk.press("s", "s")
        await desk.sees("▸ generate")
        await desk.press("n")
        await desk.sees("The step is done")
        assert desk.snapshot.step == 1
        await desk.press("space")
        await desk.until(lambda: "Slow motion" not in desk.text)


async def test_steps_of_one_network_alone(paused):
    async with paused("gan") as desk:
        await desk.press("D")
        await desk.until(lambda: desk.snapshot.step == 1)
        assert set(desk.snapshot.losses) == {"discriminator"}
        await desk.press("G")
        await desk.until(lambda: desk.snapshot.step == 2)
        assert [(mark.what, mark.network) for mark in desk.snapshot.marks] == [
            ("pause", ""),
            ("step", "discriminator"),
            ("step", "generator"),
        ]


def in_slow_motion(update: dict[str, float]) -> SlowStep:
    """D's turn of a step, to its end."""
    numbers: dict[Stage, dict[str, float]] = {
        "generate": {"images": 64},
        "judge": {"D(real)": 0.698, "D(fake)": 0.537},
        "loss": {"loss": 1.145},
        "gradients": {"gradient norm": 2.88},
        "update": update,
    }
    done = {
        ("discriminator", stage): Staged(
            step=5, stage=stage, turn="discriminator", network="discriminator", numbers=told
        )
        for stage, told in numbers.items()
    }
    sample = Staged(step=5, stage="sample", numbers={"images": 64})
    turns = ("discriminator", "generator")
    return SlowStep(6, turns, done, sample, done["discriminator", "update"])


@pytest.mark.parametrize(
    ("rate", "change", "shown"),
    [
        (0.001, 0.0205, "  rate 0.001  moved 2.05%"),
        (0.000978, 0.0205, "  rate 0.000978  moved 2.05%"),
        (0.000978, 0.1205, "  rate 0.000978  moved 12.05%"),
        (0.000978, 10.5, "  moved 1050.00%"),
    ],
)
def test_numbers_are_shown_whole_or_not_at_all(rate, change, shown):
    step = in_slow_motion({"learning rate": rate, "change": change})
    table = _table(step, WIDTH_AT_120)
    assert table is not None
    assert sum(table.cells.values()) <= WIDTH_AT_120 - NAMES
    assert table.texts["discriminator", "update"] == shown
    assert all(len(text) <= table.cells[stage] for (_, stage), text in table.texts.items())


def test_numbers_that_have_no_room_below_their_stages_stand_before_the_sentence():
    step = in_slow_motion({"learning rate": 0.001, "change": 0.1})
    step.done["discriminator", "judge"].numbers.update(
        {"D(real)": -0.000123, "D(fake)": -0.000456, "D(others)": -0.000789}
    )
    assert _table(step, WIDTH_AT_120) is None


@pytest.mark.parametrize("mode", [RenderMode(), RenderMode(False, False, False, False)])
async def test_where_there_is_little_room_numbers_come_before_the_sentence(paused, mode):
    async with paused("gan", size=(80, 24), mode=mode) as desk:
        await desk.press("s", "s", "s")
        sign = "▸" if mode.unicode else ">"
        await desk.sees(f"{sign} judge", "real 0.", "generated 0.", "both kinds; a high")
        assert all(len(line) <= 80 for line in desk.lines)


async def test_nothing_of_it_stays_where_nothing_can_be_seen(paused):
    async with paused("gan") as desk:
        await desk.press("s")
        await desk.sees("Slow motion")
        await desk.pilot.resize_terminal(60, 18)
        await desk.sees("too small")
        assert "Slow motion" not in desk.text
