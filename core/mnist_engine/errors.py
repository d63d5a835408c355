"""What goes wrong because of what was put in, told apart from what is our own fault."""


class BadInput(Exception):
    """Something a person gave (a file, a flag, a recipe) cannot be used.

    The message is one line that names the thing, says what is wrong and what would be right. Programs
    print it as it is and end with exit status 2.
    """
