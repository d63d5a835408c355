"""Where all randomness of a run comes from: one seed, one stream a purpose.

Streams that share nothing keep a change in one place (a larger sample grid, say) from moving all
others.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, get_args

import numpy as np

Purpose = Literal[
    "weights",
    "order",
    "noise",
    "labels",
    "dropout",
    "samples",
    "evaluation",
    "penalty",
    "shift",
    "measures",
]
PURPOSES: tuple[Purpose, ...] = get_args(Purpose)
"""A purpose is told by its number: new ones come last, so that the streams of the others stay."""


def streams(
    seed: int, purposes: Iterable[Purpose] = PURPOSES
) -> dict[Purpose, np.random.Generator]:
    """An independent generator for each purpose; the same seed gives the same numbers."""
    return {
        purpose: np.random.Generator(np.random.SFC64([seed, PURPOSES.index(purpose)]))
        for purpose in purposes
    }


def at_step(seed: int, purpose: Purpose, step: int) -> np.random.Generator:
    """A generator for one moment of a run, whatever was drawn before it."""
    return np.random.Generator(np.random.SFC64([seed, PURPOSES.index(purpose), step]))
