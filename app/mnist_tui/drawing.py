"""Drawings: a soft pen, and how they are brought into the form of MNIST's digits.

LeCun et al. (1998) fitted each digit into a box of 20 x 20 pixels, keeping its proportions, and
moved its centre of mass to the middle of 28 x 28: in their files that is row 14 and column 14,
counted from 0, to half a pixel. A network that has seen nothing else takes whatever is of another
size, or stands aside, for something it is not.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image

BOX = 20 / 28
"""The longer side of a digit, as a part of the image's."""

PEN = 1.6
"""Half the width of a line in pixels of 28 x 28: about what MNIST's lines have, once fitted."""


def draw_line(
    drawing: NDArray[np.uint8],
    begin: tuple[float, float],
    end: tuple[float, float],
    rubs_out: bool = False,
) -> None:
    """Draw on ``drawing`` (height, width) from one point to another, or rub out there.

    Points are (x, y) in pixels, whole numbers being their upper left corners. The line is soft: its
    edge goes from 255 to 0 over one pixel.
    """
    y, x = np.mgrid[: drawing.shape[0], : drawing.shape[1]] + 0.5
    along = np.array(end) - begin
    length = float(along @ along)
    share = (x - begin[0]) * along[0] + (y - begin[1]) * along[1]
    share = np.clip(share / length, 0, 1) if length else np.zeros_like(share)
    distance = np.hypot(x - begin[0] - share * along[0], y - begin[1] - share * along[1])
    ink = np.rint(255 * np.clip(PEN + 0.5 - distance, 0, 1)).astype(np.uint8)
    if rubs_out:
        np.minimum(drawing, 255 - ink, out=drawing)
    else:
        np.maximum(drawing, ink, out=drawing)


def centred(drawing: NDArray[np.uint8], shape: tuple[int, int]) -> NDArray[np.uint8]:
    """``drawing``, any size, as an image of ``shape`` (height, width) in MNIST's form.

    Black (0) where nothing was drawn. An empty drawing gives an empty image.
    """
    image = np.zeros(shape, np.uint8)
    rows, columns = (np.flatnonzero(drawing.any(axis=axis)) for axis in (1, 0))
    if not len(rows):
        return image
    ink = drawing[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    scale = BOX * min(shape) / max(ink.shape)
    height, width = (max(1, round(side * scale)) for side in ink.shape)
    fitted = np.asarray(
        Image.fromarray(ink).resize((width, height), Image.Resampling.BOX), np.uint8
    )
    mass = fitted.sum(dtype=np.float64)
    if not mass:
        return image
    middle = [
        float(fitted.sum(axis=1 - axis) @ np.arange(size)) / mass
        for axis, size in enumerate(fitted.shape)
    ]
    corner = [
        int(np.clip(round(size / 2 - centre), 0, size - side))
        for size, centre, side in zip(shape, middle, fitted.shape, strict=True)
    ]
    image[corner[0] : corner[0] + height, corner[1] : corner[1] + width] = fitted
    return image
