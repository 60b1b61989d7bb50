"""Has the product run on a machine whose clock can be set by the drill.

Only the machine is replaced, not the program: what ``connector.clock`` reads as the time of day is shifted by what the
clock file says, before anything else is imported. What nobody can set (the time since boot, the monotonic clock) stays.

Use: python -c "... import shift_clock; shift_clock(); ..." CLOCK_FILE COMMAND ..., then the product's own entry point.
"""

import sys
from datetime import datetime, timedelta, tzinfo
from pathlib import Path

from connector import clock
from connector.simulator.rehearsal.clock_file import ClockFile

__all__ = ["shift_clock"]


def shift_clock() -> None:
    """Take the clock file from the arguments, and leave the rest to the product's own entry point."""
    file = ClockFile(Path(sys.argv.pop(1)))

    class MachineTime(datetime):
        """The time of day as this machine has it."""

        @classmethod
        def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]
            return datetime.now(tz) + timedelta(seconds=file.seconds)  # noqa: TID251 - the machine's own

    clock.datetime = MachineTime  # type: ignore[attr-defined]
