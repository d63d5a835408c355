"""What goes wrong because of what was put in, told apart from what is our own fault."""


class BadInput(Exception):  # noqa: N818 - it reads as what happened
    """Something a person gave (a file, a flag, a recipe) cannot be used.

    The message is one line that names the thing, says what is wrong and what would be right.
    Programs print it as it is and end with exit status 2.
    """


class CannotRecord(Exception):  # noqa: N818 - it reads as what happened
    """The disk did not take what a run writes.

    The message is one line that names the file. Programs print it and end with exit status 1.
    """
