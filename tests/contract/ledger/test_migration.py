"""A database of the first version, full of letters, comes to this version with everything in it, and goes on."""

import uuid
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic import command

from connector.domain.attachment import Attachment
from connector.domain.lifecycle import STAGE_OF, Event, Status
from connector.domain.message import MessageEvent
from connector.domain.referral import Answer, Referral
from connector.errors import DatabaseNotReady, LedgerUnavailable
from connector.ledger import KeyRing, Ledger, open_ledger, prepare_database
from connector.ledger.database import open_database, writing
from connector.ledger.migrations import REVISIONS
from connector.ledger.records import Happening, Lane, LetterFilter, MessageHappening, OutboxPolicy
from connector.ledger.schema import alembic_config, schema_version
from connector.ledger.tables import metadata
from connector.simulator.postgresql_server import PostgresqlServer
from connector.testing.builders import HeldClock, a_route, a_submission
from tests.contract.ledger.walk import HOLD, INTAKE, NOTIFICATION, NUMBER, PUBLICATION, REGISTRATION, only

Rows = dict[str, list[tuple[Any, ...]]]
POLICY = OutboxPolicy(publishing_portals=frozenset({"web"}))
WAYS: dict[Status, list[Happening]] = {
    Status.RECEIVED: [],
    Status.IN_REVIEW: [Happening(event=Event.SENT_TO_REVIEW)],
    Status.READY: [Happening(event=Event.SCREENED)],
    Status.REGISTERING: [Happening(event=Event.SCREENED), Happening(event=Event.ANNOUNCED)],
    Status.PARKED: [Happening(event=Event.GAVE_UP, reason="no_route", remark="شهروند نمونه")],
    Status.REFUSED: [Happening(event=Event.REFUSED, reason="duplicate")],
    Status.WITHDRAWN: [Happening(event=Event.WITHDRAWN)],
}
_CALLED = WAYS[Status.REGISTERING]
_REGISTERED = Happening(event=Event.REGISTERED, registration=NUMBER)
_REFERRED = Happening(event=Event.REFERRED, referral=Referral(reference="r1", unit="عمران"))
WAYS |= {
    Status.SUBMITTED: [*_CALLED, Happening(event=Event.ACCEPTED, office_reference="doc-1")],
    Status.UNCERTAIN: [*_CALLED, Happening(event=Event.OUTCOME_LOST, reason="timeout")],
    Status.REGISTERED: [*_CALLED, _REGISTERED],
    Status.REFERRED: [*_CALLED, _REGISTERED, _REFERRED],
    Status.ANSWERED: [
        *_CALLED,
        _REGISTERED,
        Happening(event=Event.ANSWERED, answer=Answer(text="موافقت شد")),
    ],
    Status.CLOSED: [*_CALLED, _REGISTERED, Happening(event=Event.CLOSED)],
    Status.RETURNED: [*_CALLED, _REGISTERED, Happening(event=Event.RETURNED, reason="incomplete")],
}


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database with nothing in it, on each in turn."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'old.db'}"
        return
    server: PostgresqlServer = request.getfixturevalue("postgresql_server")
    name = f"m{uuid.uuid4().hex[:12]}"
    engine = sa.create_engine(server.url, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
    with engine.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name}")
    yield sa.make_url(server.url).set(database=name).render_as_string(hide_password=False)
    with engine.connect() as connection:
        connection.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")
    engine.dispose()


@pytest.fixture
def old(empty_url: str, tmp_path: Path, ring: KeyRing, clock: HeldClock) -> str:
    """A database of the first version, with what this version wrote, as far as the first one could have."""
    upgrade_to(empty_url, "0001")
    source = f"sqlite:///{tmp_path / 'source.db'}"
    prepare_database(source)
    ledger = open_ledger(source, ring, attachments=tmp_path / "a", policy=POLICY, now=clock.now)
    for status in Status:
        go_the_way(ledger, clock, status)
    tell_and_publish(ledger, clock)
    with_a_file(ledger)
    ledger.close()
    copy_rows(source, empty_url)
    return empty_url


def upgrade_to(url: str, revision: str) -> None:
    database = open_database(url)
    config = alembic_config()
    with writing(database.writing) as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
    database.dispose()


def go_the_way(ledger: Ledger, clock: HeldClock, status: Status) -> str:
    """Bring a letter to this status as the stages do; it is due in a year, out of the way of the others."""
    letter_id = ledger.admit(a_submission(), route=a_route()).letter_id
    stage, claim = INTAKE, None
    for number, happening in enumerate(WAYS[status], 1):
        clock.advance(timedelta(seconds=1))
        claim = claim or only(ledger, stage)
        if happening.event is Event.ANNOUNCED:
            claim = ledger.announce(claim)
            continue
        is_last = number == len(WAYS[status])
        due_at = clock.now() + timedelta(days=365 if is_last else 0)
        ledger.record(claim, _with_due(happening, None if _is_end(status) and is_last else due_at))
        stage, claim = _next_lane(ledger, letter_id), None
    if not WAYS[status]:
        ledger.postpone(only(ledger, INTAKE), due_at=clock.now() + timedelta(days=365), reason="later")
    assert ledger.letter_row(letter_id).status == status
    return letter_id


def _with_due(happening: Happening, due_at: datetime | None) -> Happening:
    return replace(happening, due_at=due_at)


def _is_end(status: Status) -> bool:
    return status not in STAGE_OF


def _next_lane(ledger: Ledger, letter_id: str) -> Lane:
    row = ledger.letter_row(letter_id)
    return REGISTRATION if row.owner is None else Lane(row.owner, "main")


def with_a_file(ledger: Ledger) -> None:
    """Admit a letter that has an attachment."""
    incoming = ledger.attachments.begin()
    incoming.write(b"a small file")
    stored = incoming.finish()
    file = Attachment(name="file.txt", media_type="text/plain", size=stored.size, digest=stored.digest)
    ledger.admit(a_submission(attachments=(file,)), route=a_route())


def tell_and_publish(ledger: Ledger, clock: HeldClock) -> None:
    """Have messages and publications in all kinds of statuses."""
    claims = ledger.claim(NOTIFICATION, holder="node", lease_for=timedelta(seconds=60), limit=6)
    sending = ledger.announce_messages(claims)
    later = clock.now() + timedelta(days=1)
    ends = [
        MessageHappening(event=MessageEvent.ACCEPTED, due_at=later, gateway_reference="g1"),
        MessageHappening(event=MessageEvent.POSTPONED, due_at=later, reason="away"),
        MessageHappening(event=MessageEvent.OUTCOME_LOST, due_at=later, reason="timeout"),
        MessageHappening(event=MessageEvent.REJECTED, reason="number"),
    ]
    ledger.record_messages(list(zip(sending, ends, strict=False)))
    for claim in ledger.claim(PUBLICATION, holder="node", lease_for=timedelta(seconds=60), limit=3):
        ledger.published(claim)


def copy_rows(source: str, target: str) -> None:
    """Copy what the columns of the target's version can take."""
    with _connection(source) as (there, source_tables), _connection(target) as (here, target_tables):
        for name, table in target_tables.items():
            columns = [column.name for column in table.columns]
            query = sa.select(*(source_tables[name].c[column] for column in columns))
            rows = [dict(row._mapping) for row in there.execute(query)]
            if name != "alembic_version" and rows:
                here.execute(sa.insert(table), rows)


class _connection:
    """A connection in a transaction, with the tables as they are in the database."""

    def __init__(self, url: str) -> None:
        self._engine = sa.create_engine(url)

    def __enter__(self) -> tuple[sa.Connection, dict[str, sa.Table]]:
        self._begun = self._engine.begin()
        connection = self._begun.__enter__()
        reflected = sa.MetaData()
        reflected.reflect(connection)
        return connection, dict(reflected.tables)

    def __exit__(self, *error: Any) -> None:
        self._begun.__exit__(*error)
        self._engine.dispose()


def rows_of(url: str, columns: dict[str, list[str]] | None = None) -> Rows:
    """Return every row of every table, in these columns or in all, in a settled order."""
    with _connection(url) as (connection, tables):
        found = {}
        for name, table in tables.items():
            wanted = [column.name for column in table.columns] if columns is None else columns.get(name)
            if wanted and name != "alembic_version":
                query = sa.select(*(table.c[column] for column in wanted))
                found[name] = sorted((tuple(row) for row in connection.execute(query)), key=repr)
        return found


def columns_of(url: str) -> dict[str, list[str]]:
    """Return the names of all columns."""
    with _connection(url) as (_, tables):
        return {name: [column.name for column in table.columns] for name, table in tables.items()}


def test_nothing_is_lost_on_the_way_to_this_version(old: str) -> None:
    columns, before = columns_of(old), rows_of(old)
    assert len(before["letters"]) == len(Status) + 1
    assert {len(rows) > 0 for rows in before.values()} == {True}, "every table has rows"
    statuses = {row[columns["schedule"].index("status")] for row in before["schedule"]}
    assert statuses >= {*map(str, Status), "queued", "sending", "accepted", "failed", "published"}
    assert prepare_database(old) == REVISIONS[-1]
    assert rows_of(old, columns) == before
    assert prepare_database(old) == REVISIONS[-1]
    assert rows_of(old, columns) == before


def test_a_letter_has_its_status_since_its_last_event_and_what_waits_beside_it_has_a_time_too(
    old: str,
) -> None:
    prepare_database(old)
    with _connection(old) as (connection, _):
        wrong = connection.exec_driver_sql(
            "SELECT count(*) FROM schedule"
            " WHERE (kind = 'letter' OR due_at IS NOT NULL) <> (status_since IS NOT NULL)"
        ).scalar()
        late = connection.exec_driver_sql(
            "SELECT count(*) FROM schedule s WHERE kind = 'letter' AND status_since <>"
            " (SELECT max(happened_at) FROM events e WHERE e.letter_id = s.letter_id)"
        ).scalar()
    assert (wrong, late) == (0, 0)


def test_the_tables_are_those_of_a_database_that_was_made_at_this_version(old: str, empty_url: str) -> None:
    """Indexes with their conditions, checks and columns; the conditions are what Alembic does not compare."""
    prepare_database(old)
    with _connection(old) as (connection, _):
        upgraded = _shape(connection)
        metadata.drop_all(connection)
        metadata.create_all(connection)
        made = _shape(connection)
    assert upgraded == made


def _shape(connection: sa.Connection) -> dict[str, Any]:
    inspector = sa.inspect(connection)
    return {
        table: (
            {column["name"]: (str(column["type"]), column["nullable"]) for column in inspector.get_columns(table)},
            {index["name"]: (index["column_names"], _condition(index)) for index in inspector.get_indexes(table)},
            {check["name"]: _folded(check["sqltext"]) for check in inspector.get_check_constraints(table)},
            inspector.get_pk_constraint(table)["constrained_columns"],
            {each["name"]: each["column_names"] for each in inspector.get_unique_constraints(table)},
        )
        for table in metadata.tables
    }  # fmt: skip


def _condition(index: Any) -> str:
    options = index.get("dialect_options", {})
    return _folded(str(options.get("sqlite_where", options.get("postgresql_where", ""))))


def _folded(condition: str) -> str:
    return "".join(condition.split())


@pytest.mark.parametrize(
    ("change", "is_taken"),
    [
        ("kind = 'side_step', status = 'done'", True),
        ("status = 'parked'", True),
        ("kind = 'nonsense'", False),
        ("status = 'nonsense'", False),
    ],
)
def test_new_kinds_and_statuses_are_taken_and_nonsense_is_refused(
    old: str, change: str, is_taken: bool
) -> None:
    prepare_database(old)
    engine = sa.create_engine(old)
    one = "(SELECT min(work_id) FROM schedule)"
    with engine.begin() as connection:
        if is_taken:
            connection.execute(sa.text(f"UPDATE schedule SET {change} WHERE work_id = {one}"))
        else:
            with pytest.raises(sa.exc.IntegrityError):
                connection.execute(sa.text(f"UPDATE schedule SET {change} WHERE work_id = {one}"))
    engine.dispose()


def test_every_letter_goes_on_from_where_it_stood(
    old: str, tmp_path: Path, ring: KeyRing, clock: HeldClock
) -> None:
    prepare_database(old)
    ledger = open_ledger(old, ring, attachments=tmp_path / "a", policy=POLICY, now=clock.now)
    before = ledger.audit.verify()
    assert (before.is_whole, before.uncovered, before.letters) == (True, before.events, len(Status) + 1)
    ledger.audit.seal(grace=timedelta())
    clock.advance(timedelta(days=400))
    for row in ledger.letters(LetterFilter(limit=100)):
        state = ledger.state(row.letter_id)
        assert state.letter.sender.name == "شهروند نمونه"
        if row.owner is not None and row.status not in {Status.IN_REVIEW, Status.PARKED}:
            assert ledger.next_due_at(Lane(row.owner, "web" if row.status is Status.RECEIVED else "main"))
    (claim, *_) = ledger.claim(INTAKE, **HOLD)
    ledger.record(claim, Happening(event=Event.SCREENED, due_at=clock.now()))
    ledger.record(only_of(ledger, claim.letter_id), _with_due(_REGISTERED, clock.now()))
    assert ledger.letter_row(claim.letter_id).status is Status.REGISTERED
    assert ledger.claim(NOTIFICATION, **HOLD) != []
    after = ledger.audit.verify()
    assert (after.is_whole, after.uncovered, after.events) == (True, before.events, before.events + 3)
    assert ledger.silent() == 0
    ledger.close()


def only_of(ledger: Ledger, letter_id: str) -> Any:
    """Announce the registration of this letter; the others that are due are left alone."""
    claims = ledger.claim(REGISTRATION, **HOLD)
    return ledger.announce(next(claim for claim in claims if claim.letter_id == letter_id))


def test_an_upgrade_that_breaks_off_leaves_everything_as_it_was(old: str) -> None:
    before, columns = rows_of(old), columns_of(old)
    engine = sa.create_engine(old)
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE outside_writes (x INTEGER)")
    with pytest.raises(LedgerUnavailable):
        prepare_database(old)
    with engine.begin() as connection:
        connection.exec_driver_sql("DROP TABLE outside_writes")
    engine.dispose()
    assert (rows_of(old), columns_of(old)) == (before, columns)
    database = open_database(old)
    assert schema_version(database) == "0001"
    database.dispose()
    prepare_database(old)
    assert rows_of(old, columns) == before


def test_a_database_of_the_first_version_is_refused_until_it_is_upgraded(
    old: str, tmp_path: Path, ring: KeyRing
) -> None:
    with pytest.raises(DatabaseNotReady) as caught:
        open_ledger(old, ring, attachments=tmp_path / "a")
    assert caught.value.facts["version"] == "0001"
    assert "chapar db upgrade" in str(caught.value.next_step)
