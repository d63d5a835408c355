"""What the first layer looks for, in words."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

LONGEST = 5
"""Units that are told one by one."""

IDLE = 0.1
"""A unit whose weights have less than this share of the median length hardly looks at all."""

PLACES = (
    ("top left", "top", "top right"),
    ("left", "the middle", "right"),
    ("bottom left", "bottom", "bottom right"),
)


def first_layer(weights: NDArray[np.float32], network: str) -> Iterator[str]:
    """``weights`` (units, height, width), signed, the longest first."""
    lengths = np.sqrt(np.square(weights).sum(axis=(1, 2)))
    median = float(np.median(lengths))
    idle = int((lengths < IDLE * median).sum())
    yield (
        f"first layer of the {network}: {len(weights):,} units, weights of length "
        f"{lengths.min():.2g} to {lengths.max():.2g}, median {median:.2g}; {idle} idle, "
        f"below {IDLE:.0%} of that."
    )
    if min(weights.shape[1:]) < len(PLACES):
        return  # a kernel this small has no places
    for number, unit in enumerate(weights[:LONGEST], 1):
        ink, none = place_of(unit), place_of(-unit)
        yield f"unit {number} by length: looks for ink at {ink} and for none at {none}."


def place_of(picture: NDArray[np.float32]) -> str:
    """Where of nine places the positive part of a picture (height, width) is strongest."""
    positive = np.maximum(picture, 0)
    thirds = [
        [float(part.mean()) for part in np.array_split(band, len(PLACES), axis=1)]
        for band in np.array_split(positive, len(PLACES), axis=0)
    ]
    row, column = divmod(int(np.argmax(thirds)), len(PLACES))
    return PLACES[row][column]
