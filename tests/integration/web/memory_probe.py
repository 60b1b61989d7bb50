"""Runs a web server in a process of its own and says how far its memory rose; asked line by line on standard input."""

import sys
from pathlib import Path

from connector.intake.attachment_rules import AttachmentRules
from tests.integration.web.house import House


def main() -> None:
    house = House(Path(sys.argv[1]), AttachmentRules(largest=60_000_000))
    house.serve(largest_submission=100_000_000)
    print(house.port, flush=True)
    for line in sys.stdin:
        if line.strip() == "reset":
            Path("/proc/self/clear_refs").write_text("5")  # the high-water mark falls to what is used now
        print(high_water(), flush=True)
    house.close()


def high_water() -> int:
    """Return the most bytes of memory that this process held since the last reset."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024
    raise RuntimeError("the system does not say how much memory is used")


if __name__ == "__main__":
    main()
