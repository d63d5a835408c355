"""What viewers ask of the process that trains a run, by way of a file.

Each request is one line of JSON in ``control.jsonl``. Only what is asked while a process trains is
heard: a trainer starts to read where the file ends.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import BinaryIO

import msgspec

from mnist_engine.errors import BadInput, CannotRecord, reason_of
from mnist_engine.runs.directory import RunDirectory
from mnist_engine.runs.lock import is_locked
from mnist_engine.training.control import Control, Request
from mnist_engine.training.events import Event, Intervened, Resumed, Started

POLL_SECONDS = 0.1
"""A request waits so long at most until it is read."""

LONGEST_READ = 1 << 16
"""Bytes that are read at one look; a line that is longer is no request."""

LONGEST_SOURCE = 40
"""Letters of a source that get into the log."""


def ask(run: RunDirectory, request: Request) -> None:
    """Put ``request`` into the inbox of the process that trains ``run``.

    Raises CannotRecord where the inbox cannot be written to, and BadInput where no process trains
    the run.
    """
    try:
        # One write to the end of the file: two viewers never write into each other's lines.
        with run.control.open("ab+", buffering=0) as inbox:
            if not is_locked(run):
                raise BadInput(
                    f"{run.path}: no process trains this run, so nothing can be asked of it; go on "
                    f"with `mnist-tui resume {run.path}`"
                )
            torn = b"" if _ends_in_a_whole_line(inbox) else b"\n"
            inbox.write(torn + msgspec.json.encode(request) + b"\n")
    except OSError as error:
        raise CannotRecord(
            f"{run.control}: cannot be written ({reason_of(error)}), so nothing can be asked of "
            "this run"
        ) from error


class RemoteControl(Control):
    """Steers the process that trains ``run``; raises what :func:`ask` raises.

    What other viewers and the process's own keys ask is not seen here unless it is told with
    :meth:`see`.
    """

    def __init__(self, run: RunDirectory) -> None:
        super().__init__()
        self._run = run

    def see(self, event: Event) -> None:
        """Take in an event of the run: whoever paused it, the next toggle lets it go on."""
        with self._lock:
            match event:
                case Intervened(what="pause" | "resume" as what):
                    self._pause_wanted = what == "pause"
                case Started() | Resumed():
                    self._pause_wanted = self._stop_wanted = False

    def _hand_over(self, request: Request) -> None:
        ask(self._run, request)


@contextmanager
def listening(run: RunDirectory, control: Control) -> Iterator[None]:
    """While this is entered, what is asked through the inbox of ``run`` reaches ``control``.

    Lines that are no requests are skipped. A request comes from "viewer key" where a viewer's key
    asked it.
    """
    inbox = Inbox(run)
    left = threading.Event()

    def listen() -> None:
        while not left.wait(POLL_SECONDS):
            for request in inbox.requests():
                control.submit(request)

    thread = threading.Thread(target=listen, name="inbox", daemon=True)
    thread.start()
    try:
        yield
    finally:
        left.set()
        thread.join()


class Inbox:
    """The inbox of ``run`` as its trainer reads it, from where the file ends now."""

    def __init__(self, run: RunDirectory) -> None:
        self._path = run.control
        self._position = self._size()

    def requests(self) -> list[Request]:
        """What was asked since the last call, oldest first."""
        size = self._size()
        if size <= self._position:
            self._position = size  # somebody emptied it
            return []
        try:
            with self._path.open("rb") as file:
                file.seek(self._position)
                new = file.read(LONGEST_READ)
        except OSError:
            return []
        whole = new.rfind(b"\n") + 1
        if not whole and len(new) == LONGEST_READ:
            whole = len(new)
        self._position += whole
        read = (_request(line) for line in new[:whole].splitlines())
        return [request for request in read if request is not None]

    def _size(self) -> int:
        try:
            return self._path.stat().st_size
        except OSError:  # nobody has asked anything yet
            return 0


def _request(line: bytes) -> Request | None:
    """The request that ``line`` is; None where it is none."""
    with suppress(msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        request = msgspec.json.decode(line, type=Request)
        source = f"viewer {request.source}"[:LONGEST_SOURCE]
        if source.isprintable():  # whoever prints the log shall get no escape sequences
            return msgspec.structs.replace(request, source=source)
    return None


def _ends_in_a_whole_line(file: BinaryIO) -> bool:
    size = file.seek(0, 2)
    if not size:
        return True
    file.seek(size - 1)
    return file.read(1) == b"\n"
