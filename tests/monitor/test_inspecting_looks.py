"""How the sheet to draw on and the tape of a step look, on terminals of all kinds."""

from __future__ import annotations

import re

import pytest

from mnist_tui.terminal import RenderMode

from .real import open_real, trainer_of

FULL = RenderMode()
PLAIN = RenderMode(unicode=False, colour=False, shades=False, tints=False)
GREY = RenderMode(colour=False, shades=False, tints=False)

KINDS = [
    ((80, 24), FULL, "80x24"),
    ((100, 30), PLAIN, "ascii-100x30"),
    ((120, 36), FULL, "120x36"),
    ((160, 45), GREY, "no-colour-160x45"),
    ((200, 60), FULL, "200x60"),
]
SEVEN = [*["up"] * 9, *["left"] * 6, "space", *["right"] * 12, *["down", "down", "left"] * 6]


@pytest.fixture
def trainer(make_recipe, make_dataset):
    def make(task: str):
        dataset = make_dataset(count=200, shape=(28, 28), classes=10, tests=40)
        return trainer_of(make_recipe(task), dataset)

    return make


@pytest.mark.parametrize(("size", "mode", "name"), KINDS)
async def test_a_drawing(trainer, matches_snapshot, size, mode, name):
    async with open_real(trainer("classify"), size=size, mode=mode) as desk:
        await desk.press("a", *SEVEN)
        desk.app.screen._ask()
        await desk.sees("Taken for a")
        await desk.until(lambda: not desk.app.screen._inquiry._under_way)
        matches_snapshot(desk.text, f"drawing-{name}")


@pytest.mark.parametrize(("size", "mode", "name"), KINDS)
async def test_a_tape(trainer, matches_snapshot, size, mode, name):
    async with open_real(trainer("gan"), size=size, mode=mode) as desk:
        await desk.press("i")
        await desk.sees("discriminator's loss:")
        await desk.press("down", "enter")
        await desk.sees("agree")
        matches_snapshot(settled(desk.text), f"tape-{name}")


def settled(text: str) -> str:
    """The screen without what no two machines, or moments, have in common: times, last digits."""
    text = re.sub(r" +[\d.]+k?( *[│|])$", r" time\1", text, flags=re.MULTILINE)
    text = re.sub(r"agree(, \d+ digits)? *", "agree ", text)
    return re.sub(r" +(-?\d+\.)\d+(e-?\d+)?", r" \1#", text)
