"""A terminal that may go away while the monitor runs."""

from __future__ import annotations

import os
import shutil
import signal
import sys
from typing import IO, TYPE_CHECKING, Any

from textual.app import App
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
        """Textual's driver for POSIX terminals, able to outlive its terminal.

        It draws on the app's own stream to the terminal, where the app has one: standard error may
        be for others then.
        """

        def __init__(self, app: App[Any], **settings: Any) -> None:
            super().__init__(app, **settings)
            self._file: Any = getattr(app, "terminal", None) or LastingStream(self._file)

        @property
        def _is_up(self) -> bool:
            """Whether there is a screen to leave: weights may be saved when there is none more."""
            return self._app.is_running and self._writer_thread is not None

        def _sigtstp_application(self, *_: Any) -> None:
            if self._is_up:
                super()._sigtstp_application()
            else:
                os.kill(os.getpid(), signal.SIGSTOP)

        def _sigcont_application(self, *_: Any) -> None:
            if not self._is_up:
                return
            if not self._must_signal_resume:
                # Nobody hears a SIGSTOP: the screen is still up, and beginning it once more would
                # make two threads share the keys, and take the terminal's modes for the shell's.
                self.suspend_application_mode()
                self._must_signal_resume = True
            super()._sigcont_application()

        def _get_terminal_size(self) -> tuple[int, int]:
            # Textual asks standard output, which may be no terminal, and then knows no better.
            try:
                size = os.get_terminal_size(self._file.fileno())
            except (OSError, ValueError):
                return super()._get_terminal_size()
            return shutil.get_terminal_size(size)


def outliving(driver: type[Driver]) -> type[Driver]:
    """The driver to use in place of ``driver``: another one only for POSIX terminals."""
    if sys.platform != "win32" and driver is LinuxDriver:
        return HangupDriver
    return driver
