"""What an observer remembers, in numbers, lists and dictionaries that JSON can hold."""

from __future__ import annotations

import math
from collections import defaultdict, deque
from collections.abc import Mapping
from typing import Any


def memory_of(thing: Any) -> Any:
    """The attributes of ``thing``, or what it holds; None for a number that JSON does not know."""
    match thing:
        case float():
            return thing if math.isfinite(thing) else None
        case None | bool() | int() | str():
            return thing
        case Mapping():
            return {key: memory_of(value) for key, value in thing.items()}
        case list() | tuple() | deque():
            return [memory_of(value) for value in thing]
    return memory_of(vars(thing))


def recall(thing: Any, memory: Any) -> Any:
    """``thing``, made anew, with what :func:`memory_of` found in another of its kind.

    Where that had None ``thing`` stays as it is. Of what a dictionary holds only a defaultdict
    knows the kind; it is plain numbers and lists in all others. Raises TypeError, AttributeError or
    ValueError where the memory is that of something else.
    """
    match thing:
        case _ if memory is None:
            return thing
        case None | bool() | int() | float() | str():
            return memory
        case defaultdict():
            for key, value in memory.items():
                thing[key] = recall(thing[key], value)
        case dict():
            thing.update(memory)
        case list() | deque():
            thing.extend(memory)
        case tuple():
            for each, value in zip(thing, memory, strict=True):
                recall(each, value)
        case _:
            for name, value in memory.items():
                setattr(thing, name, recall(getattr(thing, name), value))
    return thing
