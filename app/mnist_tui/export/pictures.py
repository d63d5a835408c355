"""``--to png`` and ``--to gif``: the sample grids that a run has kept."""

from __future__ import annotations

import io
import re
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from mnist_engine.errors import BadInput
from mnist_engine.files import write_whole
from mnist_engine.recipes import ClassifierRecipe
from mnist_engine.runs.directory import RunDirectory
from mnist_engine.runs.pictures import BACKGROUND
from mnist_tui.export.destination import make_folder, writing
from mnist_tui.export.events import beginning_of
from mnist_tui.export.progress import progress

ENLARGED = 2
"""A pixel of a digit becomes so many in each direction: 28 are few on today's screens."""

MOST_FRAMES = 150
"""Of longer runs frames are left out, evenly."""

ANIMATION_MILLISECONDS = 12_000
SHORTEST_MILLISECONDS, LONGEST_MILLISECONDS = 60, 400
HELD_MILLISECONDS = 3000
"""The whole lasts about so long, a frame between these, and the last one more."""

GREYS = 32
"""More are not told apart, and make the file twice as long."""

CAPTION_HEIGHT = 26
CAPTION_SIZE = 15
CAPTION_GREY = 190

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


def write_last_grid(run: RunDirectory, path: Path) -> str:
    """Write the newest grid of ``run``, enlarged; which it is, in words."""
    newest = kept_grids(run)[-1]
    save_picture(read_grid(newest.path), path)
    return f"the digits after {newest.caption}"


def write_animation(run: RunDirectory, path: Path) -> str:
    """Write a GIF of all grids of ``run``, in the order of their steps; what it shows, in words.

    BadInput for a classifier's run: it is shown the same digits all the time.
    """
    if isinstance(run.read_recipe(), ClassifierRecipe):
        raise BadInput(
            f"{run.path}: is a classifier's run, whose digits stay the same; "
            "export one of a GAN, or this one --to report"
        )
    grids = kept_grids(run)
    chosen = np.unique(np.linspace(0, len(grids) - 1, MOST_FRAMES).round().astype(int)).tolist()
    frames = []
    with progress("drawing frames", len(chosen)) as advance:
        for number in chosen:
            frames.append(_frame(read_grid(grids[number].path), grids[number].caption))
            advance(1)
    each = ANIMATION_MILLISECONDS // len(frames)
    each = min(max(each, SHORTEST_MILLISECONDS), LONGEST_MILLISECONDS)
    content = io.BytesIO()
    frames[0].save(
        content,
        format="GIF",
        save_all=True,
        append_images=frames[1:],
        duration=[each] * (len(frames) - 1) + [HELD_MILLISECONDS],
        loop=0,
    )
    _write(path, content)
    count = "1 frame" if len(frames) == 1 else f"{len(frames)} frames"
    return f"{count}, to {grids[-1].caption}"


def save_picture(grid: NDArray[np.uint8], path: Path) -> None:
    """Write (height, width) bytes as a grey PNG, enlarged; CannotRecord where that fails."""
    content = io.BytesIO()
    Image.fromarray(_enlarged(grid)).save(content, format="PNG", optimize=True)
    _write(path, content)


def _write(path: Path, content: io.BytesIO) -> None:
    make_folder(path.parent)
    with writing(path):
        write_whole(path, content.getvalue())


def read_grid(path: Path) -> NDArray[np.uint8]:
    """The picture in a file, (height, width) bytes; BadInput where it is none."""
    try:
        with Image.open(path) as image:
            return np.array(image.convert("L"))
    except (OSError, SyntaxError, ValueError) as error:  # what Pillow raises for damaged files
        raise BadInput(f"{path}: is no picture, or a damaged one ({error})") from None


def _enlarged(grid: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return grid.repeat(ENLARGED, axis=0).repeat(ENLARGED, axis=1)


def _frame(grid: NDArray[np.uint8], caption: str) -> Image.Image:
    """The grid above a line that tells when it was drawn."""
    greys = np.rint(np.rint(grid * ((GREYS - 1) / 255)) * (255 / (GREYS - 1))).astype(np.uint8)
    picture = Image.fromarray(_enlarged(greys))
    frame = Image.new("L", (picture.width, picture.height + CAPTION_HEIGHT), BACKGROUND)
    frame.paste(picture)
    font = ImageFont.load_default(CAPTION_SIZE)
    middle = (picture.width // 2, picture.height + CAPTION_HEIGHT // 2 - ENLARGED)
    ImageDraw.Draw(frame).text(middle, caption, fill=CAPTION_GREY, font=font, anchor="mm")
    return frame
