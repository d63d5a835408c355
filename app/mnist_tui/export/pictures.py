"""The sample grids that a run has kept, and pictures as files."""

from __future__ import annotations

import io
import re
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from mnist_engine.errors import BadInput
from mnist_engine.runs.directory import RunDirectory
from mnist_tui.export.destination import write_picture
from mnist_tui.export.events import beginning_of

ENLARGED = 2
"""A pixel of a digit becomes so many in each direction: 28 are few on today's screens."""

NAME = re.compile(r"(epoch|step)-(\d+)")


class KeptGrid(NamedTuple):
    """A sample grid on disk: when it was drawn, in steps and in words."""

    step: int
    caption: str
    path: Path


def kept_grids(run: RunDirectory) -> list[KeptGrid]:
    """The sample grids of ``run``, oldest first; BadInput where it has none."""
    steps_per_epoch = beginning_of(run).steps_per_epoch
    grids = []
    for path in run.samples.glob("*.png"):
        if name := NAME.fullmatch(path.stem):
            number = int(name[2])
            step = number * steps_per_epoch if name[1] == "epoch" else number
            grids.append(KeptGrid(step, f"{name[1]} {number:,}", path))
    if not grids:
        raise BadInput(f"{run.samples}: holds no pictures; a run keeps them at the ends of epochs")
    return sorted(grids)


def save_picture(grid: NDArray[np.uint8], path: Path) -> None:
    """Write (height, width) bytes as a grey PNG, enlarged; see ``write_picture``."""
    save_png(Image.fromarray(enlarged(grid)), path)


def save_png(picture: Image.Image, path: Path) -> None:
    """Write ``picture`` as a PNG; see ``write_picture``."""
    content = io.BytesIO()
    picture.save(content, format="PNG", optimize=True)
    write_picture(path, content.getvalue())


def read_grid(path: Path) -> NDArray[np.uint8]:
    """The picture in a file, (height, width) bytes; BadInput where it is none."""
    try:
        with Image.open(path) as image:
            return np.array(image.convert("L"))
    except (OSError, SyntaxError, ValueError) as error:  # what Pillow raises for damaged files
        raise BadInput(f"{path}: is no picture, or a damaged one ({error})") from None


def enlarged(images: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Pictures (..., height, width) of larger pixels."""
    return images.repeat(ENLARGED, axis=-2).repeat(ENLARGED, axis=-1)
