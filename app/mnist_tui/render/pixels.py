"""Pixels as cells: two coloured ones a cell, or a character for both.

A pixel is a number: a grey from 0 (paper) to 31 (ink), a signed one, or a part of a frame.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby

import numpy as np
from numpy.typing import NDArray
from rich.segment import Segment
from rich.style import Style

from mnist_tui.render.colours import mix, style
from mnist_tui.render.palette import Palette

Pixels = NDArray[np.int16]
"""(height, width) numbers, an even height."""

SHADES = 32
"""Greys from paper to ink. More are not told apart, and each pair of them is a cached style."""

SIGNED_SHADES = 31
"""From all negative over nothing, which is paper, to all positive."""

OUTSIDE = -1
"""Belongs to no picture."""

MOST_NEGATIVE = SHADES
NOTHING = MOST_NEGATIVE + SIGNED_SHADES // 2
LEFT, RIGHT, GOOD, BAD = range(SHADES + SIGNED_SHADES, SHADES + SIGNED_SHADES + 4)
"""Of a frame around what a person has chosen, its left and the rest; of frames that judge."""

RAMP = " .:-=+*#%@"
"""Characters from no ink to full ink."""

SIGNED_RAMP = "=- +#"
"""Characters from all negative to all positive."""

_LIMITS = (-0.5, -0.15, 0.15, 0.5)


@dataclass(frozen=True)
class DigitColours:
    """``paper`` is the colour of byte 0, ``ink`` of byte 255; ``background`` that of the panel.

    ``caption``, ``mistake`` and ``success`` colour the text below a picture; the latter two also
    frames that judge. ``negative`` and ``positive`` are those of signed pictures, and ``chosen``
    that of what a person has chosen.
    """

    paper: str
    ink: str
    background: str
    caption: str
    mistake: str
    success: str = "#7bd6a6"
    negative: str = "#6cb0ff"
    positive: str = "#ff7b72"
    chosen: str = "#f2b45c"

    @classmethod
    def of(cls, palette: Palette) -> DigitColours:
        """Those of a theme."""
        return cls(
            paper=palette.paper,
            ink=palette.ink,
            background=palette.background,
            caption=palette.quiet,
            mistake=palette.bad,
            success=palette.good,
            negative=palette.first,
            positive=palette.bad,
            chosen=palette.accent,
        )


def half_block_rows(pixels: Pixels, colours: DigitColours) -> list[list[Segment]]:
    """Pixels as upper half blocks, two rows of pixels a row of cells, equal runs merged."""
    table = _colours_of(colours)
    count = len(table)
    upper, lower = pixels[0::2] + 1, pixels[1::2] + 1
    pairs = upper.astype(np.int32) * count + lower
    rows = []
    for row in pairs:
        ends = [*(np.flatnonzero(np.diff(row)) + 1).tolist(), len(row)]
        start, segments = 0, []
        for end in ends:
            above, below = divmod(int(row[start]), count)
            character, cell_style = _half_block(table[above], table[below])
            segments.append(Segment(character * (end - start), cell_style))
            start = end
        rows.append(segments)
    return rows


def ramp_rows(pixels: Pixels, chosen: str = "") -> list[list[Segment]]:
    """Pixels as characters of growing ink, two rows of pixels a row of cells.

    Signed ones have signs. Frames are brackets around what is ``chosen``, in that colour, and bars
    beside what is good.
    """
    is_signed = (pixels >= MOST_NEGATIVE) & (pixels < LEFT)
    values = np.where(is_signed, (pixels - NOTHING) / (SIGNED_SHADES // 2), 0.0)
    ink = np.where(pixels < SHADES, np.maximum(pixels, 0) / (SHADES - 1), 0.0)
    steps = np.rint(_halved(ink) * (len(RAMP) - 1)).astype(int)
    characters = np.array(list(RAMP))[steps]
    signs = np.array(list(SIGNED_RAMP))[np.digitize(_halved(values), _LIMITS)]
    characters = np.where(is_signed[0::2] | is_signed[1::2], signs, characters)
    for number, bracket in ((LEFT, "["), (RIGHT, "]"), (GOOD, "|")):
        place = pixels == number
        characters = np.where(place[0::2] | place[1::2], bracket, characters)
    return [_ramp_row(row, chosen) for row in characters.tolist()]


def _halved(values: NDArray[np.float64]) -> NDArray[np.float64]:
    return (values[0::2] + values[1::2]) / 2


def _ramp_row(characters: list[str], chosen: str) -> list[Segment]:
    return [
        Segment("".join(run), style(chosen, bold=True) if bracket else style())
        for bracket, run in groupby(characters, key=lambda one: one in "[]")
    ]


@lru_cache(maxsize=8)
def _colours_of(colours: DigitColours) -> tuple[str, ...]:
    """The colour of each number, from OUTSIDE on."""
    half = SIGNED_SHADES // 2
    return (
        colours.background,
        *(mix(colours.paper, colours.ink, shade / (SHADES - 1)) for shade in range(SHADES)),
        *(mix(colours.paper, colours.negative, part / half) for part in range(half, 0, -1)),
        colours.paper,
        *(mix(colours.paper, colours.positive, part / half) for part in range(1, half + 1)),
        colours.chosen,
        colours.chosen,
        colours.success,
        colours.mistake,
    )


@lru_cache(maxsize=16384)
def _half_block(upper: str, lower: str) -> tuple[str, Style]:
    """Character and style of a cell."""
    return (" ", style("", upper)) if upper == lower else ("▀", style(upper, lower))
