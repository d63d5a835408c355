"""Arguments of layers: what they must be, and one clear line where they are not."""

from __future__ import annotations

import numpy as np

IntOrPair = int | tuple[int, int]
"""One number for the rows and one for the columns of images, or one for both."""


def whole(what: str, number: object, least: int = 1) -> int:
    """``number``, which ``what`` names in messages: "Linear: inputs".

    TypeError unless it is a whole number, ValueError unless it is at least ``least``.
    """
    if not isinstance(number, int | np.integer):
        raise TypeError(f"{what} is {number!r}; it must be a whole number")
    if number < least:
        raise ValueError(f"{what} is {number}; it must be at least {least}")
    return int(number)


def pair(what: str, numbers: object, least: int = 1) -> tuple[int, int]:
    """One number for the rows and one for the columns: twice the same where there is one.

    TypeError unless they are one whole number or two, ValueError unless at least ``least``.
    """
    if not isinstance(numbers, tuple | list):
        numbers = (numbers, numbers)
    if len(numbers) != 2:
        raise TypeError(f"{what} is {numbers!r}; it must be one whole number, or a pair of them")
    rows, columns = numbers
    return whole(what, rows, least), whole(what, columns, least)


def check_generator(layer: str, rng: np.random.Generator) -> None:
    """TypeError unless ``rng`` is a random generator; ``layer`` is whose argument it is."""
    if not isinstance(rng, np.random.Generator):
        raise TypeError(
            f"{layer}: rng is {rng!r}; give a random generator such as np.random.default_rng(seed)"
        )
