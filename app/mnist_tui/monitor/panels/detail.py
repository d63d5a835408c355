"""One digit large, with what it is compared to: beside the others, or below them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from textual.strip import Strip

from mnist_engine.inspection.neighbour import Neighbour
from mnist_tui.figures import a_digit
from mnist_tui.monitor.panels.findings import Detail, Wish
from mnist_tui.render.digits import Digits, Images
from mnist_tui.render.palette import Palette
from mnist_tui.render.pixels import DigitColours
from mnist_tui.render.sheet import sheet_of
from mnist_tui.render.text import Piece, line
from mnist_tui.terminal import RenderMode

SHARE = 0.42
"""Of the panel's width or height."""

LINES = 2
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
    own = digits.images[min(wish.chosen or 0, len(digits.images) - 1)]
    pictures: list[Images] = [own]
    captions, signed = ["chosen"], [False]
    words: list[Strip] = []
    if wish.nearest:
        neighbour = detail.neighbour if detail else None
        pictures.append(neighbour.picture.reshape(own.shape) if neighbour else np.zeros_like(own))
        captions.append(f"nearest: {a_digit(neighbour.label)}" if neighbour else "nearest")
        signed.append(False)
        words.append(_words(_told(neighbour, mode), width, palette, mode))
    if wish.change:
        pictures.append(detail.change if detail and detail.change is not None else _flat(own))
        captions.append("G wants")
        signed.append(True)
        words.append(_legend(width, palette, mode))
    shown = Digits(np.stack(pictures), len(pictures), tuple(captions), signed=tuple(signed))
    sheet = sheet_of(shown, width, max(height - len(words), 0), mode)
    strips = sheet.strips(shown, DigitColours.of(palette), mode)
    return [*strips[: sheet.bottom], *words, *strips[sheet.bottom :]][:height]


def _told(neighbour: Neighbour | None, mode: RenderMode) -> tuple[str, ...]:
    """How near it is, ever shorter."""
    if neighbour is None:
        return (f"looking for the nearest training image{mode.ellipsis}", f"looking{mode.ellipsis}")
    away = f"{neighbour.distance:.2f} away"
    return f"nearest training image: {a_digit(neighbour.label)}, {away}", f"nearest: {away}", away


def _words(texts: Sequence[str], width: int, palette: Palette, mode: RenderMode) -> Strip:
    """The first of ``texts`` that fits, in the middle."""
    text = next((text for text in texts if len(text) <= width), texts[-1])
    return line([Piece(text.center(width), palette.quiet)], width, mode.ellipsis)


def _legend(width: int, palette: Palette, mode: RenderMode) -> Strip:
    """Which pixels G would make lighter, and which darker."""
    more, less = ("■", "■") if mode.half_blocks else ("+#", "-=")
    colours = DigitColours.of(palette)
    taken = len(more) + len(less) + len(" lighten   darken")
    return line(
        [
            Piece(" " * max((width - taken) // 2, 0), palette.quiet),
            Piece(more, colours.positive, gap=0),
            Piece("lighten", palette.quiet, gap=1),
            Piece(less, colours.negative, gap=2),
            Piece("darken", palette.quiet, gap=1),
        ],
        width,
        mode.ellipsis,
    )


def _flat(picture: Images) -> Images:
    """No change anywhere."""
    return np.full_like(picture, 128)


def _count(wish: Wish) -> int:
    return 1 + wish.nearest + wish.change


def _named(pictures: Images) -> Digits:
    """As many pictures with captions."""
    return Digits(pictures, len(pictures), ("",) * len(pictures))
