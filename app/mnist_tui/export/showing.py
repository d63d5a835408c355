"""Pictures printed into the terminal, as the screens draw them."""

from __future__ import annotations

import os

from rich.console import Console
from rich.segment import Segment, Segments

from mnist_tui.render.digits import Digits, digit_rows
from mnist_tui.render.grid import full_grid
from mnist_tui.render.pixels import DigitColours
from mnist_tui.terminal import RenderMode, render_mode

COLOURS = DigitColours(
    paper="#0a0c10", ink="#f6f8fb", background="#2f3747", caption="#d7dce5", mistake="#ff7b72"
)
"""A dark sheet with a frame around each digit: whatever the terminal's colours are."""


def print_digits(digits: Digits, console: Console, ascii_only: bool = False) -> None:
    """Print all of ``digits`` in as many of their columns as the terminal has room for.

    Where the output is no terminal, or has few colours, they are drawn with characters.
    """
    count, height, width = digits.images.shape
    captioned = bool(digits.captions)
    grid = full_grid(count, (height, width), digits.columns, console.width, captioned)
    mode = _mode(console, ascii_only)
    for row in digit_rows(digits, grid, COLOURS, mode):
        console.print(Segments([*row, Segment.line()]), end="")


def _mode(console: Console, ascii_only: bool) -> RenderMode:
    mode = render_mode(os.environ, console.encoding, ascii_only)
    if console.is_terminal:
        return mode
    return RenderMode(unicode=mode.unicode, colour=False, shades=False, tints=False)
