"""How a call to an office or a gateway went, as values. Failures are types in connector.errors."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from connector.domain.referral import Answer, Referral
from connector.domain.registration import Registration

__all__ = [
    "Accepted",
    "Delivered",
    "DeliveryState",
    "Found",
    "MessageFound",
    "NotSent",
    "Outcome",
    "Progress",
    "Refused",
    "Registered",
    "Rejected",
    "SendOutcome",
    "StillUnderway",
    "Submitted",
    "Unanswered",
    "Undelivered",
]


@dataclass(frozen=True, kw_only=True, slots=True)
class Registered:
    """The secretariat registered the letter."""

    registration: Registration
    was_known: bool = False
    """True where the office says that it had the letter already: a duplicate answer with a number is success."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Submitted:
    """The office has the letter; its number comes later."""

    office_reference: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Refused:
    """The office understood the letter and will never take it as it is."""

    reason: str
    """The vendor's own wording. It may name a citizen: stored sealed, never logged, shown to the operator."""
    code: str | None = None


Outcome = Registered | Submitted | Refused
"""What ``register`` returns."""

Found = Registered | Submitted | Refused | None
"""What ``find`` returns; None means: not there at this moment, which alone proves nothing."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Progress:
    """What the office says now about one letter, the whole of it and not a difference."""

    correlation_key: str
    """Of the reference that was asked."""
    registration: Registration | None = None
    referrals: tuple[Referral, ...] = ()
    """In the order of happening."""
    answer: Answer | None = None
    is_closed: bool = False
    returned_because: str | None = None
    refused: Refused | None = None
    unmapped: tuple[str, ...] = field(default=())
    """Vendor status codes that the mapping does not know; the letter is left as it is and the operator told."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Accepted:
    """The gateway took the message."""

    gateway_reference: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Rejected:
    """The gateway will never take this message as it is."""

    code: str
    reason: str
    is_blacklisted: bool = False
    """The citizen refused advertising: the same may still go as a pattern over a service line."""


@dataclass(frozen=True, kw_only=True, slots=True)
class NotSent:
    """The gateway certainly did not take this message now; it may have taken others of the batch. Later."""

    reason: str
    """A closed word for logs and metrics."""
    code: str | None = None
    retry_after: timedelta | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Unanswered:
    """Nobody knows whether the gateway took this message, though others are certain. Look it up."""

    reason: str
    code: str | None = None


SendOutcome = Accepted | Rejected | NotSent | Unanswered
"""What ``send`` returns for each message, by position. What befell the whole batch is raised instead."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Delivered:
    """The handset has it."""

    delivered_at: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Undelivered:
    """It will never reach the handset."""

    code: str
    is_blacklisted: bool = False
    """As in ``Rejected``."""


@dataclass(frozen=True, kw_only=True, slots=True)
class StillUnderway:
    """No final word yet."""


DeliveryState = Delivered | Undelivered | StillUnderway


@dataclass(frozen=True, kw_only=True, slots=True)
class MessageFound:
    """The gateway knows our id: it took the message."""

    gateway_reference: str
    state: DeliveryState = field(default_factory=StillUnderway)
