"""Where all randomness of a run comes from: one seed, one stream a purpose.

Streams that share nothing keep a change in one place (a larger sample grid, say) from moving all
others.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, get_args

import msgspec
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
    "pixel noise",
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


class StreamState(msgspec.Struct, frozen=True):
    """Where a stream stands: four numbers of 64 bits, and half a one that was drawn ahead."""

    numbers: tuple[int, int, int, int]
    has_half: bool
    half: int


def state_of(stream: np.random.Generator) -> StreamState:
    """Where ``stream`` stands now."""
    state = stream.bit_generator.state
    first, second, third, counter = (int(number) for number in state["state"]["state"])
    return StreamState(
        (first, second, third, counter), bool(state["has_uint32"]), int(state["uinteger"])
    )


def restore(stream: np.random.Generator, state: StreamState) -> None:
    """Let ``stream`` go on from ``state``. ValueError where that is no state of a stream."""
    sizes = [*((number, 64) for number in state.numbers), (state.half, 32)]
    if any(not 0 <= number < 1 << bits for number, bits in sizes):
        raise ValueError("the state of a random generator holds numbers out of range")
    stream.bit_generator.state = {
        "bit_generator": "SFC64",
        "state": {"state": np.array(state.numbers, np.uint64)},
        "has_uint32": int(state.has_half),
        "uinteger": state.half,
    }
