"""A terminal that may go away while the monitor runs."""

from __future__ import annotations

import sys
from typing import IO, TYPE_CHECKING, Any

from textual.driver import Driver


class LastingStream:
    """A text stream on which writing never fails.

    When a terminal is closed, Textual's writing thread dies of the first error, and the app then
    waits for it for ever with the weights unsaved. What nobody can see any more may as well be
    dropped.
    """

    def __init__(self, stream: IO[str]) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        """Write, if anybody is still there."""
        try:
            return self._stream.write(text)
        except OSError:
            return len(text)

    def flush(self) -> None:
        """Flush, if anybody is still there."""
        try:
            self._stream.flush()
        except OSError:
            return

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


if sys.platform != "win32" or TYPE_CHECKING:
    from textual.drivers.linux_driver import LinuxDriver

    class HangupDriver(LinuxDriver):
        """Textual's driver for POSIX terminals, able to outlive its terminal."""

        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, **kwargs)
            self._file: Any = LastingStream(self._file)


def outliving(driver: type[Driver]) -> type[Driver]:
    """The driver to use in place of ``driver``: another one only for POSIX terminals."""
    if sys.platform != "win32" and driver is LinuxDriver:
        return HangupDriver
    return driver
