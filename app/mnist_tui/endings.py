"""How the program ends: exit statuses, signals, and one line that says what was wrong."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import FrameType
from typing import NoReturn, TextIO

STOP_SIGNALS = tuple(
    getattr(signal, name)
    for name in ("SIGINT", "SIGTERM", "SIGHUP")
    if hasattr(signal, name)  # Windows has no SIGHUP
)
"""The signals that ask a program to end, in order."""


@contextmanager
def readable_errors(debug: bool) -> Iterator[None]:
    """One line on standard error and an exit status instead of a traceback.

    2 for bad input, 130 for Ctrl-C, 1 for anything else. With ``debug`` what is nobody's bad input
    is passed on as it is.
    """
    from mnist_engine.errors import BadInput, CannotRecord

    try:
        yield
        sys.stdout.flush()  # here, where a reader that left is still our business
    except BadInput as error:
        leave(2, str(error))
    except CannotRecord as error:
        leave(1, str(error))
    except KeyboardInterrupt:
        raise SystemExit(130) from None
    except BrokenPipeError:
        discard(sys.stdout)
        raise SystemExit(1) from None
    except Exception as error:
        if debug:
            raise
        text = " ".join(str(error).split()) or "no further word"
        leave(1, f"{type(error).__name__}: {text} (--debug shows where)")


def leave(status: int, message: str) -> NoReturn:
    """End the program with that status, and a line that says why."""
    from mnist_engine.recipes.words import one_line

    say(one_line(f"mnist-tui: {message}"), sys.stderr)
    raise SystemExit(status)


def say(message: str, stream: TextIO) -> None:
    """Print a line, if there still is a terminal: a window that was closed has taken it along."""
    try:
        print(message, file=stream, flush=True)
    except OSError:
        discard(stream)


@contextmanager
def on_signals(handle: Callable[[int, FrameType | None], None]) -> Iterator[None]:
    """While this is entered, ``handle`` is called on SIGINT, SIGTERM and SIGHUP.

    What is ignored (SIGHUP under nohup, SIGINT in the background of a script) stays so. The former
    handlers come back at the end. Signals reach Python's main thread only, so on any other thread
    this changes nothing.
    """
    former = {}
    if threading.current_thread() is threading.main_thread():
        for number in STOP_SIGNALS:
            if signal.getsignal(number) is not signal.SIG_IGN:
                former[number] = signal.signal(number, handle)
    try:
        yield
    finally:
        for number, handler in former.items():
            signal.signal(number, signal.SIG_DFL if handler is None else handler)


def discard(stream: TextIO) -> None:
    """Send what is left in a broken ``stream`` nowhere; Python's exit would trip over it."""
    with suppress(OSError, ValueError):  # not a file of the system: nothing to do
        descriptor = stream.fileno()
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, descriptor)
        os.close(nowhere)
