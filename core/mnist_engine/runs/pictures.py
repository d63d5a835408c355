"""Sample grids as PNG files."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from mnist_engine.training.events import SamplesDrawn

GAP = 2
"""Pixels between two pictures."""

BACKGROUND = 40
"""A dark grey, so that the edges of black pictures can be seen."""


def grid_of(samples: SamplesDrawn) -> NDArray[np.uint8]:
    """The pictures side by side in ``samples.columns`` columns: (height, width) bytes."""
    height, width = samples.image_shape
    images = np.frombuffer(samples.images, np.uint8).reshape(samples.count, height, width)
    columns = min(samples.columns, samples.count)
    rows = -(-samples.count // columns)
    grid = np.full(
        (rows * (height + GAP) + GAP, columns * (width + GAP) + GAP), BACKGROUND, np.uint8
    )
    for number, image in enumerate(images):
        top = GAP + number // columns * (height + GAP)
        left = GAP + number % columns * (width + GAP)
        grid[top : top + height, left : left + width] = image
    return grid


def save_grid(samples: SamplesDrawn, path: Path) -> None:
    """Write the grid as a grey PNG; OSError where the disk does not take it."""
    Image.fromarray(grid_of(samples)).save(path, compress_level=3)
