"""The entry point of the installed command.

The commands and their options are in ``command_line``. Everything heavy is imported where it is
needed, so that ``--help`` answers at once, ``--no-ui`` never loads Textual, and a signal finds its
handler in place from the first moment.
"""

from __future__ import annotations

import os
import sys
from types import FrameType
from typing import NoReturn

from mnist_tui.endings import discard, leave, on_signals


def main() -> NoReturn:
    """The entry point of the installed command."""
    _open_missing_streams()
    with on_signals(_exit_with_signal):
        from mnist_tui.command_line import app

        try:
            try:
                app()
            finally:
                sys.stdout.flush()  # what Typer itself has written, such as help
        except BrokenPipeError:
            discard(sys.stdout)
            raise SystemExit(1) from None
        except OSError as error:
            from mnist_engine.errors import reason_of

            if "--debug" in sys.argv:
                raise
            discard(sys.stdout)
            leave(1, f"standard output: cannot be written ({reason_of(error)})")
    raise SystemExit(0)


def _exit_with_signal(number: int, _frame: FrameType | None) -> NoReturn:
    """For the time of imports; training brings handlers that save first."""
    raise SystemExit(128 + number)


def _open_missing_streams() -> None:
    """A program may be started with a standard stream closed; Python then has None there."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode))  # noqa: PTH123, SIM115


if __name__ == "__main__":
    main()
