"""The counterpart of the console gateway: a file as a screen, and a reader who puts the lines together again."""

import tempfile
from collections.abc import Iterator, Mapping
from enum import StrEnum
from pathlib import Path
from typing import Any, ClassVar, Final

from connector.simulator.fault_kinds import Fault
from connector.simulator.faults import FaultPlan
from connector.simulator.gateways.book import Arrival, VendorBook
from connector.simulator.gateways.vendor import Place, Trait

__all__ = ["ConsoleVendor"]

_WIDTH: Final = 200
_MARKS: Final = dict.fromkeys(map(ord, "\u2066\u2067\u2069"))


class ConsoleVendor:
    """A file that is read as a screen is."""

    adapter: ClassVar[str] = "console"

    def __init__(self, secret: str) -> None:
        """Make an empty screen."""
        self._folder = tempfile.TemporaryDirectory(prefix="chapar-screen-")
        self._file = Path(self._folder.name) / "screen.txt"
        self._read = 0
        self.book = VendorBook(look=self._look)
        self.faults = FaultPlan()
        self.url = ""

    def start(self) -> None:
        """Nothing is to be started."""

    def stop(self) -> None:
        """Let go of the file."""
        self._folder.cleanup()

    def settings(self, place: Place) -> Mapping[str, Any]:
        """Return the settings of a console that shows everything."""
        return {"file": self._file, "width": _WIDTH, "show_mobiles": True}

    def lacks(self, need: StrEnum) -> str | None:
        """Return why a screen cannot do it: it only shows."""
        if isinstance(need, Fault):
            return "Nothing goes wrong on the way to a screen."
        if isinstance(need, Arrival) and need is not Arrival.DELIVERED:
            return "What is shown has arrived."
        if need is Trait.LETTERS:
            return "A screen wraps long lines."
        return "A screen only shows." if isinstance(need, Trait) else None

    def _look(self) -> None:
        shown = self._file.read_text(encoding="utf-8") if self._file.exists() else ""
        blocks = [block for block in shown.split("─" * _WIDTH + "\n") if block.strip()]
        for block in blocks[self._read :]:
            self._read += 1
            head, *lines = _lines(block)
            mobile = next(word.strip("،,") for word in head.split() if word.strip("،,").startswith("09"))
            self.book.take(mobile, "\n".join(lines))


def _lines(block: str) -> Iterator[str]:
    """Yield the lines without the marks of direction around them."""
    for number, line in enumerate(block.splitlines()):
        yield line.translate(_MARKS) if number == 0 else line[1:-1]
