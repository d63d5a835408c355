"""What goes wrong because of what was put in, told apart from what is our own fault."""

from __future__ import annotations


class BadInput(Exception):  # noqa: N818 - it reads as what happened
    """Something a person gave (a file, a flag, a recipe) cannot be used.

    The message is one line that names the thing, says what is wrong and what would be right.
    Programs print it as it is and end with exit status 2.
    """


class CannotRecord(Exception):  # noqa: N818 - it reads as what happened
    """The disk did not take what was to be written, of a run or of what is made from one.

    The message is one line that names the file. Programs print it and, unless somebody can still
    make room, end with exit status 1.
    """


def reason_of(error: OSError) -> str:
    """The system's word for what happened, such as "No space left on device"; never empty."""
    return error.strerror or type(error).__name__
