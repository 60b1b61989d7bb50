"""Reads that put a message together from its rows: what it tells, what waits behind it, and what stands against it."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Final

import sqlalchemy as sa

from connector.domain.lifecycle import Stage
from connector.domain.message import FactKind, MessageStatus
from connector.ledger.claims import unclaimed
from connector.ledger.event_detail import referral_of, registration_of
from connector.ledger.letter_columns import letter_of
from connector.ledger.reading import rows_of_letters, states, told_reason
from connector.ledger.records import Claim, LetterState, MessageMaterial
from connector.ledger.reply_material import reply_material
from connector.ledger.seal import KeyRing
from connector.ledger.tables import messages, opt_outs, schedule

__all__ = ["material_at", "materials"]

_MESSAGES: Final = (
    sa.select(messages)
    .where(messages.c.letter_id.in_(sa.bindparam("letter_ids", expanding=True)))
    .order_by(messages.c.letter_id, messages.c.event_position)
)
_STATUSES: Final = sa.select(schedule.c.work_id, schedule.c.status).where(
    schedule.c.kind != "letter",
    schedule.c.kind == "message",
    schedule.c.letter_id.in_(sa.bindparam("letter_ids", expanding=True)),
)
_ROW_AT: Final = (
    sa.select(schedule, messages.c.gateway, messages.c.created_at)
    .join(messages, messages.c.own_id == sa.bindparam("of_message"))
    .where(schedule.c.work_id == sa.bindparam("of_work"))
)
_OPTED_OUT: Final = sa.select(opt_outs.c.mobile_index).where(
    opt_outs.c.mobile_index.in_(sa.bindparam("mobiles", expanding=True))
)
_JOINED: Final = str(MessageStatus.JOINED)
_SUPERSEDED: Final = str(MessageStatus.SUPERSEDED)
_QUEUED: Final = str(MessageStatus.QUEUED)


def materials(connection: sa.Connection, ring: KeyRing, claims: Sequence[Claim]) -> list[MessageMaterial]:
    """Return what is needed to write and follow each message, in the order of the claims."""
    letter_ids = sorted({claim.letter_id for claim in claims})
    letter_rows, event_rows = rows_of_letters(connection, letter_ids)
    asked = {"letter_ids": letter_ids}
    family: dict[str, list[Any]] = defaultdict(list)
    for row in connection.execute(_MESSAGES, asked):
        family[row.letter_id].append(row)
    statuses = {row.work_id: row.status for row in connection.execute(_STATUSES, asked)}
    mobiles = {letter.mobile_index for letter in letter_rows.values()}
    opted_out = {row.mobile_index for row in connection.execute(_OPTED_OUT, {"mobiles": sorted(mobiles)})}
    shelf = _Shelf(ring, letter_rows, event_rows, statuses)
    found = []
    for claim in claims:
        relatives = family[claim.letter_id]
        own = next(row for row in relatives if row.own_id == int(claim.work_id))
        if claim.letter_id not in letter_rows:  # what it is about is a message that a citizen sent
            reply = reply_material(connection, ring, claim, own, partial(_state, connection, ring))
            found.append(replace(reply, **_sendings(own)))
            continue
        material = shelf.material(own)
        if claim.status == _QUEUED:
            is_out = letter_rows[claim.letter_id].mobile_index in opted_out
            material = replace(material, followers=shelf.followers(own, relatives), has_opted_out=is_out)
        found.append(
            replace(
                material,
                status=MessageStatus(claim.status),
                carried=shelf.told_within(own, relatives, {_JOINED}),
                replaced=shelf.told_within(own, relatives, {_JOINED, _SUPERSEDED}),
                is_last=relatives[-1] is own,
            )
        )
    return found


def material_at(
    connection: sa.Connection, ring: KeyRing, gateway: str, own_id: int
) -> MessageMaterial | None:
    """Return one message that this gateway has now, whoever holds it; None where it has none of this id."""
    row = connection.execute(_ROW_AT, {"of_message": own_id, "of_work": str(own_id)}).first()
    if row is None or row.gateway != gateway:
        return None
    return materials(connection, ring, [unclaimed(row, Stage.DELIVERY, row.created_at)])[0]


def _sendings(row: Any) -> dict[str, Any]:
    """Return what became of the sendings of a message so far, of a fact and of a reply alike."""
    return {
        "created_at": row.created_at,
        "possible_doubles": row.possible_doubles,
        "pattern": row.pattern,
        "is_blacklisted": row.blacklisted_at is not None,
        "moves": row.moves,
    }


def _state(connection: sa.Connection, ring: KeyRing, letter_id: str) -> LetterState:
    return states(connection, ring, [letter_id])[0]


@dataclass(frozen=True, slots=True)
class _Shelf:
    """The rows that were read, by what is asked of them."""

    ring: KeyRing
    letters: Mapping[str, Any]
    events: Mapping[tuple[str, int], Any]
    statuses: Mapping[str, str]

    def material(self, row: Any) -> MessageMaterial:
        """Return one message by itself."""
        letter_row = self.letters[row.letter_id]
        letter = letter_of(letter_row, self.ring)
        event = self.events[row.letter_id, row.event_position]
        referral = referral_of(event.detail)
        return MessageMaterial(
            own_id=row.own_id,
            letter_id=row.letter_id,
            gateway=row.gateway,
            status=MessageStatus(self.statuses[str(row.own_id)]),
            fact=FactKind(row.fact),
            happened_at=event.happened_at,
            mobile=letter.sender.mobile,
            language=letter.language,
            tracking_code=letter.tracking_code,
            registration=registration_of(letter_row),
            unit=referral.unit if referral is not None else None,
            reason=told_reason(event, self.ring),
            gateway_reference=row.gateway_reference,
            announced_at=row.announced_at,
            accepted_at=row.accepted_at,
            lookups=row.lookups,
            **_sendings(row),
        )

    def told_within(
        self, own: Any, relatives: Sequence[Any], statuses: Set[str]
    ) -> tuple[MessageMaterial, ...]:
        """Return the earlier messages that this one tells instead, itself or through others, at these statuses."""
        within = {own.own_id}
        for row in reversed(relatives):  # told by a later one, so each is seen after the one that tells it
            if row.told_by in within and self.statuses[str(row.own_id)] in statuses:
                within.add(row.own_id)
        return self._all(row for row in relatives if row.own_id in within and row is not own)

    def followers(self, own: Any, relatives: Sequence[Any]) -> tuple[MessageMaterial, ...]:
        """Return the newer messages of the letter that wait."""
        return self._all(
            row
            for row in relatives
            if row.event_position > own.event_position and self.statuses[str(row.own_id)] == _QUEUED
        )

    def _all(self, rows: Iterable[Any]) -> tuple[MessageMaterial, ...]:
        return tuple(self.material(row) for row in rows)
