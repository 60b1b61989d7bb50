"""What a person did that is no event of a letter: paused an office, exported the audit. Rare, and never forgotten.

Acts stand in one chain, each with a keyed digest over itself and the one before it, so that whoever changes, removes
or adds one in the database is found by ``chapar audit verify``.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import orjson
import sqlalchemy as sa

from connector.ledger.chain import microseconds
from connector.ledger.narrow import narrow
from connector.ledger.run_turns import advisory_key
from connector.ledger.seal import KeyRing
from connector.ledger.tables import acts, events, letters
from connector.ledger.writer import Transaction

__all__ = ["Act", "act_digest", "note_act", "read_acts"]

_ONE_AT_A_TIME: Final = advisory_key("acts")
"""Two nodes must not take the same position."""
_LAST: Final = sa.select(acts.c.position, acts.c.chain).order_by(acts.c.position.desc()).limit(1)

_SHOWN: Final = ("position", "acted_at", "actor", "act", "subject", "reason")
_SAID_OF_LETTERS: Final = (
    sa.select(events.c.happened_at, events.c.event, events.c.reason, events.c.detail, letters.c.tracking_code)
    .join(letters, letters.c.letter_id == events.c.letter_id)
    .where(events.c.detail.like('%"by":"%'))
    .order_by(events.c.happened_at.desc())
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Act:
    """One act as it is shown. What a person said of a letter is an event of that letter and has no position here."""

    position: int | None
    acted_at: datetime
    actor: str
    act: str
    subject: str
    """What it was done to: a connection's name; of a letter its tracking code."""
    reason: str | None


def note_act(
    transaction: Transaction, ring: KeyRing, actor: str, act: str, subject: str, reason: str | None = None
) -> int:
    """Write who did what (``pause``, a closed word) to what (a connection's name), and why; return its position.

    Goes into the transaction of the deed itself, so that neither is kept without the other. Nothing personal but the
    actor's own name belongs in it.
    """
    connection = transaction.connection
    if connection.dialect.name == "postgresql":
        # A lock on the last row would not do: who waited for it would still see that row as the last one.
        connection.execute(sa.text("SELECT pg_advisory_xact_lock(:key)"), {"key": _ONE_AT_A_TIME})
    last = connection.execute(_LAST).first()
    values: dict[str, Any] = {
        "position": 1 if last is None else last.position + 1,
        "acted_at": transaction.at,
        "actor": narrow(actor, 80),
        "act": narrow(act, 24),
        "subject": narrow(subject, 100),
        "reason": narrow(reason, 500),
    }
    values["chain"] = act_digest(ring, "" if last is None else last.chain, values)
    connection.execute(sa.insert(acts).values(values))
    return int(values["position"])


def act_digest(ring: KeyRing, previous: str, row: dict[str, Any]) -> str:
    """Return the link of an act, from the link before it and its own columns."""
    at = microseconds(row["acted_at"])
    said = [previous, row["position"], at, row["actor"], row["act"], row["subject"], row["reason"]]
    return ring.blind(orjson.dumps(said).decode(), "audit act")


def read_acts(connection: sa.Connection, limit: int) -> Sequence[Act]:
    """Return the last acts, newest first, with what persons said of letters among them."""
    said = [
        Act(
            position=None,
            acted_at=row.happened_at,
            actor=str(orjson.loads(row.detail)["by"]),
            act=row.event,
            subject=row.tracking_code,
            reason=row.reason,
        )
        for row in connection.execute(_SAID_OF_LETTERS.limit(limit))
    ]
    noted = [
        Act(**{name: getattr(row, name) for name in _SHOWN})
        for row in connection.execute(sa.select(acts).order_by(acts.c.position.desc()).limit(limit))
    ]
    return sorted(said + noted, key=lambda act: act.acted_at, reverse=True)[:limit]
