"""The real daemon between a simulated portal and office: how soon it calls, what it costs idle and with a large file.

Times are taken outside the daemon, in the process that plays portal and office, so one clock serves both ends.
"""

import os
import re
import statistics
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from threading import Event
from time import monotonic

from connector.clock import now
from connector.simulator.agency import SimulatedAgency
from connector.simulator.documents import Document
from connector.simulator.letters import SERVICES, SyntheticLetter, letter
from connector.simulator.process import DaemonProcess, chapar

LETTERS = 60
LARGE = 50 * 1024 * 1024
SETTLING_SECONDS = 10
IDLE_SECONDS = 60
"""What is done every minute is in it."""
AT_REST_SECONDS = 0.4
WITHIN = timedelta(seconds=60)


@dataclass(frozen=True)
class Running:
    """A simulated agency with a daemon at its service."""

    agency: SimulatedAgency
    daemon: DaemonProcess
    pid: int
    seen: list[str] = field(default_factory=list)
    """Keys of the letters that the offices have had so far."""

    def hand_in(self, sent: SyntheticLetter) -> tuple[datetime, datetime]:
        """Hand a letter in and return when it was acknowledged and when the office's book took it."""
        record = self.agency.portal.hand_in(sent, give_up_after=WITHIN)
        if record.acknowledged_at is None:
            raise RuntimeError(f"the letter was not taken: {record.refused_with}")
        deadline, pause = monotonic() + WITHIN.total_seconds(), Event()
        while monotonic() < deadline:
            fresh = [entry for entry in self.agency.entries() if entry.call.key not in self.seen]
            if fresh:
                self.seen.append(fresh[0].call.key)
                return record.acknowledged_at, fresh[0].entered_at
            pause.wait(0.005)
        raise RuntimeError("the office never saw the letter")


@contextmanager
def running() -> Iterator[Running]:
    """Start an agency and a daemon that takes large attachments."""
    with tempfile.TemporaryDirectory(prefix="chapar-bench-") as name, SimulatedAgency(Path(name)) as agency:
        configuration = agency.files.configuration
        text = configuration.read_text(encoding="utf-8")
        text = text.replace(
            "[intake]\n", "[intake]\nlargest_attachment = 70000000\nlargest_together = 80000000\n"
        )
        text = re.sub(r"^\[tracking\]\n(?:.+\n)*", "", text, flags=re.MULTILINE)  # the product's own pace
        configuration.write_text(text, encoding="utf-8")
        prepared = chapar("db", "upgrade", "--config", str(configuration))
        if prepared.returncode:
            raise RuntimeError(prepared.stderr.decode())
        daemon = DaemonProcess(agency.files, agency.daemon_url)
        daemon.start()
        try:
            daemon.wait_ready(WITHIN)
            yield Running(agency, daemon, daemon.pid)
        finally:
            daemon.stop(WITHIN)


def latency(house: Running) -> dict[str, float]:
    """Return milliseconds from the acknowledgement to the office's book, over SOAP and REST in turn.

    Each letter finds the daemon at rest. The book is a little later than the start of the call: the office has read
    the letter by then, so the figures are an upper bound.
    """
    gaps = []
    for serial in range(1, LETTERS + 1):
        acknowledged_at, entered_at = house.hand_in(replace(letter(serial, seed=7), documents=()))
        gaps.append((entered_at - acknowledged_at) / timedelta(milliseconds=1))
        Event().wait(AT_REST_SECONDS)
    gaps.sort()
    return {"ack_to_call_p50_ms": statistics.median(gaps), "ack_to_call_p90_ms": gaps[int(len(gaps) * 0.9)]}


def idle_share(house: Running) -> dict[str, float]:
    """Return the share of one core that the daemon uses with nothing to do."""
    before, began = _cpu_seconds(house.pid), monotonic()
    Event().wait(IDLE_SECONDS)
    used = _cpu_seconds(house.pid) - before
    return {"idle_share_of_a_core_percent": 100 * used / (monotonic() - began)}


def memory(house: Running) -> dict[str, float]:
    """Return by how many MB the daemon's peak grows with a 50 MB attachment, to each office."""
    grown = {}
    for service, office in zip(SERVICES, ("soap", "rest"), strict=True):
        small = replace(letter(1000, seed=8 + len(grown)), service=service, documents=(_text(2_000_000),))
        house.hand_in(small)
        _reset_peak(house.pid)
        before = _status_kb(house.pid, "VmRSS")
        house.hand_in(replace(letter(1001, seed=8 + len(grown)), service=service, documents=(_text(LARGE),)))
        grown[f"attachment_50mb_{office}_growth_mb"] = (_status_kb(house.pid, "VmHWM") - before) / 1024
    return grown


def measure() -> dict[str, float]:
    """Measure all three on one daemon."""
    with running() as house:
        Event().wait(SETTLING_SECONDS)
        return idle_share(house) | latency(house) | memory(house)


def _text(size: int) -> Document:
    line = f"{now():%Y-%m-%d %H:%M:%S.%f} a long synthetic text\n".encode()
    return Document("large.txt", "text/plain", (line * (size // len(line) + 1))[:size])


def _cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _status_kb(pid: int, field: str) -> int:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(f"{field}:"):
            return int(line.split()[1])
    raise KeyError(field)


def _reset_peak(pid: int) -> None:
    Path(f"/proc/{pid}/clear_refs").write_text("5")


if __name__ == "__main__":
    print(measure())
