"""The few colours that our own drawing takes from a theme, on a screen or on paper.

There is one accent colour, and it means the hand: keys that a person can press, marks that a person
left on a plot, whatever a person changed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from mnist_tui.render.colours import legible, mix

DARK = {
    "background": "#12151c",
    "foreground": "#d7dce5",
    "accent": "#f2b45c",
    "primary": "#6cb0ff",
    "success": "#7bd6a6",
    "error": "#ff7b72",
    "first-curve": "#6cb0ff",
    "second-curve": "#7bd6a6",
    "paper": "#0a0c10",
    "ink": "#f6f8fb",
}
"""Our dark theme, as #rrggbb."""

LIGHT = {
    "background": "#faf8f3",
    "foreground": "#2a2f38",
    "accent": "#a85400",
    "primary": "#1f66c9",
    "success": "#187a51",
    "error": "#c62f2f",
    "first-curve": "#1f66c9",
    "second-curve": "#187a51",
    "paper": "#fffefb",
    "ink": "#15181d",
}
"""Our light theme, as #rrggbb."""

COLOUR_BLIND = {
    "background": "#12151c",
    "foreground": "#d7dce5",
    "accent": "#ff9f1c",
    "primary": "#4a9cf0",
    "success": "#4a9cf0",
    "error": "#e5484d",
    "first-curve": "#4a9cf0",
    "second-curve": "#fff3b0",
    "paper": "#0a0c10",
    "ink": "#f6f8fb",
}
"""A dark theme whose colours differ for people who lack one kind of cones too, as #rrggbb."""

LEAST_CONTRAST, LEAST_CONTRAST_OF_TEXT = 4.5, 7.0
"""WCAG 2.1, success criteria 1.4.3 (AA) for all that is read, and 1.4.6 (AAA) for plain text."""


@dataclass(frozen=True)
class Palette:
    """Colours for drawing, as #rrggbb.

    ``text``, ``quiet`` and ``faint`` are three grades of the foreground; ``accent`` is the hand's
    colour.
    """

    background: str
    text: str
    quiet: str
    faint: str
    accent: str
    first: str
    second: str
    good: str
    bad: str
    paper: str
    ink: str


def palette(colours: Mapping[str, str], dark: bool) -> Palette:
    """The palette of a theme with these colours, as #rrggbb.

    Needed are those from "background" to "error" in :data:`DARK`; the rest comes from them. What
    would be hard to read on the background is moved away from it.
    """
    background = colours["background"]
    pole = "#ffffff" if dark else "#000000"

    def readable(colour: str, least: float = LEAST_CONTRAST) -> str:
        return legible(colour, background, pole, least)

    foreground = readable(colours["foreground"], LEAST_CONTRAST_OF_TEXT)
    black, white = mix(background, "#000000", 0.45), mix(foreground, "#ffffff", 0.75)
    paper = black if dark else mix(background, "#ffffff", 0.8)
    ink = white if dark else mix(foreground, "#000000", 0.6)
    return Palette(
        background=background,
        text=foreground,
        quiet=readable(mix(background, foreground, 0.62)),
        faint=mix(background, foreground, 0.30),
        accent=readable(colours["accent"]),
        first=readable(colours.get("first-curve", colours["primary"])),
        second=readable(colours.get("second-curve", colours["success"])),
        good=readable(colours["success"]),
        bad=readable(colours["error"]),
        paper=colours.get("paper", paper),
        ink=colours.get("ink", ink),
    )
