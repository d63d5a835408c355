"""The pictures of samples, and their grids as PNG files."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from mnist_engine.runs.directory import RunDirectory
from mnist_engine.training.events import SamplesDrawn

GAP = 2
"""Pixels between two pictures."""

BACKGROUND = 40
"""A dark grey, so that the edges of black pictures can be seen."""


def pictures_of(samples: SamplesDrawn) -> NDArray[np.uint8]:
    """The pictures that an event holds: (n, height, width) bytes, black (0) to white (255)."""
    images = np.frombuffer(samples.images, np.uint8)
    return images.reshape(samples.count, *samples.image_shape)


def grid_of(samples: SamplesDrawn) -> NDArray[np.uint8]:
    """The pictures side by side in ``samples.columns`` columns: (height, width) bytes."""
    grid = np.full(_grid_shape(samples), BACKGROUND, np.uint8)
    for place, image in zip(_places(samples), pictures_of(samples), strict=True):
        grid[place] = image
    return grid


def images_in(grid: NDArray[np.uint8], samples: SamplesDrawn) -> bytes:
    """The pictures in a grid that :func:`grid_of` made of ``samples``, as ``SamplesDrawn.images``.

    Raises ValueError where the grid has another size.
    """
    if grid.shape != _grid_shape(samples):
        raise ValueError(f"the grid is {grid.shape}; it must be {_grid_shape(samples)}")
    return b"".join(grid[place].tobytes() for place in _places(samples))


def save_grid(samples: SamplesDrawn, path: Path) -> None:
    """Write the grid as a grey PNG; OSError where the disk does not take it."""
    Image.fromarray(grid_of(samples)).save(path, compress_level=3)


def with_images(samples: SamplesDrawn, run: RunDirectory) -> SamplesDrawn:
    """The samples with the pictures that their file in ``run`` holds.

    As they are where they have pictures, or where the file is not there or damaged.
    """
    if samples.images or not samples.file:
        return samples
    height, width = _grid_shape(samples)
    try:
        # A log may be damaged too: no other folder is looked into.
        with Image.open(run.samples / Path(samples.file).name, formats=["PNG"]) as picture:
            if (picture.size, picture.mode) != ((width, height), "L"):
                return samples
            grid = np.asarray(picture)
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return samples
    return msgspec.structs.replace(samples, images=images_in(grid, samples))


def _layout(samples: SamplesDrawn) -> tuple[int, int]:
    """Rows and columns of the grid."""
    columns = max(min(samples.columns, samples.count), 1)
    return -(-samples.count // columns), columns


def _grid_shape(samples: SamplesDrawn) -> tuple[int, int]:
    """Height and width of the grid in pixels."""
    height, width = samples.image_shape
    rows, columns = _layout(samples)
    return rows * (height + GAP) + GAP, columns * (width + GAP) + GAP


def _places(samples: SamplesDrawn) -> Iterator[tuple[slice, slice]]:
    """Where each picture lies in the grid."""
    height, width = samples.image_shape
    _, columns = _layout(samples)
    for number in range(samples.count):
        top = GAP + number // columns * (height + GAP)
        left = GAP + number % columns * (width + GAP)
        yield slice(top, top + height), slice(left, left + width)
