"""What the citizen is told: facts and replies, the messages that carry them, and the way of a message."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from connector.domain.lifecycle import Event
from connector.errors import IllegalTransition

__all__ = [
    "FACT_OF",
    "MESSAGE_ENDS",
    "MESSAGE_TRANSITIONS",
    "Fact",
    "FactKind",
    "MessageEvent",
    "MessageStatus",
    "ReplyKind",
    "Told",
    "next_message_status",
]


class FactKind(StrEnum):
    """What a citizen may be told about a letter."""

    RECEIVED = "received"
    REGISTERED = "registered"
    REFUSED = "refused"
    REFERRED = "referred"
    ANSWERED = "answered"
    RETURNED = "returned"
    CLOSED = "closed"
    DELAYED = "delayed"
    """It takes long, and is being worked on."""
    WITHDRAWN = "withdrawn"


class ReplyKind(StrEnum):
    """What a citizen may be answered who wrote to us. Not one of the facts: nobody chooses them, and none is stale."""

    STATUS = "reply_status"
    """How the letter stands whose tracking code was sent, by the number that the letter gives."""
    NEUTRAL = "reply_neutral"
    """No letter of this number has the code: the same words whether it exists or not."""
    MISTYPED = "reply_mistyped"
    """What was sent looks like a tracking code and is none."""
    OPTED_OUT = "reply_opted_out"
    OPTED_IN = "reply_opted_in"
    MARKED = "reply_marked"
    """The mark for the service was written down."""
    NOT_MARKED = "reply_not_marked"
    """There is no letter to give a mark to, or its mark stands."""
    HELP = "reply_help"
    ENOUGH = "reply_enough"
    """Too many messages came: nothing more is answered for a while. Said once."""


Told = FactKind | ReplyKind
"""What a message carries."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Fact:
    """One thing to tell, once. Kind and occurrence together are unique for the letter."""

    kind: FactKind
    occurrence: str = ""
    """Tells apart facts of the same kind: the reference of a referral, the position of an answer after the first;
    empty where there can be only one."""


FACT_OF: Final[dict[Event, FactKind]] = {
    Event.RECEIVED: FactKind.RECEIVED,
    Event.REGISTERED: FactKind.REGISTERED,
    Event.FOUND: FactKind.REGISTERED,
    Event.SETTLED_REGISTERED: FactKind.REGISTERED,
    Event.REFUSED: FactKind.REFUSED,
    Event.REFERRED: FactKind.REFERRED,
    Event.ANSWERED: FactKind.ANSWERED,
    Event.RETURNED: FactKind.RETURNED,
    Event.CLOSED: FactKind.CLOSED,
    Event.DELAYED: FactKind.DELAYED,
    Event.WITHDRAWN: FactKind.WITHDRAWN,
}
"""Which events the citizen is told of. The others are the house's own affair."""


class MessageStatus(StrEnum):
    """Where a message stands."""

    QUEUED = "queued"
    SENDING = "sending"
    UNCERTAIN = "uncertain"
    ACCEPTED = "accepted"
    """The gateway has it; the delivery report is awaited."""
    DELIVERED = "delivered"
    UNDELIVERED = "undelivered"
    UNKNOWN = "unknown"
    """No certainty will come any more: the outcome was lost and cannot be asked, or the report never came."""
    FAILED = "failed"
    """The gateway will never take it."""
    SUPERSEDED = "superseded"
    """Not told any more: a newer fact of the letter says more, and all that this one would have said."""
    JOINED = "joined"
    """Told within the text of a later message of the letter."""
    WITHHELD = "withheld"
    """Not told: the citizen wants no messages."""


class MessageEvent(StrEnum):
    """What happened to a message."""

    ANNOUNCED = "announced"
    ACCEPTED = "accepted"
    POSTPONED = "postponed"
    OUTCOME_LOST = "outcome_lost"
    FOUND = "found"
    FOUND_ABSENT = "found_absent"
    LET_GO = "let_go"
    """The time for certainty has passed."""
    REJECTED = "rejected"
    DELIVERED = "delivered"
    UNDELIVERED = "undelivered"
    DEFERRED = "deferred"
    """Put off before anything was tried: it is night, or the day's budget is spent."""
    MOVED = "moved"
    """Another gateway sends it."""
    SUPERSEDED = "superseded"
    JOINED = "joined"
    WITHHELD = "withheld"
    SENT_AGAIN = "sent_again"
    """Nobody can say whether it went out, and the fact is worth a doubled text: it may now be told twice."""
    BLACKLISTED = "blacklisted"
    """The number takes no advertising: it goes once more, as a pattern over a service line."""


MESSAGE_TRANSITIONS: Final[dict[tuple[MessageStatus, MessageEvent], MessageStatus]] = {
    (MessageStatus.QUEUED, MessageEvent.ANNOUNCED): MessageStatus.SENDING,
    (MessageStatus.QUEUED, MessageEvent.REJECTED): MessageStatus.FAILED,
    # The report of an earlier sending that was taken for absent: it is not sent again.
    (MessageStatus.QUEUED, MessageEvent.DELIVERED): MessageStatus.DELIVERED,
    (MessageStatus.SENDING, MessageEvent.ACCEPTED): MessageStatus.ACCEPTED,
    (MessageStatus.SENDING, MessageEvent.POSTPONED): MessageStatus.QUEUED,
    (MessageStatus.SENDING, MessageEvent.OUTCOME_LOST): MessageStatus.UNCERTAIN,
    (MessageStatus.SENDING, MessageEvent.REJECTED): MessageStatus.FAILED,
    (MessageStatus.UNCERTAIN, MessageEvent.FOUND): MessageStatus.ACCEPTED,
    (MessageStatus.UNCERTAIN, MessageEvent.FOUND_ABSENT): MessageStatus.QUEUED,
    (MessageStatus.UNCERTAIN, MessageEvent.LET_GO): MessageStatus.UNKNOWN,
    (MessageStatus.UNCERTAIN, MessageEvent.DELIVERED): MessageStatus.DELIVERED,
    (MessageStatus.UNCERTAIN, MessageEvent.UNDELIVERED): MessageStatus.UNDELIVERED,
    (MessageStatus.SENDING, MessageEvent.DELIVERED): MessageStatus.DELIVERED,
    (MessageStatus.SENDING, MessageEvent.UNDELIVERED): MessageStatus.UNDELIVERED,
    (MessageStatus.ACCEPTED, MessageEvent.DELIVERED): MessageStatus.DELIVERED,
    (MessageStatus.ACCEPTED, MessageEvent.UNDELIVERED): MessageStatus.UNDELIVERED,
    (MessageStatus.ACCEPTED, MessageEvent.LET_GO): MessageStatus.UNKNOWN,
    # Of two sendings, or of two reports, the one that says that it arrived is right.
    (MessageStatus.UNDELIVERED, MessageEvent.DELIVERED): MessageStatus.DELIVERED,
    (MessageStatus.UNKNOWN, MessageEvent.DELIVERED): MessageStatus.DELIVERED,
    (MessageStatus.UNKNOWN, MessageEvent.UNDELIVERED): MessageStatus.UNDELIVERED,
    (MessageStatus.QUEUED, MessageEvent.DEFERRED): MessageStatus.QUEUED,
    (MessageStatus.QUEUED, MessageEvent.MOVED): MessageStatus.QUEUED,
    (MessageStatus.QUEUED, MessageEvent.SUPERSEDED): MessageStatus.SUPERSEDED,
    (MessageStatus.QUEUED, MessageEvent.JOINED): MessageStatus.JOINED,
    (MessageStatus.QUEUED, MessageEvent.WITHHELD): MessageStatus.WITHHELD,
    (MessageStatus.UNCERTAIN, MessageEvent.SENT_AGAIN): MessageStatus.QUEUED,
    (MessageStatus.SENDING, MessageEvent.BLACKLISTED): MessageStatus.QUEUED,
    (MessageStatus.UNCERTAIN, MessageEvent.BLACKLISTED): MessageStatus.QUEUED,
    (MessageStatus.ACCEPTED, MessageEvent.BLACKLISTED): MessageStatus.QUEUED,
    # As above: an earlier sending arrived after all.
    (MessageStatus.SUPERSEDED, MessageEvent.DELIVERED): MessageStatus.DELIVERED,
    (MessageStatus.JOINED, MessageEvent.DELIVERED): MessageStatus.DELIVERED,
    (MessageStatus.WITHHELD, MessageEvent.DELIVERED): MessageStatus.DELIVERED,
}

MESSAGE_ENDS: Final = frozenset(
    {
        MessageStatus.DELIVERED,
        MessageStatus.UNDELIVERED,
        MessageStatus.UNKNOWN,
        MessageStatus.FAILED,
        MessageStatus.SUPERSEDED,
        MessageStatus.JOINED,
        MessageStatus.WITHHELD,
    }
)


def next_message_status(status: MessageStatus, event: MessageEvent) -> MessageStatus:
    """Return the status that follows. Raise IllegalTransition if the table has no such row."""
    try:
        return MESSAGE_TRANSITIONS[status, event]
    except KeyError:
        raise IllegalTransition(
            f"A message that is {status} cannot be {event}.", status=str(status), event=str(event)
        ) from None
