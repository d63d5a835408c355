"""Memory that is used again. It exists for speed alone.

A training step repeats the same operations on the same shapes. Fresh memory for each result costs
page faults and cache misses that are comparable to the arithmetic itself, so a tape that is entered
again hands its i-th request the array that it handed out i-th the time before.
"""

from __future__ import annotations

import threading
from collections.abc import Hashable
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray


class Buffers:
    """Arrays in the order in which a pass asks for them.

    Each request comes with a ``key`` that decides shape and dtype. Where the i-th key differs from
    that of the pass before (the last batch of an epoch is shorter), the array is simply not used
    again.
    """

    def __init__(self) -> None:
        self._slots: list[tuple[Hashable, NDArray[Any]] | None] = []
        self._next = 0

    def rewind(self) -> None:
        """Begin a new pass."""
        self._next = 0

    def take(self, key: Hashable) -> tuple[int, NDArray[Any] | None]:
        """The number of this request, and its array; None where there is none yet.

        Then :meth:`keep` a new one under that number.
        """
        number = self._next
        self._next = number + 1
        if number == len(self._slots):
            self._slots.append(None)
            return number, None
        slot = self._slots[number]
        return number, slot[1] if slot is not None and slot[0] == key else None

    def keep(self, number: int, key: Hashable, array: NDArray[Any]) -> None:
        """Remember ``array`` as the answer to request ``number`` of each pass."""
        self._slots[number] = (key, array)


class _Memory(threading.local):
    def __init__(self) -> None:
        self.arrays: dict[Hashable, NDArray[Any]] = {}


_memory = _Memory()


def scratch(key: Hashable, shape: tuple[int, ...], dtype: DTypeLike) -> NDArray[Any]:
    """Working memory inside one operation, this thread's own: the same for the same ``key``.

    It holds what was left there under this key, shape (but for the first extent) and dtype, and is
    all 0 when it is new.
    """
    full_key = (key, shape[1:], dtype)
    array = _memory.arrays.get(full_key)
    if array is None or len(array) < shape[0]:
        array = np.zeros(shape, dtype)
        _memory.arrays[full_key] = array
    return array[: shape[0]]
