"""How many calls go on at the same time, and whose turn it is: fair between kinds of work.

A backlog of one kind must not hold up the others: a thousand letters to follow, and one to register. Whoever waits
stands behind others of the same deed only. Registering has every other turn as long as it has something to do, because
a citizen waits for it; the other deeds take the turns in between one after the other. So none is ever starved: with
three kinds at work, registering, looking up and following get a half, a quarter and a quarter.
"""

import threading
from collections import deque
from datetime import timedelta
from typing import Final

__all__ = ["Slots"]

_EVERY_OTHER_TURN: Final = "register"


class Slots:
    """So many calls at the same time, handed out in turn. Thread-safe."""

    def __init__(self, size: int) -> None:
        """Start with all slots free."""
        self._free = size
        self._lock = threading.Lock()
        self._waiting: dict[str, deque[threading.Event]] = {}
        """By deed, the one that was served longest ago first."""
        self._was_first_of_all = False

    def take(self, deed: str = "", *, within: timedelta) -> bool:
        """Take a slot for this deed, waiting for it if need be; return False where none came free in time."""
        with self._lock:
            if self._free > 0 and not any(self._waiting.values()):
                self._free -= 1
                return True
            turn = threading.Event()
            self._waiting.setdefault(deed, deque()).append(turn)
        if turn.wait(within.total_seconds()):
            return True
        with self._lock:
            if turn.is_set():  # it was handed over in the very moment that patience ended
                return True
            self._waiting[deed].remove(turn)
            return False

    def give_back(self) -> None:
        """Hand the slot to whoever's turn it is, or keep it free."""
        with self._lock:
            deed = self._next_deed()
            if deed is None:
                self._free += 1
                return
            waiting = self._waiting.pop(deed)
            waiting.popleft().set()
            self._waiting[deed] = waiting  # to the end: the others go before it comes again
            self._was_first_of_all = deed == _EVERY_OTHER_TURN

    @property
    def waiting(self) -> int:
        """How many wait for a slot at this moment."""
        with self._lock:
            return sum(len(each) for each in self._waiting.values())

    def _next_deed(self) -> str | None:
        wanting = [deed for deed, waiting in self._waiting.items() if waiting]
        if _EVERY_OTHER_TURN in wanting and (not self._was_first_of_all or len(wanting) == 1):
            return _EVERY_OTHER_TURN
        return next((deed for deed in wanting if deed != _EVERY_OTHER_TURN), None)
