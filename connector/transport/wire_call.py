"""The call under way in a thread: whether anything of it was sent, and how much time it has left."""

import threading
from typing import Any, Final

from connector.clock import monotonic

__all__ = ["Call", "be_patient", "calling"]


class Call:
    """One call under way in this thread."""

    __slots__ = ("_deadline", "_silence", "has_begun")

    def __init__(self, *, silence: float, deadline: float) -> None:
        """Keep the longest silence in seconds, and the end of the whole call on the monotonic clock."""
        self.has_begun: bool | None = None
        """False while connecting; True from just before the first byte of the request goes out: a failure from
        then on leaves the outcome open. None where no connection of ours was asked."""
        self._silence = silence
        self._deadline = deadline

    def patience(self) -> float:
        """Return the seconds that the next send or receive may take; TimeoutError when the time is up."""
        left = self._deadline - monotonic()
        if left <= 0:
            raise TimeoutError("the whole call took too long")
        return min(left, self._silence)


def be_patient(sock: Any) -> None:
    """Give the next send or receive of this socket the patience of the call; TimeoutError when the time is up."""
    call = calling.call
    if call is not None:
        patience = call.patience()
        if sock.gettimeout() != patience:  # to set it asks the kernel, each time
            sock.settimeout(patience)


class _Calling(threading.local):
    call: Call | None = None


calling: Final = _Calling()
"""The call of this thread; the connection finds it here, as the libraries between hand nothing on."""
