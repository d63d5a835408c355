"""What a screen knows beside the run itself: what a person chose, asked for, and is told."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Standing:
    """``turned`` are the networks that the keys turn, none meaning all of them.

    ``asked`` is what was asked of the trainer and has not happened yet ("pausing", "saving"), and
    ``failure`` why training broke off; both are empty otherwise. ``ended`` tells that nothing more
    comes.
    """

    run_directory: Path
    title: str = ""
    turned: tuple[str, ...] = ()
    asked: str = ""
    failure: str = ""
    ended: bool = False
