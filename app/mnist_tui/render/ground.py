"""Strips laid on the ground of a screen, from which they have what colours they lack."""

from __future__ import annotations

from collections.abc import Sequence

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip


def on_ground(strips: Sequence[Strip], ground: Style) -> list[Strip]:
    """``strips`` with the colours of ``ground`` where they leave what lies below.

    What :meth:`Strip.apply_style` makes of them, but each style is put together once, however often
    it occurs: by its identity, since to compare two styles takes about as long.
    """
    laid: dict[int, Style | None] = {}
    result = []
    for strip in strips:
        segments = []
        for text, own, control in strip:
            number = id(own)  # nobody else's while all strips are there
            if number not in laid:
                laid[number] = ground + own
            segments.append(Segment(text, laid[number], control))
        result.append(Strip(segments, strip.cell_length))
    return result
