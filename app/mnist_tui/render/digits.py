"""Pictures as text: two coloured pixels a cell, or a ramp of characters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from rich.segment import Segment
from rich.style import Style

from mnist_tui.render.colours import mix, style
from mnist_tui.render.grid import Grid
from mnist_tui.terminal import RenderMode

Images = NDArray[np.uint8]

SHADES = 32
"""Greys from paper to ink. More are not told apart, and each pair of them is a cached style."""

RAMP = " .:-=+*#%@"
"""Characters from no ink to full ink."""

_OUTSIDE = -1  # the shade of a pixel that belongs to no picture


@dataclass(frozen=True)
class DigitColours:
    """``paper`` is the colour of byte 0, ``ink`` of byte 255; ``background`` that of the panel.

    ``caption`` and ``mistake`` colour the text below a picture.
    """

    paper: str
    ink: str
    background: str
    caption: str
    mistake: str


@dataclass(frozen=True)
class Digits:
    """Pictures of one size, bytes (count, height, width), with what is to be said about them.

    ``columns`` is the number of pictures in a row that shows the grid as it was meant. ``captions``
    and ``wrong`` are empty or have one entry a picture.
    """

    images: Images
    columns: int
    captions: tuple[str, ...] = ()
    wrong: tuple[bool, ...] = ()


def area_average(images: Images, height: int, width: int) -> Images:
    """Shrink to ``height`` x ``width``: each new pixel is the mean of the area that it covers."""
    rows = _coverage(images.shape[1], height)
    columns = _coverage(images.shape[2], width)
    means: NDArray[np.float32] = rows @ images.astype(np.float32) @ columns.T
    return np.rint(means).astype(np.uint8)


def half_block_rows(shades: NDArray[np.int16], colours: DigitColours) -> list[list[Segment]]:
    """Pixels as upper half blocks, two rows of pixels a row of cells, equal runs merged.

    ``shades`` has an even number of rows and holds 0 (paper) to 31 (ink), -1 outside of pictures.
    """
    table = _half_block_styles(colours.paper, colours.ink, colours.background)
    upper, lower = shades[0::2] + 1, shades[1::2] + 1
    pairs = upper * (SHADES + 1) + lower
    rows = []
    for row in pairs:
        ends = [*(np.flatnonzero(np.diff(row)) + 1).tolist(), len(row)]
        start, segments = 0, []
        for end in ends:
            character, cell_style = table[int(row[start])]
            segments.append(Segment(character * (end - start), cell_style))
            start = end
        rows.append(segments)
    return rows


def ramp_rows(shades: NDArray[np.int16]) -> list[list[Segment]]:
    """Pixels as characters of growing ink, two rows of pixels a row of cells."""
    ink = np.maximum(shades, 0)
    mean = (ink[0::2] + ink[1::2]) / (2 * (SHADES - 1))
    steps = np.rint(mean * (len(RAMP) - 1)).astype(int)
    return [[Segment("".join(RAMP[step] for step in row), style())] for row in steps.tolist()]


def digit_rows(
    digits: Digits, grid: Grid, colours: DigitColours, mode: RenderMode
) -> list[list[Segment]]:
    """The pictures that ``grid`` has room for, with nothing around them: its rows of cells."""
    shown = min(grid.count, len(digits.images))
    small = area_average(digits.images[:shown], grid.height, grid.width)
    shades = np.rint(small * ((SHADES - 1) / 255)).astype(np.int16)
    canvas = np.full((2 * grid.cells_high, grid.cells_wide), _OUTSIDE, dtype=np.int16)
    for number, picture in enumerate(shades):
        y = (number // grid.columns) * grid.pitch
        x = (number % grid.columns) * (grid.width + 1)
        canvas[y : y + grid.height, x : x + grid.width] = picture
    rows = half_block_rows(canvas, colours) if mode.half_blocks else ramp_rows(canvas)
    if grid.captioned:
        for line in range(grid.rows):
            first = line * grid.columns
            captions = slice(first, min(first + grid.columns, shown))
            row = _caption_row(
                digits.captions[captions], digits.wrong[captions], grid, colours, mode
            )
            rows[((line + 1) * grid.pitch - 2) // 2] = row
    return rows


def _caption_row(
    captions: Sequence[str],
    wrong: Sequence[bool],
    grid: Grid,
    colours: DigitColours,
    mode: RenderMode,
) -> list[Segment]:
    segments = []
    for number in range(grid.columns):
        text = captions[number] if number < len(captions) else ""
        mistake = number < len(wrong) and wrong[number]
        text = _spelled(text, mistake, mode)[: grid.width].center(grid.width)
        colour = colours.mistake if mistake else colours.caption
        segments.append(Segment(text, style(colour, bold=mistake)))
        if number < grid.columns - 1:
            segments.append(Segment(" ", style()))
    return segments


def _spelled(caption: str, mistake: bool, mode: RenderMode) -> str:
    """In plain characters where there are no others; a mistake is marked where colours cannot."""
    if not mode.unicode:
        caption = caption.replace("→", ">")
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


@lru_cache(maxsize=8)
def _half_block_styles(paper: str, ink: str, background: str) -> list[tuple[str, Style]]:
    """Character and style for each pair of shades, upper first, counted from -1."""
    greys = [background, *(mix(paper, ink, shade / (SHADES - 1)) for shade in range(SHADES))]
    return [
        (" ", style("", upper)) if upper == lower else ("▀", style(upper, lower))
        for upper in greys
        for lower in greys
    ]
