"""``--to gif``: the digits of a run as they became digits."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from mnist_engine.errors import BadInput
from mnist_engine.recipes import ClassifierRecipe
from mnist_engine.runs.directory import RunDirectory
from mnist_engine.runs.pictures import BACKGROUND
from mnist_tui.export.destination import write_picture
from mnist_tui.export.pictures import ENLARGED, enlarged, kept_grids, read_grid
from mnist_tui.export.progress import progress
from mnist_tui.figures import counted

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
    write_picture(path, content.getvalue())
    return f"{counted(len(frames), 'frame')}, to {grids[-1].caption}"


def _frame(grid: NDArray[np.uint8], caption: str) -> Image.Image:
    """The grid above a line that tells when it was drawn."""
    greys = np.rint(np.rint(grid * ((GREYS - 1) / 255)) * (255 / (GREYS - 1))).astype(np.uint8)
    picture = Image.fromarray(enlarged(greys))
    frame = Image.new("L", (picture.width, picture.height + CAPTION_HEIGHT), BACKGROUND)
    frame.paste(picture)
    font = ImageFont.load_default(CAPTION_SIZE)
    middle = (picture.width // 2, picture.height + CAPTION_HEIGHT // 2 - ENLARGED)
    ImageDraw.Draw(frame).text(middle, caption, fill=CAPTION_GREY, font=font, anchor="mm")
    return frame
