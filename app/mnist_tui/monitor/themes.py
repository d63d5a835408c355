"""A dark and a light theme, and the few colours that our own drawing takes from any theme.

There is one accent colour, and it means the hand: keys that a person can press, marks that a person
left on a plot, whatever a person changed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from textual.color import Color
from textual.theme import Theme

from mnist_tui.render.cells import mix

DARK = Theme(
    name="mnist-dark",
    dark=True,
    primary="#6cb0ff",
    secondary="#7bd6a6",
    accent="#f2b45c",
    success="#7bd6a6",
    warning="#f2b45c",
    error="#ff7b72",
    foreground="#d7dce5",
    background="#12151c",
    surface="#171b24",
    panel="#1e2430",
    variables={
        "first-curve": "#6cb0ff",
        "second-curve": "#7bd6a6",
        "paper": "#0a0c10",
        "ink": "#f6f8fb",
        "frame": "#2f3747",
        "block-cursor-background": "#f2b45c",
        "block-cursor-foreground": "#12151c",
    },
)

LIGHT = Theme(
    name="mnist-light",
    dark=False,
    primary="#1f66c9",
    secondary="#1b8458",
    accent="#b35c00",
    success="#1b8458",
    warning="#b35c00",
    error="#c62f2f",
    foreground="#2a2f38",
    background="#faf8f3",
    surface="#f3f0e8",
    panel="#eae6db",
    variables={
        "first-curve": "#1f66c9",
        "second-curve": "#1b8458",
        "paper": "#fffefb",
        "ink": "#15181d",
        "frame": "#d3cdbf",
        "block-cursor-background": "#b35c00",
        "block-cursor-foreground": "#faf8f3",
    },
)

OWN_THEMES = (DARK, LIGHT)


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


def palette_of(variables: Mapping[str, str]) -> Palette:
    """The palette of a theme with these CSS variables, be it one of ours or not."""
    background = _hex(variables["background"], "#000000")
    foreground = _hex(variables["foreground"], "#ffffff")
    dark = Color.parse(background).brightness < 0.5

    def pick(name: str, fallback: str) -> str:
        return _hex(variables.get(name, ""), _hex(variables.get(fallback, ""), foreground))

    black, white = mix(background, "#000000", 0.45), mix(foreground, "#ffffff", 0.75)
    return Palette(
        background=background,
        text=foreground,
        quiet=mix(background, foreground, 0.62),
        faint=mix(background, foreground, 0.30),
        accent=pick("accent", "primary"),
        first=pick("first-curve", "primary"),
        second=pick("second-curve", "success"),
        good=pick("success", "primary"),
        bad=pick("error", "primary"),
        paper=_hex(variables.get("paper", ""), black if dark else mix(background, "#ffffff", 0.8)),
        ink=_hex(variables.get("ink", ""), white if dark else mix(foreground, "#000000", 0.6)),
    )


def _hex(colour: str, fallback: str) -> str:
    """A theme's colour as #rrggbb, where it has one: the terminal's own colours do not."""
    try:
        parsed = Color.parse(colour)
    except Exception:  # a variable such as "auto 87%" is no colour
        return fallback
    return fallback if parsed.ansi is not None else parsed.hex6.lower()
