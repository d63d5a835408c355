"""Two threads where NumPy alone would use one. It exists for speed alone.

A product of matrices is spread over threads by the linear algebra that NumPy calls (BLAS), but a
copy, a sum or an activation runs in one. NumPy lets go of the interpreter lock in all of them, so a
second Python thread can take half of the work: :func:`in_halves`. Where several passes follow each
other over an array that is larger than a cache, they go over a small part of it first, and then
over the next: :func:`in_parts`.

Parts are cut in the same way whatever the number of threads, so that it never changes a bit.
"""

from __future__ import annotations

import contextvars
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from queue import SimpleQueue
from typing import Any

from numpy.typing import NDArray
from threadpoolctl import ThreadpoolController  # type: ignore[import-untyped]

Work = Callable[[Any], object]

PART = 1 << 16
"""Numbers that stay in a core's own cache between passes."""

LARGE = 1 << 18
"""Numbers from which a second thread pays, in spite of the time that it takes to wake."""

LARGE_PART = 1 << 18
"""Where two threads work, parts are larger, for they take turns in the interpreter after each."""

ALL = slice(None)

_halving = threading.Lock()


def thread_count() -> int:
    """Threads of the BLAS library that NumPy calls, 1 where it cannot be told."""
    return max((library.num_threads for library in _libraries()), default=1)


@contextmanager
def limit_threads(count: int | None) -> Iterator[None]:
    """While this is entered, at most ``count`` threads compute; None leaves it as it was."""
    before = [library.num_threads for library in _libraries()]
    for library in _libraries():
        if count is not None:
            library.set_num_threads(count)
    try:
        yield
    finally:
        for library, threads in zip(_libraries(), before, strict=True):
            library.set_num_threads(threads)


def in_halves(work: Work, count: int) -> None:
    """``work(slice(0, m))`` and ``work(slice(m, count))``, m half of ``count``, at the same time.

    BLAS has one thread for each of them meanwhile. Where only one thread may compute, or another
    caller has the second one, the halves come one after the other. What either raises is raised.
    """
    middle = count // 2
    first, second = slice(0, middle), slice(middle, count)
    if not middle or thread_count() < 2 or not _halving.acquire(blocking=False):
        for part in (first, second):
            if part.stop > part.start:
                work(part)
        return
    try:
        with limit_threads(1):
            other = _Task(work, second)
            try:
                _second_thread().put(other)
                work(first)
            except BaseException:
                _second_thread().put(other)  # Ctrl-C may have come before; it is done but once
                raise
            finally:
                other.wait()
    finally:
        _halving.release()


def in_parts(work: Work, array: NDArray[Any], shared: bool = True) -> None:
    """``work`` on slices of the first axis that cover ``array``, small enough for a cache.

    A large array is shared by two threads, unless ``shared`` is False: sums over an array do not
    gain by it. ``work`` gets ``...`` for an array without axes.
    """
    if array.size <= PART:
        work(ALL if array.ndim else ...)
        return
    large = shared and array.size >= LARGE
    step = max(1, (LARGE_PART if large else PART) * len(array) // array.size)

    def several(part: slice) -> None:
        for begin in range(part.start, part.stop, step):
            work(slice(begin, min(begin + step, part.stop)))

    if large:
        in_halves(several, len(array))
    else:
        several(slice(0, len(array)))


class _Task:
    """``work(part)`` for the second thread, under the caller's settings (numpy.errstate is one).

    Each task has a lock of its own, so that whatever interrupts a caller leaves nothing behind for
    the next one. A pool's futures take several times as long to tell that they are done.
    """

    def __init__(self, work: Work, part: slice) -> None:
        self._work, self._part = work, part
        self._context = contextvars.copy_context()
        self._error: BaseException | None = None
        self._is_done = False
        self._done = threading.Lock()
        self._done.acquire()

    def run(self) -> None:
        """Do it, once."""
        if self._is_done:
            return
        try:
            self._context.run(self._work, self._part)
        except BaseException as error:  # it belongs to whoever waits
            self._error = error
        self._is_done = True
        self._done.release()

    def wait(self) -> None:
        """Until it is done, come what may: it writes to arrays of the caller's. Raise its error."""
        interruption: KeyboardInterrupt | None = None
        while not self._is_done:
            try:
                self._done.acquire()
            except KeyboardInterrupt as error:
                interruption = error
        if interruption is not None:
            raise interruption
        if self._error is not None:
            raise self._error


@cache
def _second_thread() -> SimpleQueue[_Task]:
    """Where the second thread takes its tasks from."""
    tasks: SimpleQueue[_Task] = SimpleQueue()

    def serve() -> None:
        while True:
            tasks.get().run()

    threading.Thread(target=serve, name="second half", daemon=True).start()
    return tasks


@cache
def _libraries() -> list[Any]:
    """The BLAS libraries in this process."""
    controllers = ThreadpoolController().lib_controllers
    return [library for library in controllers if library.user_api == "blas"]


def _forget_second_thread() -> None:
    """A forked child has no second thread yet, and nobody in it has one under way."""
    global _halving
    _halving = threading.Lock()
    _second_thread.cache_clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_second_thread)
