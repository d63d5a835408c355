"""Text with SGR colour codes, as plotext writes it, taken apart into segments."""

from __future__ import annotations

import re
from functools import lru_cache

from rich.color import Color
from rich.segment import Segment
from rich.style import Style

_SGR = re.compile("\x1b\\[([0-9;]*)m")


def parse_line(line: str) -> list[Segment]:
    """Split one line at its SGR codes. Every segment has a style, and empty ones are left out."""
    segments: list[Segment] = []
    codes: tuple[int, ...] = ()
    start = 0
    for match in _SGR.finditer(line):
        if text := line[start : match.start()]:
            segments.append(Segment(text, style_of(codes)))
        start = match.end()
        new = tuple(int(code or 0) for code in match[1].split(";"))
        codes = new[1:] if new[0] == 0 else codes + new
    if text := line[start:]:
        segments.append(Segment(text, style_of(codes)))
    return segments


@lru_cache(maxsize=4096)
def style_of(codes: tuple[int, ...]) -> Style:
    """The style that SGR parameters add up to; those that are unknown here are ignored."""
    style = Style()
    rest = list(codes)
    while rest:
        code = rest.pop(0)
        if code == 0:
            style = Style()
        elif code in (38, 48):
            colour = _extended_colour(rest)
            if colour is not None:
                style += Style(color=colour) if code == 38 else Style(bgcolor=colour)
        elif code in (39, 49):
            default = Color.default()
            style += Style(color=default) if code == 39 else Style(bgcolor=default)
        elif 30 <= code <= 37 or 90 <= code <= 97:
            style += Style(color=Color.from_ansi(code - 30 if code < 90 else code - 82))
        elif 40 <= code <= 47 or 100 <= code <= 107:
            style += Style(bgcolor=Color.from_ansi(code - 40 if code < 100 else code - 92))
        elif code == 1:
            style += Style(bold=True)
        elif code == 2:
            style += Style(dim=True)
    return style


def _extended_colour(rest: list[int]) -> Color | None:
    """Take ``5;n`` or ``2;r;g;b`` off the front of ``rest``."""
    kind = rest.pop(0) if rest else None
    if kind == 5 and rest:
        return Color.from_ansi(rest.pop(0))
    if kind == 2 and len(rest) >= 3:
        return Color.from_rgb(rest.pop(0), rest.pop(0), rest.pop(0))
    rest.clear()  # what is left of a colour that was cut off means nothing else
    return None
