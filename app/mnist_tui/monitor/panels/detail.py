"""One digit large, with what it is compared to: beside the others, or below them."""

from __future__ import annotations

from dataclasses import dataclass
from textwrap import wrap

import numpy as np
from textual.strip import Strip

from mnist_tui.monitor.panels.findings import Detail, Wish
from mnist_tui.render.digits import Digits, Images
from mnist_tui.render.palette import Palette
from mnist_tui.render.pixels import DigitColours
from mnist_tui.render.sheet import digit_strips, sheet_of
from mnist_tui.render.text import Piece, line
from mnist_tui.terminal import RenderMode

SHARE = 0.45
"""Of the panel's width or height."""

LINES = 3
"""Of text, at most."""


@dataclass(frozen=True)
class Place:
    """The grid's room, ``width`` x ``height`` cells, and that ``below`` it or ``beside`` it."""

    width: int
    height: int
    below: int = 0
    beside: int = 0

    def joined(self, grid: list[Strip], detail: list[Strip]) -> list[Strip]:
        """Both, as one."""
        if self.below:
            return grid + detail
        return [Strip.join([left, right]) for left, right in zip(grid, detail, strict=True)]


def detail_place(wish: Wish, digits: Digits, width: int, height: int, mode: RenderMode) -> Place:
    """Where digits come out larger, below the grid or beside it."""
    if wish.detailed is None:
        return Place(width, height)
    count, blank = _count(wish), np.zeros((_count(wish), *digits.images.shape[1:]), np.uint8)
    rows, columns = round(SHARE * height), round(SHARE * width)
    below = sheet_of(_named(blank), width, rows - LINES, mode).grid
    beside = sheet_of(_named(blank), columns, height - LINES, mode).grid
    sides = [grid.width if grid and grid.count >= count else 0 for grid in (below, beside)]
    if sides[1] > sides[0]:
        return Place(width - columns, height, beside=columns)
    return Place(width, height - rows, below=rows)


def detail_of(
    digits: Digits,
    wish: Wish,
    detail: Detail | None,
    place: Place,
    palette: Palette,
    mode: RenderMode,
) -> list[Strip]:
    """The chosen digit, its nearest training image, the change that is wanted, and words."""
    width = place.beside or place.width
    height = place.below or place.height
    number = min(wish.chosen or 0, len(digits.images) - 1)
    own = digits.images[number]
    pictures: list[Images] = [own]
    captions = ["chosen"]
    told: list[str] = []
    if wish.nearest:
        neighbour = detail.neighbour if detail else None
        pictures.append(neighbour.picture.reshape(own.shape) if neighbour else np.zeros_like(own))
        captions.append(f"nearest: a {neighbour.label}" if neighbour else "nearest")
        told.append(
            f"nearest training image: a {neighbour.label}, {neighbour.distance:.2f} away"
            if neighbour
            else f"looking for its nearest training image{mode.ellipsis}"
        )
    signed = [False] * len(pictures)
    if wish.change:
        change = detail.change if detail else None
        pictures.append(np.full_like(own, 128) if change is None else change)
        captions.append("G wants")
        signed.append(True)
        more, less = ("red", "blue") if mode.half_blocks else ("+ #", "- =")
        told.append(f"G would lighten {more}, darken {less} to please D")
    sheet = Digits(np.stack(pictures), len(pictures), tuple(captions), signed=tuple(signed))
    words = [part for sentence in told for part in wrap(sentence, max(width - 2, 10))][:LINES]
    room = max(height - len(words), 0)
    strips = digit_strips(sheet, width, room, DigitColours.of(palette), mode)
    rows = [
        line([Piece(text.center(width), palette.quiet)], width, mode.ellipsis) for text in words
    ]
    return (strips + rows)[:height]


def _count(wish: Wish) -> int:
    return 1 + wish.nearest + wish.change


def _named(pictures: Images) -> Digits:
    """As many pictures with captions."""
    return Digits(pictures, len(pictures), ("",) * len(pictures))
