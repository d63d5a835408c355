"""A step in slow motion: its stages on the screen, with what happens in them, of a real trainer."""

from __future__ import annotations

import pytest

from mnist_tui.terminal import RenderMode


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
