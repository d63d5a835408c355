"""Whether a person was told that there is a tour: it is said once."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path


def first_time(environ: Mapping[str, str]) -> bool:
    """True the first time it is asked, False ever after; where that cannot be kept, False too."""
    folder = Path(environ.get("XDG_STATE_HOME") or "~/.local/state")
    with suppress(OSError, RuntimeError):  # no home, or none that can be written to
        mark = folder.expanduser() / "mnist-tui" / "tour-offered"
        mark.parent.mkdir(parents=True, exist_ok=True)
        mark.touch(exist_ok=False)
        return True
    return False
