"""Words for terminals that know plain characters only."""

from __future__ import annotations

from mnist_tui.terminal import RenderMode

PLAIN = str.maketrans({"×": "x", "→": ">", "·": "-", "…": "...", "’": "'", "✓": "+", "✗": "-"})


def spelled(text: str, mode: RenderMode) -> str:
    """``text`` in characters that the terminal has; those without a plain spelling become "?"."""
    if mode.unicode:
        return text
    return text.translate(PLAIN).encode("ascii", "replace").decode()
