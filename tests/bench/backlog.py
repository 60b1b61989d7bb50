"""Letters that wait at offices, all due at once, as after an outage; and the real daemon that finds them.

They are written straight into the tables, as the stages would have left them: received, screened, ready, under audit
seals. Nothing of them is told or published, so that only the way to the office is measured.
"""

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from threading import Event as Signal
from time import monotonic
from typing import Any

import orjson
import sqlalchemy as sa

from connector.assembly.ledger import database_url, key_ring, prepare_settings_database
from connector.clock import now
from connector.domain.identifiers import new_letter_id
from connector.domain.lifecycle import Event
from connector.ledger import KeyRing, open_ledger
from connector.ledger.chain import event_chain, event_mark, microseconds
from connector.ledger.database import open_database, writing
from connector.ledger.letter_columns import letter_columns
from connector.ledger.outside import note_outside_write
from connector.ledger.tables import events, letters, routes, schedule
from connector.ledger.writer import Transaction
from connector.settings.load import load_settings
from connector.settings.settings import Settings
from connector.simulator.agency import SimulatedAgency
from connector.simulator.configuration import SECRETARIATS
from connector.simulator.faults import Fault, FaultRule
from connector.simulator.letters import SERVICES
from connector.simulator.process import DaemonProcess
from connector.testing.builders import a_submission

READY_WITHIN = timedelta(seconds=60)
SILENT = {
    "notification": {"facts": []},
    "tracking": {"first_after": "1h"},
    "registration": {"look_up_first_after": "1h", "look_up_at_most_every": "1h"},
}
"""Settings with which a daemon does nothing but register."""
_AT_ONCE = 5_000
_SERVICE_OF = dict(zip(SECRETARIATS, SERVICES, strict=True))
_WAITED = timedelta(hours=1)


def fill(settings: Settings, waiting: Mapping[str, int]) -> None:
    """Make the database, with so many letters ready for each office, and seal their events."""
    prepare_settings_database(settings)
    add(settings, waiting)
    url, ring = database_url(settings.ledger), key_ring(settings.ledger.keys)
    ledger = open_ledger(url, ring, attachments=settings.ledger.attachments)
    ledger.audit.seal(most=_AT_ONCE)
    ledger.close()


def add(settings: Settings, waiting: Mapping[str, int]) -> None:
    """Have so many more letters ready for each office; a daemon that runs is told so."""
    ring = key_ring(settings.ledger.keys)
    database = open_database(database_url(settings.ledger))
    with writing(database.writing) as connection:
        for office, count in waiting.items():
            for first in range(0, count, _AT_ONCE):
                _insert(connection, ring, office, min(_AT_ONCE, count - first))
        note_outside_write(Transaction(connection, now()))
        connection.exec_driver_sql("ANALYZE")
    database.dispose()


def _insert(connection: sa.Connection, ring: KeyRing, office: str, count: int) -> None:
    at = now() - _WAITED
    rows: dict[sa.Table, list[dict[str, Any]]] = {letters: [], routes: [], schedule: [], events: []}
    for _ in range(count):
        letter_id = new_letter_id()
        submission = a_submission(portal="archive", submission_id=letter_id, service=_SERVICE_OF[office])
        rows[letters].append(
            letter_columns(submission, ring, letter_id=letter_id, tracking_code=letter_id, received_at=at)
        )
        rows[routes].append(
            {"letter_id": letter_id, "office": office, "secretariat": SECRETARIATS[office], "gateway": "sms",
             "needs_review": False}
        )  # fmt: skip
        rows[schedule].append(
            {"work_id": letter_id, "kind": "letter", "letter_id": letter_id, "status": "ready",
             "stage": "registration", "connection": office, "due_at": at, "status_since": at, "version": 2}
        )  # fmt: skip
        rows[events] += _events(ring, letter_id, at)
    for table, values in rows.items():
        connection.execute(sa.insert(table), values)


def _events(ring: KeyRing, letter_id: str, at: datetime) -> Iterator[dict[str, Any]]:
    chain = ""
    for position, (event, status) in enumerate(((Event.RECEIVED, "received"), (Event.SCREENED, "ready"))):
        mark = event_mark(
            ring, letter_id, position, microseconds(at), str(event), status, None, None, None, None
        )
        chain = event_chain(ring, chain, mark)
        yield {"letter_id": letter_id, "position": position, "happened_at": at, "event": str(event),
               "status": status, "chain": chain}  # fmt: skip


@dataclass(frozen=True)
class Scene:
    """A simulated agency whose daemons have found a backlog, or are about to."""

    agency: SimulatedAgency
    daemons: list[DaemonProcess]

    def start(self) -> None:
        """Start all daemons and wait until their lanes turn."""
        for daemon in self.daemons:
            daemon.start()
        for daemon in self.daemons:
            daemon.wait_alive(READY_WITHIN)

    def stop(self) -> None:
        """End all daemons."""
        for daemon in self.daemons:
            daemon.kill()

    def add(self, office: str, count: int) -> None:
        """Have so many more letters wait for the office."""
        add(load_settings(self.agency.files.configuration), {office: count})

    def started_at(self) -> datetime:
        """Return when the first daemon's dispatcher started its lanes, by its own log."""
        for line in self.agency.files.log.read_bytes().splitlines():
            if line.startswith(b"{") and (told := orjson.loads(line))["event"] == "scheduling.started":
                return datetime.fromisoformat(told["at"])
        raise RuntimeError(self.daemons[0].last_words())

    def registered(self, office: str) -> int:
        """Return how many letters the office has in its book."""
        return len(self.counter(office).book.entries())

    def counter(self, office: str) -> Any:
        """Return the office."""
        return {"main": self.agency.main, "branch": self.agency.branch}[office]

    def rate(self, office: str, *, settling: float, seconds: float) -> float:
        """Return how many letters the office takes in a second, once it is in its stride."""
        if not self.waits_for(office, 1):
            raise RuntimeError(f"no letter reached the office: {self.daemons[0].last_words()}")
        Signal().wait(settling)
        before, began = self.registered(office), monotonic()
        Signal().wait(seconds)
        return (self.registered(office) - before) / (monotonic() - began)

    def waits_for(self, office: str, count: int) -> bool:
        """Wait until the office has so many letters; False where that takes too long."""
        until, pause = monotonic() + READY_WITHIN.total_seconds(), Signal()
        while self.registered(office) < count:
            if monotonic() > until:
                return False
            pause.wait(0.02)
        return True


@contextmanager
def backlog(
    waiting: Mapping[str, int],
    *,
    latency: timedelta,
    calls_at_once: int,
    nodes: int = 1,
    ledger_url: str | None = None,
    answer_within: timedelta | None = None,
) -> Iterator[Scene]:
    """Yield daemons, not started yet, whose offices take this long over each letter, and so many letters waiting."""
    offices = {f"offices.{office}": {"pool_size": calls_at_once} for office in SECRETARIATS}
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="chapar-bench-")))
        agency = stack.enter_context(
            SimulatedAgency(
                folder,
                nodes=nodes,
                ledger_url=ledger_url,
                answer_within=answer_within,
                changes={**SILENT, **offices},
            )
        )
        for plan in agency.plans.values():
            plan.arm(FaultRule(fault=Fault.STALL, deed="register", times=None, delay=latency))
        fill(load_settings(agency.files.configuration), waiting)
        scene = Scene(agency, [DaemonProcess(files, files.url) for files in agency.nodes])
        try:
            yield scene
        finally:
            scene.stop()
