"""Two dark themes and a light one, and what our own drawing takes from any theme of Textual."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from textual.color import Color
from textual.theme import BUILTIN_THEMES, Theme

from mnist_engine.errors import BadInput
from mnist_tui.render import palette
from mnist_tui.render.palette import Palette


def _theme(
    name: str, colours: Mapping[str, str], dark: bool, surface: str, panel: str, frame: str
) -> Theme:
    """A theme of Textual with our ``colours``, and with those that only its style sheets name."""
    return Theme(
        name=name,
        dark=dark,
        primary=colours["primary"],
        secondary=colours["success"],
        accent=colours["accent"],
        success=colours["success"],
        warning=colours["accent"],
        error=colours["error"],
        foreground=colours["foreground"],
        background=colours["background"],
        surface=surface,
        panel=panel,
        variables={
            **{name: colours[name] for name in ("first-curve", "second-curve", "paper", "ink")},
            "frame": frame,
            "block-cursor-background": colours["accent"],
            "block-cursor-foreground": colours["background"],
        },
    )


DARK = _theme("mnist-dark", palette.DARK, True, "#171b24", "#1e2430", "#343a45")
LIGHT = _theme("mnist-light", palette.LIGHT, False, "#f3f0e8", "#eae6db", "#d3cdbf")
COLOUR_BLIND = _theme(
    "mnist-colour-blind", palette.COLOUR_BLIND, True, "#171b24", "#1e2430", "#343a45"
)

NEEDED = ("background", "foreground", "accent", "primary", "success", "error")
TAKEN = (*NEEDED, "first-curve", "second-curve", "paper", "ink")
"""CSS variables from which a palette is made; the first are those that every theme has."""

OWN_THEMES = (DARK, LIGHT, COLOUR_BLIND)

DEFAULT_THEME = DARK.name


def known_theme(name: str | None) -> str:
    """``name``, or the theme that is ours by default for None; BadInput where there is no such."""
    if name is None:
        return DEFAULT_THEME
    known = [theme.name for theme in OWN_THEMES] + sorted(BUILTIN_THEMES)
    if name not in known:
        raise BadInput(f"--theme: there is no theme {name!r}; allowed: {', '.join(known)}")
    return name


def palette_of(variables: Mapping[str, str], dark: bool) -> Palette:
    """The palette of a dark or light theme with these CSS variables, be it one of ours or not.

    Where a theme leaves a colour to the terminal, our own theme's stands in.
    """
    return _palette(tuple(variables.get(name, "") for name in TAKEN), dark)


@lru_cache  # each drawing asks for it several times
def _palette(taken: tuple[str, ...], dark: bool) -> Palette:
    own = palette.DARK if dark else palette.LIGHT
    colours = {name: _hex(colour) for name, colour in zip(TAKEN, taken, strict=True)}
    given = {name: colour for name, colour in colours.items() if colour}
    return palette.palette({name: own[name] for name in NEEDED} | given, dark)


def _hex(colour: str) -> str:
    """A colour as #rrggbb; empty where it has no such value: the terminal's own colours do not."""
    if not colour:
        return ""
    parsed = Color.parse(colour)
    return "" if parsed.ansi is not None else parsed.hex6.lower()
