"""How a message shows what a person wrote: short, on one line, with a guess at what was meant."""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Iterable
from typing import Any

LARGEST_INTEGER = 2**63 - 1
LONGEST_SHOWN = 60


def one_line(text: str) -> str:
    """``text`` with escapes for all that would break a line or steer a terminal."""
    return "".join(c if c.isprintable() else repr(c)[1:-1] for c in text)


def shortened(text: str, longest: int = LONGEST_SHOWN) -> str:
    """``text`` cut off after ``longest`` characters: the line has more to say."""
    return text if len(text) <= longest else f"{text[:longest]}..."


def shown(value: Any) -> str:
    """A value of a recipe, nearly as TOML writes it; of tables and lists only what they are."""
    if isinstance(value, dict):
        return "a table"
    if isinstance(value, list | tuple):
        return "a list"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int) and abs(value) > LARGEST_INTEGER:
        return f"beyond {LARGEST_INTEGER:.0e}"  # Python refuses to print the longest ones
    return shortened(repr(value) if isinstance(value, str) else str(value))


def key_at(path: str, key: str) -> str:
    """The dotted name of ``key`` in the table at ``path``, in quotes where TOML wants them."""
    bare = re.fullmatch(r"[A-Za-z0-9_-]+", key)
    name = shortened(key) if bare else json.dumps(shortened(key), ensure_ascii=False)
    return f"{path}.{name}" if path else name


def did_you_mean(given: str, allowed: Iterable[str]) -> str:
    """A question, with a space after it, where ``given`` is nearly one of ``allowed``; else ""."""
    close = difflib.get_close_matches(given, allowed, 1)
    return f"did you mean {close[0]}? " if close else ""
