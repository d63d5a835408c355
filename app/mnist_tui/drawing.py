"""Drawings brought into the form of MNIST's digits.

LeCun et al. (1998) fitted each digit into a box of 20 x 20 pixels, keeping its proportions, and
moved its centre of mass to the middle of 28 x 28. A network that has seen nothing else takes
whatever is of another size, or stands aside, for something it is not.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image

BOX = 20 / 28
"""The longer side of a digit, as a part of the image's."""


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
        int(np.clip(round((size - 1) / 2 - centre), 0, size - side))
        for size, centre, side in zip(shape, middle, fitted.shape, strict=True)
    ]
    image[corner[0] : corner[0] + height, corner[1] : corner[1] + width] = fitted
    return image
