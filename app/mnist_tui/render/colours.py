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
