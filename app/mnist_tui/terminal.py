"""What this terminal can show, told from its environment alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

_MANY_COLOUR_TERMS = {"256color", "kitty", "direct"}

_FEW_GLYPHS_TERMS = {"linux", "vt100", "vt102", "vt220"}
"""The console of Linux has a font of 512 glyphs at most, and no braille among them."""


@dataclass(frozen=True)
class RenderMode:
    """How pictures are drawn.

    ``unicode``: block, box and braille characters come out right. ``colour``: colours can carry
    meaning. ``shades``: there are at least 256 colours, and with them enough greys for half-block
    pictures. ``tints``: colours are 24 bits deep, so that a faint tint stays faint.
    """

    unicode: bool = True
    colour: bool = True
    shades: bool = True
    tints: bool = True

    @property
    def half_blocks(self) -> bool:
        """Whether a picture is two coloured pixels a cell; otherwise it is a ramp of characters."""
        return self.unicode and self.shades

    @property
    def ellipsis(self) -> str:
        """What stands for text that was cut off."""
        return "…" if self.unicode else "..."


class Stream(Protocol):
    """As much of a text stream as is asked here."""

    @property
    def encoding(self) -> str | None:
        """Name of the text encoding."""

    def isatty(self) -> bool:
        """Whether a terminal is at the other end."""


def render_mode(
    environ: Mapping[str, str], encoding: str | None, ascii_only: bool = False
) -> RenderMode:
    """The best way to draw on a terminal with this environment and output encoding.

    ``ascii_only`` (the flag --ascii) forces pictures of plain characters; colours stay.
    """
    colour = not environ.get("NO_COLOR")
    term = environ.get("TERM", "")
    # These are the signs that Rich goes by; more shades than it sends would be lost.
    deep_colours = environ.get("COLORTERM", "").lower() in ("truecolor", "24bit")
    many_colours = (
        deep_colours or term.rpartition("-")[2] in _MANY_COLOUR_TERMS or "WT_SESSION" in environ
    )
    return RenderMode(
        unicode=not ascii_only
        and term not in _FEW_GLYPHS_TERMS
        and _is_utf8(encoding)
        and not _locale_is_ascii(environ),
        colour=colour,
        shades=colour and many_colours and not ascii_only,
        tints=colour and deep_colours and not ascii_only,
    )


def why_no_ui(environ: Mapping[str, str], stdin: Stream, stderr: Stream) -> str | None:
    """One line on why a full-screen program cannot run here; None where it can.

    It reads keys from standard input and draws on standard error.
    """
    if not stdin.isatty():
        return "standard input is not a terminal"
    if not stderr.isatty():
        return "standard error is not a terminal"
    if environ.get("TERM") == "dumb":
        return "TERM is dumb: this terminal cannot place the cursor"
    if not _is_utf8(stderr.encoding):
        return f"the output encoding is {stderr.encoding}; it must be UTF-8 (set PYTHONUTF8=1)"
    return None


def _is_utf8(encoding: str | None) -> bool:
    return (encoding or "").lower().replace("-", "").replace("_", "") in ("utf8", "utf8sig")


def _locale_is_ascii(environ: Mapping[str, str]) -> bool:
    # Python writes UTF-8 under the C locale too, but whoever set it asked for plain characters.
    for name in ("LC_ALL", "LC_CTYPE", "LANG"):
        if value := environ.get(name):
            return value in ("C", "POSIX")
    return False
