"""Opening a ledger: at this version, alone where it must be, never on a newer database."""

import os
import queue
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from connector.domain.lifecycle import Stage
from connector.errors import (
    DatabaseNotReady,
    DatabaseTooNew,
    DatabaseUnreadable,
    LedgerInUse,
    LedgerUnavailable,
    SettingsInvalid,
)
from connector.ledger import open_ledger, prepare_database
from connector.ledger.migrations import REVISIONS
from connector.ledger.records import Lane
from connector.ledger.schema import alembic_config
from connector.ledger.tables import metadata
from connector.testing.builders import HeldClock, a_key_ring, a_route, a_submission
from tests.contract.ledger.walk import REGISTRATION, a_ready_letter, only


def test_the_migrations_make_exactly_the_tables_that_the_code_reads(ledger_url: str) -> None:
    engine = sa.create_engine(ledger_url)
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
    engine.dispose()


def test_the_list_of_revisions_is_that_of_the_files() -> None:
    scripts = ScriptDirectory.from_config(alembic_config())
    assert [script.revision for script in scripts.walk_revisions()] == list(reversed(REVISIONS))


def test_preparing_twice_changes_nothing(ledger_url: str) -> None:
    assert prepare_database(ledger_url) == prepare_database(ledger_url)


def test_an_empty_database_says_that_it_needs_an_upgrade(tmp_path: Path) -> None:
    (tmp_path / "empty.db").touch()
    with pytest.raises(DatabaseNotReady) as caught:
        open_ledger(f"sqlite:///{tmp_path}/empty.db", a_key_ring(), attachments=tmp_path / "a", alone=True)
    assert "chapar db upgrade" in str(caught.value.next_step)


def test_looking_for_a_database_that_is_not_there_makes_none(tmp_path: Path) -> None:
    with pytest.raises(DatabaseNotReady, match="no database yet") as caught:
        open_ledger(f"sqlite:///{tmp_path}/none.db", a_key_ring(), attachments=tmp_path / "a", alone=True)
    assert "chapar db upgrade" in str(caught.value.next_step)
    assert list(tmp_path.iterdir()) == []


def test_a_new_database_is_for_its_folders_owner_alone(tmp_path: Path) -> None:
    folder = tmp_path / "state"
    folder.mkdir()
    if os.geteuid() == 0:
        os.chown(folder, 1234, 1235)
    prepare_database(f"sqlite:///{folder}/new.db")
    made = (folder / "new.db").stat()
    assert (made.st_uid, made.st_gid) == (folder.stat().st_uid, folder.stat().st_gid)
    assert made.st_mode & 0o777 == 0o600


def test_looking_leaves_the_folder_of_attachments_alone_and_the_daemon_makes_it(
    sqlite_url: str, open_on: Any, tmp_path: Path
) -> None:
    """What root looks at with a command would become root's, and the daemon's user could not write there."""
    open_on(sqlite_url, attachments=tmp_path / "files").ping()
    assert not (tmp_path / "files").exists()
    open_on(sqlite_url, attachments=tmp_path / "files", alone=True).ping()
    assert (tmp_path / "files").is_dir()


def test_a_folder_of_attachments_that_cannot_be_written_stops_the_start(
    sqlite_url: str, open_on: Any, tmp_path: Path
) -> None:
    (tmp_path / "files").write_text("a file is no folder")
    with pytest.raises(SettingsInvalid, match="cannot be written") as caught:
        open_on(sqlite_url, attachments=tmp_path / "files", alone=True)
    assert "chown" in str(caught.value.next_step)
    open_on(sqlite_url, alone=True).ping()


def test_a_database_newer_than_the_program_is_refused(ledger_url: str, tmp_path: Path) -> None:
    engine = sa.create_engine(ledger_url)
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    engine.dispose()
    with pytest.raises(DatabaseTooNew):
        open_ledger(ledger_url, a_key_ring(), attachments=tmp_path / "a")
    with pytest.raises(DatabaseTooNew):
        prepare_database(ledger_url)


def test_a_second_daemon_on_one_sqlite_file_is_refused_and_the_first_one_goes_on(
    sqlite_url: str, open_on: Any, tmp_path: Path
) -> None:
    first = open_on(sqlite_url, alone=True)
    with pytest.raises(LedgerInUse):
        open_on(sqlite_url, alone=True)
    first.ping()
    first.close()
    open_on(sqlite_url, alone=True).ping()


def test_a_restarted_daemon_alone_on_its_file_does_not_wait_for_dead_leases(
    sqlite_url: str, open_on: Any, clock: HeldClock
) -> None:
    killed = open_on(sqlite_url)
    a_ready_letter(killed, clock)
    only(killed, REGISTRATION)
    restarted = open_on(sqlite_url, alone=True)
    clock.advance(timedelta(seconds=1))
    assert len(restarted.claim(REGISTRATION, holder="new", lease_for=timedelta(seconds=9), limit=9)) == 1


def test_on_postgresql_one_node_wakes_for_what_another_commits(
    postgresql_url: str, open_on: Any, clock: HeldClock
) -> None:
    import threading

    listening, writing = open_on(postgresql_url, alone=True), open_on(postgresql_url)
    woken = threading.Event()
    listening.on_due(lambda lane: woken.set() if lane == REGISTRATION else None)
    for _ in range(50):  # the listener needs a moment until it listens
        a_ready_letter(writing, clock)
        if woken.wait(0.2):
            break
        writing.give_back(list(writing.claim(REGISTRATION, **_HOLD)))
    assert woken.is_set()


@pytest.mark.parametrize("url", ["mysql://x/y", "nonsense", "sqlite://", "sqlite:///:memory:"])
def test_a_url_that_cannot_serve_is_refused_with_the_next_step(url: str, tmp_path: Path) -> None:
    with pytest.raises(SettingsInvalid):
        open_ledger(url, a_key_ring(), attachments=tmp_path / "a")


def test_a_file_that_is_no_database_is_said_to_be_none_and_stays_as_it_is(tmp_path: Path) -> None:
    """Trying again does not help, so it is not an outage: the service manager must not start us for ever."""
    file = tmp_path / "letter.txt"
    file.write_text("this is a letter and no database\n" * 100)
    before = file.read_bytes()
    for alone in (False, True):
        with pytest.raises(DatabaseUnreadable, match="not a database") as caught:
            open_ledger(f"sqlite:///{file}", a_key_ring(), attachments=tmp_path / "a", alone=alone)
        assert "ledger.url" in str(caught.value.next_step)
    with pytest.raises(DatabaseUnreadable):
        prepare_database(f"sqlite:///{file}")
    assert file.read_bytes() == before


def test_a_sqlite_file_that_cannot_be_opened_is_not_called_a_server(tmp_path: Path) -> None:
    with pytest.raises(LedgerUnavailable, match="cannot be opened") as caught:
        open_ledger(f"sqlite:///{tmp_path}", a_key_ring(), attachments=tmp_path / "a")
    assert "server" not in str(caught.value.next_step)


def test_a_server_that_is_away_is_said_to_be_away(tmp_path: Path) -> None:
    with pytest.raises(LedgerUnavailable, match="cannot be opened"):
        open_ledger(f"postgresql://nobody@/none?host={tmp_path}", a_key_ring(), attachments=tmp_path / "a")


_HOLD = {"holder": "node", "lease_for": timedelta(seconds=60), "limit": 10}


def test_a_node_that_had_lost_the_servers_ear_is_told_what_it_has_missed(
    postgresql_url: str, open_on: Any
) -> None:
    listening, writing = open_on(postgresql_url, alone=True), open_on(postgresql_url)
    told: queue.SimpleQueue[Lane] = queue.SimpleQueue()
    listening.on_due(told.put)
    engine = sa.create_engine(postgresql_url, isolation_level="AUTOCOMMIT")
    with engine.connect() as server:
        ends_listener = sa.text(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
            " WHERE query LIKE 'LISTEN %' AND datname = current_database() AND state = 'idle'"
        )
        while not server.execute(ends_listener).scalar():
            continue
    engine.dispose()
    writing.admit(a_submission(), route=a_route())
    while told.get(timeout=20) != Lane(Stage.INTAKE, "web"):
        continue
