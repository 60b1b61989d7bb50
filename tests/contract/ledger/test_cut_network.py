"""A network that is cut without a word: nobody waits for ever, nothing half-done is kept, all comes back by itself."""

import threading
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from connector.clock import monotonic
from connector.errors import LedgerUnavailable
from connector.ledger import Ledger, database, opening
from connector.ledger.database import open_database, reading
from connector.testing.builders import a_route, a_submission
from tests.contract.ledger.walk import HOLD, INTAKE
from tests.cut_network import CutNetwork

PATIENCE = timedelta(seconds=0.5)
BOUND = 20.0


@pytest.fixture
def network(postgresql_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[CutNetwork]:
    """A network between the ledger and its server; the driver's shortest time to connect."""
    monkeypatch.setitem(database._WE_NOTICE, "connect_timeout", 2)
    standing = CutNetwork(postgresql_url)
    yield standing
    standing.close()


@pytest.fixture
def ledger(network: CutNetwork, open_on: Any, monkeypatch: pytest.MonkeyPatch) -> Ledger:
    """A daemon's ledger behind that network, with less patience than it has in earnest."""
    monkeypatch.setattr(opening, "PATIENCE", PATIENCE)
    opened: Ledger = open_on(network.url, alone=True)
    return opened


def test_a_server_that_says_nothing_any_more_is_given_up_within_the_patience(
    ledger: Ledger, network: CutNetwork
) -> None:
    ledger.counts()
    network.freeze()
    began = monotonic()
    with pytest.raises(LedgerUnavailable):
        ledger.counts()
    assert monotonic() - began < BOUND
    network.thaw()


def test_a_connection_that_is_opened_while_nothing_flows_is_given_up_too(network: CutNetwork) -> None:
    network.freeze()
    away = open_database(network.url, patience=PATIENCE)
    with pytest.raises(sa.exc.OperationalError), reading(away.reading):
        pass
    network.thaw()
    away.dispose()


def test_what_was_being_written_when_the_network_froze_is_written_when_it_flows_again(
    ledger: Ledger, network: CutNetwork
) -> None:
    network.freeze()
    with pytest.raises(LedgerUnavailable):
        ledger.admit(a_submission(submission_id="s-1"), route=a_route())
    network.thaw()
    tracking_code = _until_it_works(lambda: ledger.admit(a_submission(submission_id="s-1"), route=a_route()))
    assert sum(ledger.counts().values()) == 1
    assert tracking_code


def test_every_thread_comes_free_however_many_were_in_the_middle_of_something(
    ledger: Ledger, network: CutNetwork
) -> None:
    ended = threading.Semaphore(0)
    begun = threading.Barrier(13)

    def write() -> None:
        begun.wait(BOUND)
        try:
            for _ in range(10_000):
                ledger.admit(a_submission(), route=a_route())
        except LedgerUnavailable:
            ended.release()

    threads = [threading.Thread(target=write, daemon=True) for _ in range(12)]
    for thread in threads:
        thread.start()
    begun.wait(BOUND)
    network.freeze()
    assert all(ended.acquire(timeout=BOUND) for _ in threads)
    network.thaw()
    _until_it_works(lambda: ledger.claim(INTAKE, **HOLD))


def test_rows_that_a_vanished_node_had_in_the_middle_of_a_write_are_soon_free_for_the_others(
    network: CutNetwork, postgresql_url: str, open_on: Any
) -> None:
    other: Ledger = open_on(postgresql_url)
    letter_id = other.admit(a_submission(), route=a_route()).letter_id
    vanishing = open_database(network.url, patience=PATIENCE)
    lock = sa.text("SELECT 1 FROM schedule WHERE work_id = :id FOR UPDATE")
    with vanishing.writing.connect() as connection:
        connection.execute(lock, {"id": letter_id})
        network.freeze()
        assert [claim.letter_id for claim in _until(lambda: other.claim(INTAKE, **HOLD))] == [letter_id]
        with pytest.raises(sa.exc.OperationalError):
            connection.execute(lock, {"id": letter_id})
    network.thaw()
    vanishing.dispose()


def test_a_migration_and_a_command_may_take_their_time(postgresql_url: str) -> None:
    patient = open_database(postgresql_url)
    with reading(patient.reading) as connection:
        assert connection.execute(sa.text("SHOW statement_timeout")).scalar() == "0"
    patient.dispose()


def test_a_daemon_soon_learns_of_a_machine_that_is_gone_and_so_does_its_server(postgresql_url: str) -> None:
    daemon = open_database(postgresql_url, patience=database.PATIENCE)
    with reading(daemon.reading) as connection:
        driver: Any = connection.connection.driver_connection
        told = driver.info.get_parameters()
        assert (told["tcp_user_timeout"], told["keepalives_idle"]) == ("12000", "5")
        assert connection.execute(sa.text("SHOW statement_timeout")).scalar() == "9600ms"
        assert connection.execute(sa.text("SHOW idle_in_transaction_session_timeout")).scalar() == "9600ms"
    daemon.dispose()


def _until_it_works(ask: Any) -> Any:
    """A pool may still hand out what died in the cut; each such try is bounded."""
    began = monotonic()
    while True:
        try:
            return ask()
        except LedgerUnavailable:
            assert monotonic() - began < BOUND, "it did not come back"


def _until(ask: Any) -> Any:
    began = monotonic()
    while not (found := ask()):
        assert monotonic() - began < BOUND, "it never came"
    return found
