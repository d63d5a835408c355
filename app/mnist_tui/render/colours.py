"""Colours as #rrggbb: as styles for text, mixed, and in parts."""

from __future__ import annotations

from functools import lru_cache

from rich.color import Color
from rich.style import Style


@lru_cache(maxsize=8192)
def style(colour: str = "", background: str = "", bold: bool = False) -> Style:
    """A cached style; an empty colour leaves what lies below."""
    return Style(
        color=Color.from_rgb(*rgb(colour)) if colour else None,
        bgcolor=Color.from_rgb(*rgb(background)) if background else None,
        bold=bold or None,
    )


@lru_cache(maxsize=1024)
def mix(colour: str, other: str, share: float) -> str:
    """``colour`` with ``share`` (0 to 1) of ``other`` blended in."""
    parts = zip(rgb(colour), rgb(other), strict=True)
    return "#" + "".join(f"{int(one + (two - one) * share):02x}" for one, two in parts)


def rgb(colour: str) -> tuple[int, int, int]:
    """Red, green and blue, 0 to 255."""
    red, green, blue = bytes.fromhex(colour[1:])
    return red, green, blue


def contrast(colour: str, other: str) -> float:
    """From 1, no contrast, to 21, black on white; WCAG 2.1, "contrast ratio"."""
    low, high = sorted((_luminance(colour), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


@lru_cache(maxsize=256)
def legible(colour: str, background: str, pole: str, least: float) -> str:
    """``colour``, with as much of ``pole`` (black or white) as it takes to be read.

    That is a contrast of at least ``least`` with ``background``, or as much as there is to be had.
    """
    mixed = (mix(colour, pole, share / 20) for share in range(21))
    return next((one for one in mixed if contrast(one, background) >= least), pole)


def _luminance(colour: str) -> float:
    """WCAG 2.1, "relative luminance"."""
    red, green, blue = (_linear(part / 255) for part in rgb(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else float(((part + 0.055) / 1.055) ** 2.4)
