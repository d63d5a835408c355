"""Files that are whole or not there, and are files."""

from __future__ import annotations

import os
from pathlib import Path

from mnist_engine.errors import BadInput

UNFINISHED = ".unfinished"
"""The end of a file's name until it is whole."""


def write_whole(path: Path, content: bytes) -> None:
    """Write ``content`` to ``path``; an older file stays until the new one is complete on disk.

    OSError where the disk does not take it; then nothing of it is left.
    """
    unfinished = path.with_name(path.name + UNFINISHED)
    try:
        with unfinished.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())  # else a power cut could leave the name without the content
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)  # half a file is of no use to anyone


def check_plain(path: Path) -> None:
    """BadInput where ``path`` is there and is no file: to read a pipe would wait for ever."""
    if path.exists() and not path.is_file():
        raise BadInput(f"{path}: cannot be read (it is no plain file); move it away")
