"""A dark and a light theme, and the few colours that our own drawing takes from any theme.

There is one accent colour, and it means the hand: keys that a person can press, marks that a person
left on a plot, whatever a person changed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from textual.color import Color
from textual.theme import BUILTIN_THEMES, Theme

from mnist_engine.errors import BadInput
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
    secondary="#187a51",
    accent="#a85400",
    success="#187a51",
    warning="#a85400",
    error="#c62f2f",
    foreground="#2a2f38",
    background="#faf8f3",
    surface="#f3f0e8",
    panel="#eae6db",
    variables={
        "first-curve": "#1f66c9",
        "second-curve": "#187a51",
        "paper": "#fffefb",
        "ink": "#15181d",
        "frame": "#d3cdbf",
        "block-cursor-background": "#a85400",
        "block-cursor-foreground": "#faf8f3",
    },
)

OWN_THEMES = (DARK, LIGHT)

DEFAULT_THEME = DARK.name


def known_theme(name: str | None) -> str:
    """``name``, or the theme that is ours by default for None; BadInput where there is no such."""
    if name is None:
        return DEFAULT_THEME
    known = [theme.name for theme in OWN_THEMES] + sorted(BUILTIN_THEMES)
    if name not in known:
        raise BadInput(f"--theme: there is no theme {name!r}; allowed: {', '.join(known)}")
    return name


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


def palette_of(variables: Mapping[str, str], dark: bool) -> Palette:
    """The palette of a dark or light theme with these CSS variables, be it one of ours or not.

    Where a theme leaves a colour to the terminal, our own theme's stands in.
    """
    own = DARK if dark else LIGHT
    background = _hex(variables["background"], own.background or "")
    foreground = _hex(variables["foreground"], own.foreground or "")
    accent = _hex(variables["accent"], own.accent or "")
    primary = _hex(variables["primary"], own.primary)
    success = _hex(variables["success"], own.success or "")
    black, white = mix(background, "#000000", 0.45), mix(foreground, "#ffffff", 0.75)
    paper = black if dark else mix(background, "#ffffff", 0.8)
    ink = white if dark else mix(foreground, "#000000", 0.6)
    return Palette(
        background=background,
        text=foreground,
        quiet=mix(background, foreground, 0.62),
        faint=mix(background, foreground, 0.30),
        accent=accent,
        first=_hex(variables.get("first-curve", ""), primary),
        second=_hex(variables.get("second-curve", ""), success),
        good=success,
        bad=_hex(variables["error"], own.error or ""),
        paper=_hex(variables.get("paper", ""), paper),
        ink=_hex(variables.get("ink", ""), ink),
    )


def _hex(colour: str, fallback: str) -> str:
    """A colour as #rrggbb, where it has such a value: the terminal's own colours do not."""
    if not colour:
        return fallback
    parsed = Color.parse(colour)
    return fallback if parsed.ansi is not None else parsed.hex6.lower()
