"""The messages of the console gateway, read as they are shown: its file is a named pipe."""

import os
import select
from pathlib import Path

__all__ = ["MessagePipe"]

PATIENCE = 30.0
PIECE = 65536


class MessagePipe:
    """The reading end. It is open for writing too, so that the daemon never waits for a reader."""

    def __init__(self, path: Path) -> None:
        os.mkfifo(path, 0o600)
        self._end = os.open(path, os.O_RDWR | os.O_NONBLOCK)
        self._read = b""

    def take(self, number: int) -> list[str]:
        """Wait for so many messages and return them, and whatever else has come by then."""
        while len(found := self._whole()) < number:
            self._take_in(PATIENCE)
        return found

    def so_far(self) -> list[str]:
        """Everything that was told until now."""
        self._take_in(0)
        return self._whole()

    def close(self) -> None:
        os.close(self._end)

    def _take_in(self, within: float) -> None:
        ready, _, _ = select.select([self._end], [], [], within)
        assert ready or not within, f"no further message came; there were {len(self._whole())}"
        if ready:
            self._read += os.read(self._end, PIECE)

    def _whole(self) -> list[str]:
        """Each message stands between two rules."""
        parts = [part.strip() for part in self._read.decode(errors="ignore").split("─" * 60)]
        return [part for part in parts[1:-1] if part]
