"""What holds for all tests."""

import signal

# A shell ignores Ctrl-C for what it starts in the background, and nohup a closed terminal. So would
# all programs that the tests start, and nothing could be seen of what they do when these come.
for name in ("SIGINT", "SIGHUP"):
    number = getattr(signal, name, None)  # Windows has no SIGHUP
    if number is not None and signal.getsignal(number) is signal.SIG_IGN:
        signal.signal(number, signal.default_int_handler if name == "SIGINT" else signal.SIG_DFL)
