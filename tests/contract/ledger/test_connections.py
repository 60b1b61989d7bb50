"""What holds for every connection to the database: commits are synced, and errors repeat no values."""

from typing import Any

import pytest
import sqlalchemy as sa

from connector.errors import LedgerUnavailable
from connector.ledger import Ledger
from connector.ledger.database import open_database, writing
from connector.ledger.tables import IS_SILENT
from connector.testing.builders import a_route, a_submission


def test_commits_on_postgresql_are_synced_whatever_the_server_is_set_to(postgresql_url: str) -> None:
    database = open_database(postgresql_url)
    with writing(database.writing) as connection:
        assert connection.execute(sa.text("SHOW synchronous_commit")).scalar() == "on"
    database.dispose()


def test_an_error_of_the_database_does_not_repeat_what_was_to_be_written(ledger: Ledger) -> None:
    def write(transaction: Any) -> None:
        transaction.connection.execute(
            sa.text("INSERT INTO nowhere (content) VALUES (:content)"), {"content": "شهروند نمونه"}
        )

    with pytest.raises(Exception) as caught:
        ledger._write(write)
    told = [str(error) for error in (caught.value, caught.value.__cause__) if error is not None]
    assert told
    assert not any("شهروند" in each for each in told)


def test_asking_for_silent_letters_reads_an_empty_index_and_not_the_schedule(sqlite_url: str) -> None:
    engine = sa.create_engine(sqlite_url)
    with engine.connect() as connection:
        asked = f"EXPLAIN QUERY PLAN SELECT count(*) FROM schedule WHERE {IS_SILENT.text}"
        plan = [row[-1] for row in connection.exec_driver_sql(asked)]
    engine.dispose()
    assert any("ix_schedule_silent" in line for line in plan), plan


def test_a_server_that_may_only_be_read_counts_as_away(postgresql_url: str, open_on: Any) -> None:
    engine = sa.create_engine(postgresql_url, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
    with engine.connect() as server:
        name = server.execute(sa.text("SELECT current_database()")).scalar()
        server.exec_driver_sql(f"ALTER DATABASE {name} SET default_transaction_read_only = on")
    ledger = open_on(postgresql_url)
    with pytest.raises(LedgerUnavailable):
        ledger.admit(a_submission(), route=a_route())
    assert not any(ledger.counts().values())
