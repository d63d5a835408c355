"""What a paused run shows at every size that screens are made for, and in every mode."""

from __future__ import annotations

import pytest
from rich.style import Style
from textual.events import Resize
from textual.geometry import Size

from mnist_tui.monitor.themes import OWN_THEMES
from mnist_tui.monitor.widgets.canvas import Canvas
from mnist_tui.terminal import RenderMode

SIZES = ((200, 60), (160, 45), (120, 36), (100, 30), (80, 24))
MODES = {
    "colour": RenderMode(),
    "no-colour": RenderMode(colour=False, shades=False, tints=False),
    "ascii": RenderMode(unicode=False, shades=False, tints=False),
}


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("task", ["gan", "classify"])
async def test_every_size(monitor, matches_snapshot, task, mode):
    async with monitor(task, size=SIZES[0], mode=MODES[mode]) as desk:
        await desk.train(9)
        await desk.press("space")
        await desk.sees("paused", "space go on")
        for size in SIZES:
            await resized(desk, size)
            assert mode != "ascii" or desk.text.isascii()
            matches_snapshot(desk.text, f"{task}-{mode}-{size[0]}x{size[1]}")


@pytest.mark.parametrize("task", ["gan", "classify"])
async def test_a_theme_changes_colours_alone(monitor, task):
    async with monitor(task) as desk:
        await desk.train(9)
        await desk.press("space")
        await desk.sees("paused", "space go on")
        await settled(desk)
        before = desk.text
        for theme in OWN_THEMES:
            desk.app.theme = theme.name
            await settled(desk)
            assert desk.text == before
            assert all(is_truecolour(style) for style in styles_of(desk.app.screen))


def styles_of(screen) -> list[Style]:
    """Of all that our own widgets draw, frames included."""
    drawn = [one for one in screen.query(Canvas) if one.display and one.size]
    lines = [line for one in drawn for line in one.render_lines(one.outer_size.region)]
    assert len(lines) > 20
    return [style for line in lines for _, style, _ in line]


def is_truecolour(style) -> bool:
    """Whether it is drawn as it is: no filter makes colours of ANSI's numbers for a canvas."""
    colours = [one for one in (style.color, style.bgcolor) if one is not None]
    return bool(colours) and not style.dim and all(one.triplet for one in colours)


async def resized(desk, size) -> None:
    """Give the screen that size; Textual's pilot would wait long for a process that is idle."""
    desk.app._driver._size = Size(*size)
    desk.app.post_message(Resize(Size(*size), Size(*size)))
    await desk.until(lambda: desk.app.screen.size == size)
    await settled(desk)


async def settled(desk) -> None:
    """Wait until nothing on the screen changes any more."""
    before = None
    while before != (before := desk.text):
        await desk.pilot.pause(0.15)
