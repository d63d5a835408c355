"""What the first layer looks for, in words."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

LONGEST = 5
"""Units that are told by what they look for."""

SURE = 4.0
"""Standard errors by which the mean weight of a place must differ from 0 to be told of.

Chosen: of nine places with weights that are mere chance one is that far off in 1,800 units.
"""

IDLE = 0.1
"""A unit whose weights have less than this share of the median length hardly looks at all."""

PLACES = (
    ("top left", "top", "top right"),
    ("left", "the middle", "right"),
    ("bottom left", "bottom", "bottom right"),
)


def first_layer(weights: NDArray[np.float32], network: str) -> Iterator[str]:
    """``weights`` (units, height, width), signed, the longest first."""
    if not np.isfinite(weights).all():
        yield f"first layer of the {network}: its weights are not all finite."
        return
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
    sought: dict[str, list[int]] = defaultdict(list)  # by what they look for
    for number, unit in enumerate(weights[:LONGEST], 1):
        sought[_wish(place_of(unit), place_of(-unit))].append(number)
    for wish, numbers in sought.items():
        one, told = len(numbers) == 1, ", ".join(map(str, numbers))
        yield f"{'unit' if one else 'units'} {told} by length: look{'s' * one} for {wish}."


def _wish(ink: str, none: str) -> str:
    if ink and none:
        return f"ink at {ink} and for none at {none}"
    if ink or none:
        return f"ink at {ink}" if ink else f"no ink at {none}"
    return "strokes, at no place more than at others"


def place_of(picture: NDArray[np.float32]) -> str:
    """Where of nine places a picture (height, width) is most positive on the whole.

    Empty where none is surely so: strokes of both signs beside each other are no place.
    """
    parts = [
        (part, place)
        for band, places in zip(np.array_split(picture, len(PLACES), axis=0), PLACES, strict=True)
        for part, place in zip(np.array_split(band, len(PLACES), axis=1), places, strict=True)
    ]
    part, place = max(parts, key=lambda one: float(one[0].mean()))
    error = float(part.std()) / math.sqrt(part.size)
    return place if float(part.mean()) > SURE * error else ""
