"""A sheet to draw on, with the mouse or with keys."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from textual import events
from textual.strip import Strip

from mnist_tui.drawing import draw_line
from mnist_tui.monitor.widgets.panel import Panel
from mnist_tui.render.pixels import LEFT, RIGHT, SHADES, DigitColours, half_block_rows, ramp_rows
from mnist_tui.terminal import RenderMode

SIDE = 28
"""Pixels."""

RIGHT_BUTTON = 3

Point = tuple[float, float]


class SketchPad(Panel):
    """``SIDE`` x ``SIDE`` pixels, ``scale`` cells wide each, and a pen on one of them.

    ``on_change`` is called when what is drawn has changed.
    """

    def __init__(
        self, mode: RenderMode, on_change: Callable[[], object], *, id: str | None = None
    ) -> None:
        super().__init__(mode, id=id)
        self.drawing: NDArray[np.uint8] = np.zeros((SIDE, SIDE), np.uint8)
        self.pen_down = False
        self.scale = 1
        self._on_change = on_change
        self._pen = (SIDE // 2, SIDE // 2)
        self._mouse: Point | None = None  # where it was last, while a button is held

    @property
    def is_empty(self) -> bool:
        """Whether nothing is drawn."""
        return not self.drawing.any()

    def set_scale(self, scale: int) -> None:
        """Make pixels so many cells wide."""
        self.scale = scale
        self.styles.width = SIDE * scale + 2
        self.styles.height = SIDE * scale // 2 + 2

    def move_pen(self, right: int, down: int) -> None:
        """Move the pen, not over the edge; it draws where it is down."""
        before = self._pen
        x, y = before[0] + right, before[1] + down
        self._pen = min(max(x, 0), SIDE - 1), min(max(y, 0), SIDE - 1)
        if self.pen_down:
            self._line(_middle(before), _middle(self._pen))
        self.redraw()

    def toggle_pen(self) -> None:
        """Put the pen down, which leaves a dot, or lift it."""
        self.pen_down = not self.pen_down
        if self.pen_down:
            self._line(_middle(self._pen), _middle(self._pen))
        self.redraw()

    def clear(self) -> None:
        """Begin anew, with the pen where it is, up."""
        self.pen_down = False
        self.drawing[...] = 0
        self._on_change()
        self.redraw()

    def on_mouse_down(self, event: events.MouseDown) -> None:
        """Draw, or with the right button rub out, until the button is let go."""
        self.capture_mouse()
        self._mouse = None
        self._follow(event)

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Follow a mouse whose button is held."""
        if self._mouse is not None:
            self._follow(event)

    def on_mouse_up(self) -> None:
        """The line ends."""
        self._mouse = None
        self.release_mouse()

    def draw(self, width: int, height: int) -> list[Strip]:
        """The drawing, and where the pen is."""
        self.set_title(("Draw here",))
        shades = np.rint(self.drawing * ((SHADES - 1) / 255)).astype(np.int16)
        x, y = self._pen
        pixels = np.repeat(np.repeat(shades, self.scale, axis=0), self.scale, axis=1)
        if self._mouse is None:
            pen = np.s_[y * self.scale : (y + 1) * self.scale]
            pixels[pen, x * self.scale : (x + 1) * self.scale] = RIGHT
            pixels[pen, x * self.scale] = LEFT
        palette = self.palette
        rows = (
            half_block_rows(pixels, DigitColours.of(palette))
            if self.mode.half_blocks
            else ramp_rows(pixels, palette.accent)
        )
        return [Strip(row).adjust_cell_length(width) for row in rows[:height]] + [
            Strip.blank(width) for _ in range(height - len(rows))
        ]

    def _follow(self, event: events.MouseEvent) -> None:
        place = event.offset - self.content_offset_within
        here = (place[0] + 0.5) / self.scale, (2 * place[1] + 1) / self.scale
        self._line(self._mouse or here, here, rubs_out=event.button == RIGHT_BUTTON)
        self._mouse = here
        self._pen = tuple(min(max(int(at), 0), SIDE - 1) for at in here)  # type: ignore[assignment]
        self.redraw()

    def _line(self, begin: Point, end: Point, rubs_out: bool = False) -> None:
        draw_line(self.drawing, begin, end, rubs_out)
        self._on_change()

    @property
    def content_offset_within(self) -> tuple[int, int]:
        """Where the sheet begins inside its frame."""
        return self.gutter.left, self.gutter.top


def _middle(pixel: tuple[int, int]) -> Point:
    return pixel[0] + 0.5, pixel[1] + 0.5
