"""A setting of a recipe as a person writes it, without the quotes."""

from __future__ import annotations

from typing import Any


def setting(value: Any) -> str:
    """The value of a key; "-" for None, a key that a recipe does not have."""
    if value is None:
        return "-"
    if isinstance(value, list):
        return ", ".join(map(setting, value))
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value:g}" if isinstance(value, float) else str(value)
