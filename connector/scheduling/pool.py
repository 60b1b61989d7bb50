"""A lane's own threads: bounded, started when first needed, and never in the way of the process's end."""

import threading
from collections import deque
from collections.abc import Callable
from typing import Generic, TypeVar

from connector.clock import monotonic

__all__ = ["Pool"]

W = TypeVar("W")


class Pool(Generic[W]):
    """Does pieces of work in at most ``size`` threads. Thread-safe.

    The threads are daemons: a deed that hangs in somebody else's library cannot keep the process from ending.
    """

    def __init__(
        self, name: str, size: int, *, work: Callable[[W], None], on_free: Callable[[], None]
    ) -> None:
        """Take the work, which must not raise, and whom to tell of a thread that is free again."""
        self._name = name
        self._size = size
        self._work = work
        self._on_free = on_free
        self._changed = threading.Condition()
        self._waiting: deque[W] = deque()
        self._threads = 0
        self._busy = 0
        self._is_ending = False

    @property
    def free(self) -> int:
        """Return how many pieces would be started at once."""
        with self._changed:
            return self._size - self._busy - len(self._waiting)

    def submit(self, piece: W) -> bool:
        """Have the piece done; return False, with nothing taken, where the pool is ending."""
        with self._changed:
            if self._is_ending:
                return False
            self._waiting.append(piece)
            if self._threads < self._size and self._busy + len(self._waiting) > self._threads:
                self._threads += 1
                name = f"{self._name}-{self._threads}"
                threading.Thread(target=self._serve, name=name, daemon=True).start()
            self._changed.notify_all()
            return True

    def end(self) -> list[W]:
        """Take no more work and return the pieces that were not started."""
        with self._changed:
            self._is_ending = True
            left = list(self._waiting)
            self._waiting.clear()
            self._changed.notify_all()
            return left

    def wait_until_done(self, until: float) -> bool:
        """Wait until no piece is being worked on, at most until this instant of the monotonic clock."""
        with self._changed:
            return self._changed.wait_for(lambda: self._busy == 0, max(until - monotonic(), 0.0))

    def _serve(self) -> None:
        while (piece := self._next()) is not None:
            try:
                self._work(piece[0])
            finally:
                with self._changed:
                    self._busy -= 1
                    self._changed.notify_all()
                self._on_free()

    def _next(self) -> tuple[W] | None:
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self._is_ending)
            if not self._waiting:
                return None
            self._busy += 1
            return (self._waiting.popleft(),)
