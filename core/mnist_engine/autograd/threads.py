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
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from functools import cache
from typing import Any

from numpy.typing import NDArray
from threadpoolctl import ThreadpoolController  # type: ignore[import-untyped]

Work = Callable[[Any], object]

PART = 1 << 18
"""Numbers that stay in the cache between passes. With fewer, two threads wait for each other: they
take turns in the interpreter between any two calls of NumPy."""

ALL = slice(None)

WORTH_A_THREAD = 1 << 18
"""Numbers that take longer than it takes to wake a thread and wait for it."""

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
            other = _start(work, second)
            try:
                work(first)
            finally:
                other.result()
    finally:
        _halving.release()


def in_parts(work: Work, array: NDArray[Any]) -> None:
    """``work`` on slices of the first axis that cover ``array``, each of about PART numbers.

    A large array is shared by two threads. ``work`` gets ``...`` for an array without axes.
    """
    if array.size <= PART:
        work(ALL if array.ndim else ...)
        return
    step = max(1, PART * len(array) // array.size)

    def several(part: slice) -> None:
        for begin in range(part.start, part.stop, step):
            work(slice(begin, min(begin + step, part.stop)))

    if array.size < WORTH_A_THREAD:
        several(slice(0, len(array)))
    else:
        in_halves(several, len(array))


def _start(work: Work, part: slice) -> Future[object]:
    """``work(part)`` in the second thread, under the caller's settings (numpy.errstate is one)."""
    return _second_thread().submit(contextvars.copy_context().run, work, part)


@cache
def _second_thread() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(1, thread_name_prefix="second half")


@cache
def _libraries() -> list[Any]:
    """The BLAS libraries in this process."""
    controllers = ThreadpoolController().lib_controllers
    return [library for library in controllers if library.user_api == "blas"]


if hasattr(os, "register_at_fork"):  # a forked child has no second thread yet
    os.register_at_fork(after_in_child=_second_thread.cache_clear)
