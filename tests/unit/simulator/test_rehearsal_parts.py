"""What hurts in a drill: wire, lock, clock and disk; and the judge, who must be able to say no."""

import resource
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Thread

import pytest
import sqlalchemy as sa

from connector.errors import DatabaseNotReady, SettingsInvalid
from connector.simulator.agency import SimulatedAgency
from connector.simulator.records import SubmissionRecord
from connector.simulator.rehearsal.acts import Acts
from connector.simulator.rehearsal.clock_file import ClockFile
from connector.simulator.rehearsal.databases import PostgresqlDatabase, SqliteDatabase, drill_database
from connector.simulator.rehearsal.judging import OutageWitness, personal_words, promises
from connector.simulator.rehearsal.names import FaultName
from connector.simulator.rehearsal.schedule import Planned
from connector.simulator.rehearsal.wire import CutWire, Upstream
from connector.simulator.verdict import Report

PATIENCE = 10.0


@pytest.fixture
def wire() -> Iterator[CutWire]:
    """A wire to a server that gives everything back."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                taken, _ = listener.accept()
            except OSError:
                return
            Thread(target=_echo, args=(taken,), daemon=True).start()

    Thread(target=serve, daemon=True).start()
    cut = CutWire(Upstream(listener.getsockname()[1], "127.0.0.1"))
    cut.start()
    yield cut
    cut.stop()
    listener.shutdown(socket.SHUT_RDWR)
    listener.close()


def _echo(taken: socket.socket) -> None:
    with taken:
        try:
            while data := taken.recv(4096):
                taken.sendall(data)
        except OSError:
            pass


def test_a_wire_lets_everything_through_until_it_is_cut(wire: CutWire) -> None:
    with socket.create_connection(("127.0.0.1", wire.port), PATIENCE) as near:
        near.sendall(b"one")
        assert near.recv(10) == b"one"
        wire.cut()
        with pytest.raises(ConnectionResetError):
            near.recv(10)


def test_what_a_wire_swallows_waits_and_comes_when_it_flows_again(wire: CutWire) -> None:
    with socket.create_connection(("127.0.0.1", wire.port), PATIENCE) as near:
        near.sendall(b"one")
        assert near.recv(10) == b"one"
        wire.swallow()
        near.sendall(b"two")
        near.settimeout(0.2)
        with pytest.raises(TimeoutError):
            near.recv(10)
        wire.flow()
        near.settimeout(PATIENCE)
        assert near.recv(10) == b"two"


def test_a_commit_whose_answer_is_lost_on_the_wire_is_made(postgresql_url: str) -> None:
    database = PostgresqlDatabase(sa.make_url(postgresql_url), ("node-1",))
    database.open()
    engine = sa.create_engine(database.url_for("node-1"), poolclass=sa.NullPool)
    try:
        with engine.begin() as connection:
            connection.exec_driver_sql("CREATE TABLE kept (number integer)")
        database.wire("node-1").lose_commit_answers("1", 1)
        with pytest.raises(sa.exc.OperationalError), engine.begin() as connection:
            connection.exec_driver_sql("INSERT INTO kept VALUES (1)")
        assert database.wire("node-1").commit_answers_lost("1") == 1
        # Two at the same time take turns, and one that ends takes nothing from the other.
        wire = database.wire("node-1")
        wire.lose_commit_answers("one", 2)
        wire.lose_commit_answers("other", 1)
        for _ in range(2):
            with pytest.raises(sa.exc.OperationalError), engine.begin() as connection:
                connection.exec_driver_sql("INSERT INTO kept VALUES (1)")
        assert (wire.commit_answers_lost("one"), wire.commit_answers_lost("other")) == (1, 1)
        wire.lose_commit_answers("other", 1)
        wire.keep_commit_answers("one")
        with pytest.raises(sa.exc.OperationalError), engine.begin() as connection:
            connection.exec_driver_sql("INSERT INTO kept VALUES (1)")
        assert (wire.commit_answers_lost("one"), wire.commit_answers_lost("other")) == (1, 2)
        with engine.begin() as connection:
            assert connection.exec_driver_sql("SELECT number FROM kept LIMIT 1").scalar() == 1
    finally:
        engine.dispose()
        database.close()


def test_each_lost_answer_of_a_commit_waits_for_a_commit_of_its_own(
    postgresql_url: str, tmp_path: Path
) -> None:
    database = PostgresqlDatabase(sa.make_url(postgresql_url), ("node-1",))
    database.open()
    engine = sa.create_engine(database.url_for("node-1"), poolclass=sa.NullPool)
    try:
        with engine.begin() as connection:
            connection.exec_driver_sql("CREATE TABLE kept (number integer)")
        with SimulatedAgency(tmp_path) as agency, ThreadPoolExecutor() as pool:
            acts = Acts(agency, {}, database)
            for number in (1, 2):
                cut = Planned(
                    number=number, fault=FaultName.DATABASE_CUT, after_letter=1, where="node-1",
                    form="commit_answer_lost",
                )  # fmt: skip
                playing = pool.submit(acts.play, cut)
                with pytest.raises(TimeoutError):  # nothing is committed yet
                    playing.result(timeout=0.2)
                assert number not in acts.played()
                with pytest.raises(sa.exc.OperationalError), engine.begin() as connection:
                    connection.exec_driver_sql("INSERT INTO kept VALUES (1)")
                playing.result(PATIENCE)
                assert number in acts.played()
            acts.end()
    finally:
        engine.dispose()
        database.close()


def test_the_lock_of_a_sqlite_file_keeps_every_writer_out_for_as_long_as_it_is_held(tmp_path: Path) -> None:
    database = SqliteDatabase(tmp_path / "chapar.db")
    with closing(sqlite3.connect(tmp_path / "chapar.db", timeout=0, isolation_level=None)) as writer:
        writer.execute("CREATE TABLE kept (number integer)")
        with database.locked(), pytest.raises(sqlite3.OperationalError, match="locked"):
            writer.execute("INSERT INTO kept VALUES (1)")
        writer.execute("INSERT INTO kept VALUES (2)")


def test_a_drill_on_a_given_server_uses_a_database_of_its_own_and_leaves_none_behind(
    postgresql_url: str, tmp_path: Path
) -> None:
    def names() -> set[str]:
        with engine.connect() as connection:
            return set(connection.exec_driver_sql("SELECT datname FROM pg_database").scalars())

    engine = sa.create_engine(postgresql_url, poolclass=sa.NullPool)
    before = names()
    with drill_database(postgresql_url, tmp_path, ("node-1", "node-2")) as database:
        [made] = names() - before
        assert made.startswith("chapar_rehearsal_")
        urls = {database.url_for(node) for node in ("node-1", "node-2")}
        assert len(urls) == 2
        assert all(f"/{made}?" in url for url in urls)
    assert names() == before
    engine.dispose()


def test_a_server_where_no_database_can_be_made_is_refused_with_what_helps(tmp_path: Path) -> None:
    nobody_there = "postgresql://drill@127.0.0.1:1/postgres"
    with (
        pytest.raises(DatabaseNotReady, match="cannot make a database"),
        drill_database(nobody_there, tmp_path, ("node-1",)),
    ):
        pass
    with pytest.raises(SettingsInvalid), drill_database("mysql://host/name", tmp_path, ("node-1",)):
        pass


def test_a_command_on_a_machine_with_a_wrong_clock_reads_it_and_nothing_else_changes(tmp_path: Path) -> None:
    clock = ClockFile(tmp_path / "clock")
    clock.seconds = -3600.0
    program = (
        "import sys, time; from connector.simulator.rehearsal import wrong_clock;"
        "import connector.cli.main as product; from connector.clock import now, since_boot;"
        "product.main = lambda: print(now().timestamp() - time.time(), since_boot() > 0);"
        "wrong_clock.shift_clock(); product.main()"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(clock.path)], capture_output=True, text=True, check=True
    )
    shift, is_steady = done.stdout.split()
    assert float(shift) == pytest.approx(-3600, abs=1)
    assert is_steady == "True"
    clock.close()


def test_a_disk_that_is_full_for_one_process_refuses_its_writes_and_has_room_again_later(
    tmp_path: Path,
) -> None:
    program = (
        "import sys\n"
        "for line in sys.stdin:\n"
        "    try:\n"
        "        with open(sys.argv[1], 'ab', 0) as out: out.write(b'x' * 10)\n"
        "        print('written', flush=True)\n"
        "    except OSError as error: print(type(error).__name__, flush=True)\n"
    )
    writer = subprocess.Popen(
        [sys.executable, "-c", program, str(tmp_path / "file")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )

    def writes() -> str:
        assert writer.stdin is not None
        assert writer.stdout is not None
        writer.stdin.write("\n")
        writer.stdin.flush()
        return writer.stdout.readline().strip()

    _, hard = resource.prlimit(writer.pid, resource.RLIMIT_FSIZE)
    with writer:
        seen = [writes()]
        resource.prlimit(writer.pid, resource.RLIMIT_FSIZE, (0, hard))
        seen.append(writes())
        resource.prlimit(writer.pid, resource.RLIMIT_FSIZE, (hard, hard))
        seen.append(writes())
        assert writer.stdin is not None
        writer.stdin.close()
    assert seen == ["written", "OSError", "written"]


def a_report(**changes: int) -> Report:
    return Report(
        **{
            **dict.fromkeys(("letters", "acknowledged", "registered", "refused", "registered_twice"), 0),
            **dict.fromkeys(("lost", "silent", "facts_told_twice", "messages_sent"), 0),
            **dict.fromkeys(("recovered_answers", "kills", "seconds"), 0),
            **changes,
        }
    )


def judged(books: Report, **changes: object) -> list[str]:
    usual: dict[str, object] = {
        **dict.fromkeys(("outages", "entries", "submissions"), ()),
        "words_in_logs": 0,
        "waiting_for_a_person": 0,
        "ownerless": 0,
        "is_audit_sound": None,
    }
    verdicts = promises(books, **{**usual, **changes})  # type: ignore[arg-type]
    assert [each.number for each in verdicts] == [1, 2, 3, 4, 5, 6]
    return [each.name for each in verdicts if not each.is_kept]


@pytest.mark.parametrize(
    ("trouble", "broken"),
    [
        ({"lost": 1}, "nothing_lost"),
        ({"attachments_broken": 1}, "nothing_lost"),
        ({"registered_twice": 1}, "nothing_registered_twice"),
        ({"strangers": 1}, "nothing_registered_twice"),
        ({"silent": 1}, "never_silent"),
        ({"facts_told_twice": 1}, "no_fact_told_twice"),
        ({"order_inversions": 1}, "no_fact_told_twice"),
        ({"misdirected": 1}, "nothing_where_it_does_not_belong"),
        ({"confidential_told": 1}, "nothing_where_it_does_not_belong"),
        ({"bad_signatures": 1}, "nothing_where_it_does_not_belong"),
    ],
)
def test_each_promise_is_broken_by_its_own_number_and_by_no_other(
    trouble: dict[str, int], broken: str
) -> None:
    assert judged(a_report(**trouble)) == [broken]
    assert judged(a_report()) == []


def test_a_letter_that_nobody_will_ever_look_at_breaks_a_promise() -> None:
    assert judged(a_report(), ownerless=1) == ["never_silent"]


def test_a_citizens_number_in_a_log_breaks_a_promise(tmp_path: Path) -> None:
    log = tmp_path / "daemon.log"
    record = a_submission()
    log.write_text('{"to": "+989000000001"}\n{"id": "0010000011"}\n{"code": "123456789"}\n', encoding="utf-8")
    assert personal_words([log, tmp_path / "none"], [record]) == 2
    assert judged(a_report(), words_in_logs=2) == ["nothing_where_it_does_not_belong"]


def test_an_office_that_takes_nothing_while_another_is_down_breaks_a_promise() -> None:
    at = datetime(2026, 1, 1, tzinfo=UTC)
    outage = OutageWitness(begun_at=at, ended_at=at + timedelta(seconds=10), other_secretariat="10")
    came = a_submission(acknowledged_at=at + timedelta(seconds=1))
    assert judged(a_report(), outages=[outage], submissions=[came]) == ["trouble_stays_its_own"]
    assert judged(a_report(), outages=[outage]) == []  # nobody came: nothing is to be seen


def a_submission(*, acknowledged_at: datetime | None = None) -> SubmissionRecord:
    return SubmissionRecord(
        submission_id="web-1",
        mark="NMN00100001",
        mobile="09000000001",
        identity_number="0010000011",
        service="complaint",
        attachments=(),
        acknowledged_at=acknowledged_at,
    )
