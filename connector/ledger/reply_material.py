"""What the notification stage needs for a reply: its subject is the incoming message that it answers, and no letter."""

from collections.abc import Callable
from typing import Any, Final

import sqlalchemy as sa

from connector.domain.letter import Language
from connector.domain.message import MessageStatus, ReplyKind
from connector.ledger.incoming_columns import opened
from connector.ledger.incoming_tables import incoming_messages
from connector.ledger.records import Claim, LetterState, MessageMaterial
from connector.ledger.seal import KeyRing

__all__ = ["reply_material"]

_INCOMING: Final = sa.select(incoming_messages).where(
    incoming_messages.c.incoming_id == sa.bindparam("of_incoming")
)


def reply_material(
    connection: sa.Connection, ring: KeyRing, claim: Claim, row: Any, state_of: Callable[[str], LetterState]
) -> MessageMaterial:
    """Return what is needed to write and follow a reply.

    A letter that it is about is told as it stands now, and not as it stood when the question came.
    """
    incoming = connection.execute(_INCOMING, {"of_incoming": claim.letter_id}).one()
    state = state_of(incoming.letter_id) if incoming.letter_id is not None else None
    public = [referral.unit for referral in state.referrals if referral.is_public] if state else []
    return MessageMaterial(
        own_id=row.own_id,
        letter_id=claim.letter_id,
        gateway=row.gateway,
        status=MessageStatus(claim.status),
        fact=ReplyKind(row.fact),
        happened_at=state.status_since if state else incoming.received_at,
        mobile=opened(incoming, ring).mobile or "",
        language=Language(incoming.language),
        tracking_code=state.letter.tracking_code if state else "",
        letter_status=state.status if state else None,
        registration=state.registration if state else None,
        unit=public[-1] if public else None,
        gateway_reference=row.gateway_reference,
        announced_at=row.announced_at,
        accepted_at=row.accepted_at,
        lookups=row.lookups,
    )
