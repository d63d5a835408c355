"""What holds for all tests."""

import signal

# A shell ignores Ctrl-C for what it starts in the background, and so would we and all programs that
# the tests start; then nothing could be seen of what they do when it comes.
signal.signal(signal.SIGINT, signal.default_int_handler)
