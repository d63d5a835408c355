"""The program in a pseudo-terminal that takes all it draws, at next to no cost of its own."""

from __future__ import annotations

import os
import re
import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pexpect

PROGRAM = ["-m", "mnist_tui.cli"]
COLUMNS, LINES = 120, 36
DEADLINE = 120.0
"""Seconds within which whatever is waited for must be there."""

MOST_SEEN = 1_000_000
"""Bytes of what was drawn that are kept: a first picture and more."""

_SEQUENCE = re.compile(rb"\x1b\[[0-9;?]*[A-Za-z]")


class InTerminal:
    """``mnist-tui`` with ``arguments`` in ``folder``, from the moment it shows ``shown``."""

    def __init__(
        self, folder: Path, *arguments: str, threads: int = 1, shown: str = "steps/s"
    ) -> None:
        self._cpu_seconds = 0.0
        self._looked_on = 0.0
        self._seen = b""
        self._shown = shown
        self._left = threading.Event()
        self._drawn = threading.Condition()
        limits = {f"{name}_NUM_THREADS": str(threads) for name in ("OPENBLAS", "OMP", "MKL")}
        self.program = pexpect.spawn(
            sys.executable,
            [*PROGRAM, *arguments],
            cwd=folder,
            env={
                **os.environ,
                **limits,
                "TERM": "xterm-256color",
                "COLORTERM": "truecolor",
                "COLUMNS": str(COLUMNS),  # who starts this may have others in the environment
                "LINES": str(LINES),
                "XDG_STATE_HOME": str(folder),
            },
            dimensions=(LINES, COLUMNS),
        )
        self.program.delaybeforesend = None
        self._reader = threading.Thread(target=self._read, daemon=True)

    def __enter__(self) -> InTerminal:
        self._reader.start()
        if self._wait_for(self._shown) is None:
            self.__exit__()
            raise SystemExit(f"{self._shown!r} is never shown")
        return self

    def __exit__(self, *_: object) -> None:
        self._left.set()
        self.program.kill(signal.SIGKILL)
        self._reader.join()
        self.program.close(force=True)

    def press(self, key: str, effect: str = "") -> float | None:
        """Seconds from a key to the moment ``effect`` is drawn; None where it never is."""
        with self._drawn:
            self._seen = b""
        begin = time.perf_counter()
        self.program.send(key)
        if not effect:
            return None
        end = self._wait_for(effect)
        return None if end is None else end - begin

    @contextmanager
    def held(self, held: bool) -> Iterator[None]:
        """While this is entered the program stands still, or looks on."""
        self.program.kill(signal.SIGSTOP if held else signal.SIGCONT)
        begin, cpu_seconds = time.monotonic(), self._used()
        yield
        if not held:
            self._looked_on += time.monotonic() - begin
            self._cpu_seconds += self._used() - cpu_seconds

    @property
    def share(self) -> float | None:
        """Of one core, while it was not held; None where the system does not tell."""
        return self._cpu_seconds / self._looked_on if self._cpu_seconds else None

    @property
    def resident(self) -> int:
        """Bytes of memory that it has now (Linux)."""
        status = Path(f"/proc/{self.program.pid}/status").read_text()
        return 1024 * int(next(iter(re.findall(r"VmRSS:\s+(\d+) kB", status))))

    def _used(self) -> float:
        """Seconds of processor time so far; 0 where the system does not tell."""
        stat = Path(f"/proc/{self.program.pid}/stat")
        if not stat.exists():
            return 0.0
        user, system = stat.read_text().rpartition(")")[2].split()[11:13]
        return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")

    def _wait_for(self, words: str) -> float | None:
        """When they were drawn; None where they are not in time."""
        wanted, end = words.encode(), time.monotonic() + DEADLINE
        with self._drawn:
            while self._reader.is_alive() and (left := end - time.monotonic()) > 0:
                if wanted in _SEQUENCE.sub(b"", self._seen):
                    return self._newest
                self._drawn.wait(min(left, 1.0))
        return None

    def _read(self) -> None:
        while not self._left.is_set():
            try:
                drawn = self.program.read_nonblocking(1 << 16, 0.5)
            except pexpect.TIMEOUT:
                continue
            except pexpect.EOF:
                return
            with self._drawn:
                self._newest = time.perf_counter()
                self._seen = (self._seen + drawn)[-MOST_SEEN:]
                self._drawn.notify_all()
