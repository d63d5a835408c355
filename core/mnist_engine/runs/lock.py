"""Of all processes, one trains a run: the one that holds its lock.

The lock is the operating system's, so it ends with its process, however that ends.
"""

from __future__ import annotations

import errno
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from filelock import FileLock, Timeout

from mnist_engine.errors import BadInput, CannotRecord, reason_of
from mnist_engine.runs.directory import RunDirectory

if sys.platform != "win32":
    import fcntl

PATIENCE = 0.5
"""Seconds to wait for the lock: whoever only asks whether it is held holds it for a moment."""


@contextmanager
def locked(run: RunDirectory) -> Iterator[None]:
    """While this is entered, no other process may train the run.

    Raises BadInput where one does, and CannotRecord where the directory takes no lock.
    """
    lock = _lock_of(run)
    try:
        lock.acquire(timeout=PATIENCE)
    except Timeout:
        raise BadInput(
            f"{run.path}: another process trains this run; watch it with "
            f"`mnist-tui watch {run.path}`"
        ) from None
    except OSError as error:
        cure = "; remove it" if run.lock.is_dir() else ""
        raise CannotRecord(f"{run.lock}: cannot be locked ({reason_of(error)}){cure}") from error
    try:
        yield
    finally:
        lock.release()


def is_locked(run: RunDirectory) -> bool:
    """Whether a living process trains the run, also one of another user or on a read-only disk."""
    if sys.platform == "win32":
        return run.lock.exists() and _cannot_be_had(_lock_of(run))
    try:
        with run.lock.open("rb") as file:
            # A shared lock needs no right to write, and many may ask at once.
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError as error:
        return error.errno == errno.ENOSYS and _cannot_be_had(_lock_of(run))
    return False


def _cannot_be_had(lock: FileLock) -> bool:
    try:
        lock.acquire(timeout=0)
    except Timeout:
        return True
    except OSError:  # a directory that nobody can write to is one that nobody trains in
        return False
    lock.release()
    return False


def _lock_of(run: RunDirectory) -> FileLock:
    # Any thread may let go of it: a training thread is ended by another one.
    return FileLock(run.lock, thread_local=False)
