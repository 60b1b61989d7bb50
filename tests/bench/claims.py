"""What a claim costs on a small and on a large ledger, and what an empty poll costs.

Every row is due, in the order in which letters came. The claimed rows are moved away, as a stage would, so that each
claim finds fresh ones. An empty poll looks into a lane that has nothing, while another lane is full.
"""

import statistics
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import perf_counter

import sqlalchemy as sa

from connector.domain.lifecycle import Stage
from connector.ledger import Ledger, open_ledger, prepare_database
from connector.ledger.database import open_database, writing
from connector.ledger.records import Lane
from connector.ledger.tables import schedule
from connector.testing.builders import a_key_ring

SMALL, LARGE = 1_000, 1_000_000
BATCH = 10
CLAIMS = 40
ROUNDS = 5
FULL, EMPTY = Lane(Stage.TRACKING, "main"), Lane(Stage.TRACKING, "branch")


def fill(url: str, rows: int) -> None:
    """Write this many due rows, oldest first."""
    prepare_database(url)
    database = open_database(url)
    start = datetime(2026, 1, 1, tzinfo=UTC)
    with writing(database.writing) as connection:
        for first in range(0, rows, 10_000):
            connection.execute(
                sa.insert(schedule),
                [
                    {"work_id": f"{n:026d}", "kind": "letter", "letter_id": f"{n:026d}", "status": "registered",
                     "stage": str(FULL.stage), "connection": FULL.connection,
                     "due_at": start + timedelta(milliseconds=n)}
                    for n in range(first, min(first + 10_000, rows))
                ],
            )  # fmt: skip
        connection.exec_driver_sql("ANALYZE")
    database.dispose()


def time_claims(ledger: Ledger) -> float:
    """Return seconds for one claim of a batch, the median of many."""
    took = []
    for _ in range(CLAIMS):
        began = perf_counter()
        claims = ledger.claim(FULL, holder="bench", lease_for=timedelta(hours=1), limit=BATCH)
        took.append(perf_counter() - began)
        if len(claims) != BATCH:
            raise AssertionError("the lane ran dry")
    return statistics.median(took)


def time_empty_polls(ledger: Ledger) -> float:
    """Return seconds for one look into an empty lane, the median of many."""
    took = []
    for _ in range(CLAIMS * 5):
        began = perf_counter()
        ledger.claim(EMPTY, holder="bench", lease_for=timedelta(hours=1), limit=BATCH)
        took.append(perf_counter() - began)
    return statistics.median(took)


def measure(urls: dict[int, str], folder: Path) -> dict[str, float]:
    """Return microseconds and ratios, the median of alternating rounds, for ledgers of each size."""
    ledgers = {rows: open_ledger(url, a_key_ring(), attachments=folder / "a") for rows, url in urls.items()}
    claims: dict[int, list[float]] = {rows: [] for rows in urls}
    polls: dict[int, list[float]] = {rows: [] for rows in urls}
    for _ in range(ROUNDS):
        for rows, ledger in ledgers.items():
            ledger.release_leases()
            claims[rows].append(time_claims(ledger))
            polls[rows].append(time_empty_polls(ledger))
    for ledger in ledgers.values():
        ledger.close()
    small_claim, large_claim = (statistics.median(claims[rows]) for rows in (SMALL, LARGE))
    small_poll, large_poll = (statistics.median(polls[rows]) for rows in (SMALL, LARGE))
    return {
        "claim_1k_us": small_claim * 1e6,
        "claim_1m_us": large_claim * 1e6,
        "claim_ratio": large_claim / small_claim,
        "empty_poll_1k_us": small_poll * 1e6,
        "empty_poll_1m_us": large_poll * 1e6,
        "empty_poll_ratio": large_poll / small_poll,
    }


def measure_sqlite() -> dict[str, float]:
    """Measure on SQLite files."""
    with tempfile.TemporaryDirectory(prefix="chapar-bench-") as name:
        urls = {rows: f"sqlite:///{name}/{rows}.db" for rows in (SMALL, LARGE)}
        for rows, url in urls.items():
            fill(url, rows)
        return measure(urls, Path(name))


def measure_postgresql(server_url: str) -> dict[str, float]:
    """Measure on databases of a running server."""
    engine = sa.create_engine(server_url, isolation_level="AUTOCOMMIT")
    urls = {}
    with engine.connect() as connection, tempfile.TemporaryDirectory(prefix="chapar-bench-") as name:
        for rows in (SMALL, LARGE):
            connection.exec_driver_sql(f"CREATE DATABASE claims_{rows}")
            urls[rows] = (
                sa.make_url(server_url).set(database=f"claims_{rows}").render_as_string(hide_password=False)
            )
            fill(urls[rows], rows)
        result = measure(urls, Path(name))
    engine.dispose()
    return result


if __name__ == "__main__":
    print(measure_sqlite())
