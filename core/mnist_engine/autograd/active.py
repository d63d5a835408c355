"""Which tape is recording, in each thread."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mnist_engine.autograd.tape import GradientTape


class _Tapes(threading.local):
    def __init__(self) -> None:
        self.stack: list[GradientTape] = []


_tapes = _Tapes()


def tape() -> GradientTape | None:
    """The innermost tape that is active in this thread; it alone records."""
    stack = _tapes.stack
    return stack[-1] if stack else None


def push(entered: GradientTape) -> None:
    """Make ``entered`` the innermost tape."""
    _tapes.stack.append(entered)


def pop(entered: GradientTape) -> None:
    """Leave ``entered``, and with it what was entered after it and never left, by a Ctrl-C, say."""
    stack = _tapes.stack
    if entered in stack:
        while stack.pop() is not entered:
            pass
