"""A node's time of day in the hand of the drill: eight bytes that both map, the seconds by which it is wrong."""

import mmap
import struct
from pathlib import Path
from typing import Final

__all__ = ["ClockFile"]

_SECONDS: Final = struct.Struct("=d")


class ClockFile:
    """The file. Whoever reads needs no call into the system; a write is seen at once by every reader."""

    def __init__(self, path: Path) -> None:
        """Map the file, and make it where there is none, with a clock that is right."""
        if not path.exists():
            path.write_bytes(_SECONDS.pack(0.0))
        self.path = path
        with path.open("r+b") as file:
            self._memory = mmap.mmap(file.fileno(), _SECONDS.size)

    @property
    def seconds(self) -> float:
        """By how many seconds the clock is ahead; negative where it is behind."""
        value: float = _SECONDS.unpack_from(self._memory)[0]
        return value

    @seconds.setter
    def seconds(self, value: float) -> None:
        """Set it for everybody who reads the file."""
        _SECONDS.pack_into(self._memory, 0, value)

    def close(self) -> None:
        """Let go of the file."""
        self._memory.close()
