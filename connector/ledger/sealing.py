"""Audit seals: every so often all new events are counted and digested together, each seal tied to the one before it.

The chain of a letter shows what was done to its events; that a letter's last events are gone, or all of them, no chain
can show. A seal can: it knows how many events it was made over, and which.

Seal 0 is the beginning: it counts the events that are older than the chain. Which events a seal is over stands in the
events themselves. One that is committed late, with an earlier instant, is taken by the next seal.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, Final

import orjson
import sqlalchemy as sa

from connector.ledger.chain import microseconds
from connector.ledger.run_turns import advisory_key
from connector.ledger.seal import KeyRing
from connector.ledger.tables import acts, audit_seals, events
from connector.ledger.writer import Transaction

__all__ = ["AuditSeal", "digest_of", "seal_beginning", "seal_chain", "seal_new_events", "uncovered"]

_ALONE: Final = advisory_key("audit seals")
_LAST: Final = (
    sa.select(audit_seals.c.position, audit_seals.c.chain, audit_seals.c.acts)
    .order_by(audit_seals.c.position.desc())
    .limit(1)
)
_ACTS: Final = sa.select(sa.func.coalesce(sa.func.max(acts.c.position), 0))
_UNCOVERED: Final = sa.select(sa.func.count(), sa.func.max(events.c.happened_at)).where(
    events.c.chain.is_(None)
)
_NEW: Final = (
    sa.select(events.c.letter_id, events.c.position)
    .where(
        events.c.audit_seal.is_(None),
        events.c.chain.is_not(None),
        events.c.happened_at <= sa.bindparam("until", type_=events.c.happened_at.type),
    )
    .order_by(events.c.happened_at)
    .limit(sa.bindparam("most", type_=sa.Integer))
    .cte("new")
)
_MARK: Final = (
    sa.update(events)
    .where(sa.tuple_(events.c.letter_id, events.c.position).in_(sa.select(_NEW.c.letter_id, _NEW.c.position)))
    .values(audit_seal=sa.bindparam("seal", type_=sa.Integer))
    .returning(events.c.letter_id, events.c.position, events.c.chain)
)


@dataclass(frozen=True, kw_only=True, slots=True)
class AuditSeal:
    """One seal as it stands in the database."""

    position: int
    sealed_at: datetime
    events: int
    acts: int
    digest: str
    chain: str


def uncovered(connection: sa.Connection) -> tuple[int, datetime | None]:
    """Return how many events are older than the chain, and when the last of them happened."""
    count, last = connection.execute(_UNCOVERED).one()
    return int(count), last


def seal_beginning(transaction: Transaction, ring: KeyRing, count: int, last: datetime | None) -> None:
    """Write seal 0 over the events that are older than the chain, unless it is there."""
    if _last(transaction) is None:
        sealed_at = transaction.at if last is None else max(transaction.at, last)
        _write(transaction, ring, 0, "", sealed_at, count, digest_of(()))


def seal_new_events(
    transaction: Transaction, ring: KeyRing, *, grace: timedelta, most: int
) -> AuditSeal | None:
    """Seal up to so many events that are older than the grace time, oldest first; None where there is nothing new.

    Seal 0 must be there. The bound keeps the transaction short: whoever registers letters waits behind it on SQLite.
    """
    last = _last(transaction)
    if last is None:
        raise AssertionError("seal 0 comes first")
    position = last.position + 1
    marked = transaction.connection.execute(
        _MARK, {"until": transaction.at - grace, "most": most, "seal": position}
    ).all()
    if not marked and _number_of_acts(transaction) == last.acts:
        return None
    rows = sorted((row.letter_id, row.position, row.chain) for row in marked)
    return _write(transaction, ring, position, last.chain, transaction.at, len(rows), digest_of(rows))


def digest_of(rows: Iterable[tuple[Any, ...]]) -> str:
    """Return the digest over letter id, position and chain of events in their order; the seal's chain has the key."""
    digest = sha256()
    for row in rows:
        digest.update("{} {} {}\n".format(*row).encode())
    return digest.hexdigest()


def seal_chain(ring: KeyRing, previous: str, seal: AuditSeal) -> str:
    """Return the link of a seal, from the link before it and its own columns."""
    columns = [seal.position, microseconds(seal.sealed_at), seal.events, seal.acts, seal.digest]
    return ring.blind(orjson.dumps([previous, *columns]).decode(), "audit seal")


def _last(transaction: Transaction) -> Any:
    connection = transaction.connection
    if connection.dialect.name == "postgresql":
        connection.execute(sa.text("SELECT pg_advisory_xact_lock(:key)"), {"key": _ALONE})
    return connection.execute(_LAST).first()


def _number_of_acts(transaction: Transaction) -> int:
    return int(transaction.connection.execute(_ACTS).scalar_one())


def _write(
    transaction: Transaction,
    ring: KeyRing,
    position: int,
    previous: str,
    sealed_at: datetime,
    count: int,
    digest: str,
) -> AuditSeal:
    columns: dict[str, Any] = {
        "position": position,
        "sealed_at": sealed_at,
        "events": count,
        "acts": _number_of_acts(transaction),
        "digest": digest,
    }
    chain = seal_chain(ring, previous, AuditSeal(**columns, chain=""))
    transaction.connection.execute(sa.insert(audit_seals).values(**columns, chain=chain))
    return AuditSeal(**columns, chain=chain)
