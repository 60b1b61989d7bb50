"""Ten thousand texts that wait for one gateway: it takes batches, and 200 ms over each call.

The real daemon with the shipped adapter for Kavenegar (200 texts in a call, calls at the same time as it declares), and
a simulated vendor. What batch size, pool and latency allow is ``pool * batch / latency``; reached is what the handsets
got, from the first call's texts to the last ones, over the time between. The rows are written straight into the tables,
each text of a letter of its own, as after a night outside the hours of sending.
"""

import math
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from threading import Event as Signal
from time import monotonic
from typing import Any

import sqlalchemy as sa

from adapters.gateways.kavenegar.adapter import Kavenegar
from connector.assembly.ledger import database_url, key_ring, prepare_settings_database
from connector.clock import now
from connector.domain.identifiers import new_letter_id
from connector.domain.lifecycle import Event
from connector.ledger import KeyRing, open_ledger
from connector.ledger.chain import event_chain, event_mark, microseconds
from connector.ledger.database import open_database, writing
from connector.ledger.letter_columns import letter_columns
from connector.ledger.tables import events, letters, messages, routes, schedule
from connector.settings.load import load_settings
from connector.settings.settings import Settings
from connector.simulator.agency import SimulatedAgency
from connector.simulator.faults import Fault, FaultRule
from connector.simulator.process import DaemonProcess
from connector.testing.builders import a_submission

TEXTS = 10_000
LATENCY = timedelta(milliseconds=200)
WITHIN = timedelta(seconds=90)
BATCH, POOL = Kavenegar.capabilities.batch_size, Kavenegar.capabilities.concurrency
NOTHING_ELSE = {
    "notification": {"facts": ["received"], "delivery_first_after": "1h", "delivery_at_most_every": "1h"},
    "gateways.sms": {"pool_size": POOL},
}
_AT_ONCE = 5_000


def measure(texts: int = TEXTS) -> dict[str, float]:
    """Return the rate, what was allowed, their ratio, the calls, and the daemon's processor time."""
    with _night(texts) as (agency, daemon):
        daemon.start()
        daemon.wait_alive(WITHIN)
        _wait(agency, texts, daemon)
        arrived = sorted(each.received_at for each in agency.handset.inbox.messages())
        spent = _cpu_seconds(daemon.pid)
    calls = len(agency.handset.faults.plays)
    # The texts of one call arrive together: the first of them began a call's latency before.
    seconds = (arrived[-1] - arrived[0] + LATENCY).total_seconds()
    allowed = POOL * BATCH / LATENCY.total_seconds()
    full = math.ceil(texts / BATCH)
    # So few calls do not all fill the pool: the last round may be half empty.
    allowed = min(allowed, texts / (math.ceil(full / POOL) * LATENCY.total_seconds()))
    rate = texts / seconds
    return {
        "texts_per_second": rate,
        "allowed_per_second": allowed,
        "ratio": rate / allowed,
        "calls": calls,
        "full_batches": full,
        "doubled": len(arrived) - texts,
        "cpu_us_per_text": spent / texts * 1e6,
    }


def _cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _wait(agency: SimulatedAgency, texts: int, daemon: DaemonProcess) -> None:
    until, pause = monotonic() + WITHIN.total_seconds(), Signal()
    while len(agency.handset.inbox.messages()) < texts:
        if monotonic() > until:
            raise RuntimeError(f"the texts were not told: {daemon.last_words()}")
        pause.wait(0.05)


@contextmanager
def _night(texts: int) -> Iterator[tuple[SimulatedAgency, DaemonProcess]]:
    with (
        tempfile.TemporaryDirectory(prefix="chapar-bench-") as folder,
        SimulatedAgency(Path(folder), changes=NOTHING_ELSE) as agency,
    ):
        agency.handset.faults.arm(FaultRule(fault=Fault.STALL, deed="send", times=None, delay=LATENCY))
        fill(load_settings(agency.files.configuration), texts)
        daemon = DaemonProcess(agency.files, agency.files.url)
        try:
            yield agency, daemon
        finally:
            daemon.kill()


def fill(settings: Settings, texts: int) -> None:
    """Make the database, with so many texts that are due, and seal the events of their letters."""
    prepare_settings_database(settings)
    ring = key_ring(settings.ledger.keys)
    database = open_database(database_url(settings.ledger))
    with writing(database.writing) as connection:
        for first in range(0, texts, _AT_ONCE):
            _insert(connection, ring, first, min(_AT_ONCE, texts - first))
        connection.exec_driver_sql("ANALYZE")
    database.dispose()
    ledger = open_ledger(database_url(settings.ledger), ring, attachments=settings.ledger.attachments)
    ledger.audit.seal(most=_AT_ONCE)
    ledger.close()


def _insert(connection: sa.Connection, ring: KeyRing, first: int, count: int) -> None:
    at = now() - timedelta(minutes=10)
    rows: dict[sa.Table, list[dict[str, Any]]] = {
        letters: [],
        routes: [],
        schedule: [],
        events: [],
        messages: [],
    }
    for own_id in range(first + 1, first + count + 1):
        letter_id = new_letter_id()
        submission = a_submission(portal="archive", submission_id=letter_id)
        rows[letters].append(
            letter_columns(
                submission, ring, letter_id=letter_id, tracking_code=letter_id[:15], received_at=at
            )
            | {"tracking_code": f"{own_id:015d}"}
        )
        rows[routes].append(
            {"letter_id": letter_id, "office": "main", "secretariat": "10", "gateway": "sms", "needs_review": False}
        )  # fmt: skip
        rows[events].append(_received(ring, letter_id, at))
        rows[schedule] += [
            {"work_id": letter_id, "kind": "letter", "letter_id": letter_id, "status": "withdrawn", "sequence": 0,
             "stage": None, "connection": None, "due_at": None, "status_since": at, "version": 2},
            {"work_id": str(own_id), "kind": "message", "letter_id": letter_id, "status": "queued", "sequence": 0,
             "stage": "notification", "connection": "sms", "due_at": at, "status_since": at, "version": 0},
        ]  # fmt: skip
        rows[messages].append(
            {"own_id": own_id, "letter_id": letter_id, "fact": "received", "occurrence": "", "event_position": 0,
             "gateway": "sms", "created_at": at, "lookups": 0, "possible_doubles": 0, "moves": 0}
        )  # fmt: skip
    for table, values in rows.items():
        connection.execute(sa.insert(table), values)


def _received(ring: KeyRing, letter_id: str, at: datetime) -> dict[str, Any]:
    event, status = str(Event.RECEIVED), "received"
    mark = event_mark(ring, letter_id, 0, microseconds(at), event, status, None, None, None, None)
    return {"letter_id": letter_id, "position": 0, "happened_at": at, "event": event, "status": status,
            "chain": event_chain(ring, "", mark)}  # fmt: skip


if __name__ == "__main__":
    print(measure(int(sys.argv[1]) if len(sys.argv) > 1 else TEXTS))
