"""What a terminal has no characters for is spelt otherwise."""

from __future__ import annotations

from mnist_tui.render.spelling import spelled
from mnist_tui.terminal import RenderMode


def test_a_terminal_of_few_characters_gets_them_alone():
    assert spelled("× 1 → × 0.5 · 数…", RenderMode(unicode=False)) == "x 1 > x 0.5 - ?..."
    assert spelled("× 1 → × 0.5 · 数…", RenderMode()) == "× 1 → × 0.5 · 数…"
