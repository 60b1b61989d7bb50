"""When a command that serves is asked to end."""

import signal
import threading

__all__ = ["asked_to_end"]


def asked_to_end() -> threading.Event:
    """Return what is set once somebody presses Ctrl-C or ends the process politely."""
    over = threading.Event()
    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, lambda *_: over.set())
    return over
