"""Pictures as text, side by side, with frames and captions."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from rich.segment import Segment

from mnist_tui.render.colours import style
from mnist_tui.render.grid import Grid
from mnist_tui.render.pixels import (
    BAD,
    GOOD,
    LEFT,
    MOST_NEGATIVE,
    OUTSIDE,
    RIGHT,
    SHADES,
    SIGNED_SHADES,
    DigitColours,
    Pixels,
    half_block_rows,
    ramp_rows,
)
from mnist_tui.render.spelling import spelled
from mnist_tui.terminal import RenderMode

Images = NDArray[np.uint8]

Frame = Literal["", "good", "bad"]

ZERO = 127.5
"""The byte that stands for 0 in signed pictures, between 127 and 128."""


@dataclass(frozen=True)
class Digits:
    """Pictures of one size, bytes (count, height, width), with what is to be said about them.

    ``columns`` is the number of pictures in a row that shows the grid as it was meant. Of
    ``captions``, ``wrong``, ``frames`` and ``signed`` each is empty or has one entry a picture;
    signed pictures are made by :func:`signed_bytes`. One can be ``chosen``.
    """

    images: Images
    columns: int
    captions: tuple[str, ...] = ()
    wrong: tuple[bool, ...] = ()
    frames: tuple[Frame, ...] = ()
    signed: tuple[bool, ...] = ()
    chosen: int | None = None

    @property
    def framed(self) -> bool:
        """Whether there must be room around pictures."""
        return bool(self.frames) or self.chosen is not None

    def part(self, begin: int, end: int) -> Digits:
        """Some of them."""
        chosen = None if self.chosen is None else self.chosen - begin
        return Digits(
            self.images[begin:end],
            self.columns,
            self.captions[begin:end],
            self.wrong[begin:end],
            self.frames[begin:end],
            self.signed[begin:end],
            chosen if chosen is not None and 0 <= chosen < end - begin else None,
        )


def signed_bytes(values: NDArray[np.float32], seen: float = 1.0) -> Images:
    """Pictures (n, height, width) of signed numbers, each relative to its largest.

    Or to the largest of the share ``seen`` of them that is smallest in size: others are cut there.
    """
    size = np.abs(values)
    largest = size.max(axis=(1, 2), keepdims=True, initial=0)
    if seen < 1:
        limit = np.quantile(size, seen, axis=(1, 2), keepdims=True)
        largest = np.where(limit > 0, limit, largest)
    relative = np.divide(values, largest, out=np.zeros_like(values), where=largest > 0)
    relative = np.clip(relative, -1, 1)
    bytes_: Images = np.rint(ZERO + ZERO * np.nan_to_num(relative)).astype(np.uint8)
    return bytes_


def area_average(images: Images, height: int, width: int) -> Images:
    """Resize to ``height`` x ``width``: each new pixel is the mean of the area that it covers."""
    rows = _coverage(images.shape[1], height)
    columns = _coverage(images.shape[2], width)
    means: NDArray[np.float32] = rows @ images.astype(np.float32) @ columns.T
    return np.rint(means).astype(np.uint8)


def digit_rows(
    digits: Digits, grid: Grid, colours: DigitColours, mode: RenderMode
) -> list[list[Segment]]:
    """The pictures that ``grid`` has room for, with nothing around them: its rows of cells."""
    shown = digits.part(0, grid.count)
    canvas = _painted(shown, grid)
    if mode.half_blocks:
        rows = half_block_rows(canvas, colours)
    else:
        rows = ramp_rows(canvas, colours.chosen)
    if grid.captioned:
        for line in range(grid.rows):
            some = shown.part(line * grid.columns, (line + 1) * grid.columns)
            rows[((line + 1) * grid.pitch - 2) // 2] = _caption_row(some, grid, colours, mode)
    return rows


def _painted(digits: Digits, grid: Grid) -> Pixels:
    small = area_average(digits.images, grid.height, grid.width).astype(np.float32)
    pixels = np.rint(small * ((SHADES - 1) / 255)).astype(np.int16)
    if digits.signed:
        signed = np.array(digits.signed)
        levels = np.rint(small[signed] * ((SIGNED_SHADES - 1) / 255))
        pixels[signed] = levels.astype(np.int16) + MOST_NEGATIVE
    canvas = np.full((2 * grid.cells_high, grid.cells_wide), OUTSIDE, dtype=np.int16)
    for number, picture in enumerate(pixels):
        x, y = grid.corner(number)
        if grid.framed:
            frame = digits.frames[number] if digits.frames else ""
            _draw_frame(canvas, x, y, grid, frame, number == digits.chosen)
        canvas[y : y + grid.height, x : x + grid.width] = picture
    return canvas


def _draw_frame(canvas: Pixels, x: int, y: int, grid: Grid, frame: Frame, chosen: bool) -> None:
    """Paint a rectangle, into which the picture comes."""
    if not (chosen or frame):
        return
    ring = {"good": GOOD, "bad": BAD}.get(frame, OUTSIDE)
    rows = slice(y - grid.frame_high, y + grid.height + grid.frame_high)
    canvas[rows, x - 1 : x + grid.width + 1] = RIGHT if chosen else ring
    if chosen:
        canvas[rows, x - 1] = LEFT


def _caption_row(
    digits: Digits, grid: Grid, colours: DigitColours, mode: RenderMode
) -> list[Segment]:
    """The captions of one row of pictures, frames included in their room."""
    room = grid.width + 2 * grid.framed
    segments = []
    for number in range(grid.columns):
        text = digits.captions[number] if number < len(digits.captions) else ""
        mistake = number < len(digits.wrong) and digits.wrong[number]
        frame = digits.frames[number] if number < len(digits.frames) else ""
        chosen = number == digits.chosen
        colour = {"good": colours.success, "bad": colours.mistake}.get(frame, colours.caption)
        colour = colours.mistake if mistake else colour
        text = _spelled(text, mistake, mode)[:room].center(room)
        segments.append(
            Segment(text, style(colours.chosen if chosen else colour, bold=mistake or chosen))
        )
        if number < grid.columns - 1:
            segments.append(Segment(" ", style()))
    return segments


def _spelled(caption: str, mistake: bool, mode: RenderMode) -> str:
    """In plain characters where there are no others; a mistake is marked where colours cannot."""
    caption = spelled(caption, mode)
    return f"{caption} !" if mistake and not mode.colour else caption


@lru_cache(maxsize=64)
def _coverage(old: int, new: int) -> NDArray[np.float32]:
    """Matrix (new, old): the share of each old pixel in each new one; rows add up to 1."""
    edges = np.arange(new + 1) * (old / new)
    starts, ends = edges[:-1, None], edges[1:, None]
    pixels = np.arange(old)
    overlap = np.minimum(ends, pixels + 1) - np.maximum(starts, pixels)
    shares: NDArray[np.float64] = np.clip(overlap, 0, None) * (new / old)
    return shares.astype(np.float32)
