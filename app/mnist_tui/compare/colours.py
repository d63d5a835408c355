"""A colour for each run, on dark and on light ground.

None of them is the accent, which means the hand. Whoever cannot tell them apart goes by the letters
at the ends of the curves.
"""

from __future__ import annotations

DARK = ("#6cb0ff", "#7bd6a6", "#ff8fa3", "#c3a0ff", "#e3dc7a", "#c3c9d4")
LIGHT = ("#1f66c9", "#187a51", "#c2255c", "#7b3fc4", "#7d7100", "#4a5160")


def run_colours(dark: bool) -> tuple[str, ...]:
    """The colours of a dark or a light theme, in the order of the runs."""
    return DARK if dark else LIGHT
