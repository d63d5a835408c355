"""Pictures with a word below each: what a classifier took them for."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from mnist_engine.runs.pictures import BACKGROUND, GAP
from mnist_tui.export.pictures import ENLARGED, enlarged, save_png
from mnist_tui.render.digits import Digits

CAPTION_HEIGHT = 20
CAPTION_SIZE = 12
CAPTION = "#bebebe"
MISTAKE = "#ff7b72"

FRAME = 2
"""Pixels around a picture that the classifier got wrong."""


def save_captioned(digits: Digits, path: Path) -> None:
    """Write ``digits``, enlarged, with their captions, wrong ones in red; see ``write_picture``."""
    save_png(captioned(digits), path)


def captioned(digits: Digits) -> Image.Image:
    """``digits`` in their columns, as on a sheet."""
    count, height, width = digits.images.shape
    columns = min(digits.columns, count)
    gap = ENLARGED * GAP
    across, down = ENLARGED * width + gap, ENLARGED * height + CAPTION_HEIGHT
    size = columns * across + gap, -(-count // columns) * down + gap
    sheet = Image.new("RGB", size, (BACKGROUND,) * 3)
    pen, font = ImageDraw.Draw(sheet), ImageFont.truetype(_font_with_arrows(), CAPTION_SIZE)
    for number, image in enumerate(enlarged(digits.images)):
        left = gap + number % columns * across
        top = gap + number // columns * down
        sheet.paste(Image.fromarray(np.stack([image] * 3, axis=-1)), (left, top))
        right, bottom = left + image.shape[1], top + image.shape[0]
        colour = CAPTION
        if digits.wrong and digits.wrong[number]:
            colour = MISTAKE
            frame = (left - FRAME, top - FRAME, right + FRAME - 1, bottom + FRAME - 1)
            pen.rectangle(frame, outline=MISTAKE, width=FRAME)
        if digits.captions:
            middle = ((left + right) // 2, bottom + CAPTION_HEIGHT // 2)
            pen.text(middle, digits.captions[number], fill=colour, font=font, anchor="mm")
    return sheet


def _font_with_arrows() -> Path:
    """DejaVu, as Matplotlib brings it; the font that Pillow brings has no arrow."""
    import matplotlib

    return Path(matplotlib.get_data_path(), "fonts", "ttf", "DejaVuSans.ttf")
