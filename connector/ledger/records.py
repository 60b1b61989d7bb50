"""What goes into the ledger and what comes out, as plain records."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum

from connector.domain.letter import Language, Letter, Route
from connector.domain.lifecycle import Event, Stage, Status
from connector.domain.message import FactKind, MessageEvent, MessageStatus, Told
from connector.domain.referral import Answer, Referral
from connector.domain.registration import LetterReference, Registration

__all__ = [
    "Admission",
    "Claim",
    "DailyBudget",
    "Happening",
    "Lane",
    "LetterFilter",
    "LetterRow",
    "LetterState",
    "MessageHappening",
    "MessageMaterial",
    "MessagePlan",
    "OnDue",
    "OutboxPolicy",
    "TimelineEntry",
    "WorkKind",
]


class WorkKind(StrEnum):
    """What a row of the schedule is about. The schedule is one narrow table for everything that falls due."""

    LETTER = "letter"
    MESSAGE = "message"
    PUBLICATION = "publication"
    SIDE_STEP = "side_step"


@dataclass(frozen=True, slots=True)
class Lane:
    """One stage at one connection: what a run claims from. Connections do not share lanes, so none delays another."""

    stage: Stage
    connection: str


OnDue = Callable[[Lane], None]
"""Called after a commit that made something due in this lane. Must return at once."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Admission:
    """What became of a submission at the front door."""

    letter_id: str
    tracking_code: str
    is_new: bool
    """False where the same submission was admitted before: the portal asks again, nothing is made twice."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Claim:
    """A lease on one row of the schedule. Every write names the claim and fails with LostRace if it no longer holds."""

    kind: WorkKind
    work_id: str
    """The letter id; for messages the own id as decimal text; for publications ``letter id/position``."""
    letter_id: str
    lane: Lane
    status: str
    """Status for letters, MessageStatus for messages, ``queued`` for publications."""
    version: int
    attempts: int
    """How often in a row this work was postponed. Events set it back to zero, but for ANNOUNCED, which leaves it, and
    POSTPONED, which adds one: so it grows over tries that were announced."""
    holder: str
    due_at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Happening:
    """One event of a letter with everything that follows from it; the ledger writes it in one transaction.

    The ledger adds by itself: the new status by the lifecycle table, the owner and lane, the outcome of the open step,
    and (by the outbox policy) the message to the citizen and the publication to the portal.
    """

    event: Event
    due_at: datetime | None = None
    """When the next action is due; None only where the letter is at its end."""
    reason: str | None = None
    """A closed word (``timeout``, ``http_503``) for logs, metrics and the operator. Never personal."""
    code: str | None = None
    """The vendor's code."""
    remark: str | None = None
    """The vendor's or a person's own words. Stored sealed."""
    by: str | None = None
    """Who of the agency's people said so, by the name of their login; None for what the machine did."""
    route: Route | None = None
    registration: Registration | None = None
    office_reference: str | None = None
    referral: Referral | None = None
    answer: Answer | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class LetterState:
    """A letter with what the ledger knows about its way; what a stage needs to decide."""

    letter: Letter
    status: Status
    route: Route | None
    registration: Registration | None
    office_reference: str | None
    referrals: tuple[Referral, ...]
    answer: Answer | None
    status_since: datetime
    announced_at: datetime | None
    """When the last intent to register was written; a lost answer may still take effect for a while after it."""
    lookups: int
    """Look-ups since the letter became uncertain."""
    last_event_at: datetime
    losses: int = 0
    """How often the outcome of a call was lost since a person last had a word in it; deaths of our own not counted."""
    first_announced_at: datetime | None = None
    """When the first intent to register was written: no entry of this letter is older."""
    lost_because: str | None = None
    """The reason of the last lost outcome."""
    absences: int = 0
    """The last look-ups in a row that saw nothing at all."""
    is_sighted: bool = False
    """Whether a look-up since the loss saw what may be this letter: then none that sees nothing proves its absence."""
    position: int = 0
    """Of the last event."""
    has_number_by_hand: bool = False
    """Whether it was a person who gave the number."""

    @property
    def secretariat(self) -> str:
        """Return the secretariat that registered the letter or that it is sent to; empty where it has no route yet."""
        if self.registration is not None:
            return self.registration.secretariat
        return self.route.secretariat if self.route else ""

    @property
    def reference(self) -> LetterReference:
        """Return everything by which the office may know this letter."""
        return LetterReference(
            correlation_key=self.letter.correlation_key,
            secretariat=self.secretariat,
            registration=self.registration,
            office_reference=self.office_reference,
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class OutboxPolicy:
    """Who is told of facts. Chosen by the operator, asked in the transaction of the fact."""

    told_facts: frozenset[FactKind] = frozenset(FactKind)
    """Facts that the citizen is told by SMS."""
    publishing_portals: frozenset[str] = frozenset()
    """Portals that progress is written back to."""
    default_gateway: str | None = None
    """Tells the citizen of a letter that has no route yet."""
    completing_offices: frozenset[str] = frozenset()
    """Offices that want side steps after the number: queued in the number's own transaction."""
    hold: timedelta = timedelta()
    """How long a message waits for the next fact, so that both may share a text."""
    urgent_facts: frozenset[FactKind] = frozenset()
    """Facts that wait neither for others nor for the morning, nor behind a message that does."""


@dataclass(frozen=True, kw_only=True, slots=True)
class MessageMaterial:
    """Everything that the notification stage needs for one message."""

    own_id: int
    letter_id: str
    """What it is about: a letter, or of a reply the incoming message that it answers."""
    gateway: str
    status: MessageStatus
    fact: Told
    happened_at: datetime
    mobile: str
    language: Language
    tracking_code: str
    """Empty in a reply that is about no letter."""
    letter_status: Status | None = None
    """Where the letter stands that a reply is about; facts speak of their own moment and have none."""
    registration: Registration | None = None
    unit: str | None = None
    reason: str | None = None
    gateway_reference: str | None = None
    announced_at: datetime | None = None
    accepted_at: datetime | None = None
    lookups: int = 0
    created_at: datetime | None = None
    has_opted_out: bool = False
    """Whether the citizen wants no messages; looked at while it is queued."""
    possible_doubles: int = 0
    """How often it was sent again though an earlier sending may have arrived."""
    pattern: str | None = None
    """The code of the pattern that it last went as; None for free text."""
    is_blacklisted: bool = False
    """Whether a gateway said that the number takes no advertising: then it goes as a pattern or not at all."""
    is_last: bool = True
    """Whether no newer message of the letter was made."""
    moves: int = 0
    carried: tuple["MessageMaterial", ...] = ()
    """Earlier messages of the letter that are told within this one, oldest first."""
    replaced: tuple["MessageMaterial", ...] = ()
    """Earlier messages that are told by this one in any way: what they carried must not be lost with it."""
    followers: tuple["MessageMaterial", ...] = ()
    """Newer messages of the letter that wait behind this one, oldest first; looked at while it is queued."""

    @property
    def whole(self) -> tuple["MessageMaterial", ...]:
        """Return everything that its text tells, oldest first."""
        return (*self.carried, self)


@dataclass(frozen=True, kw_only=True, slots=True)
class MessagePlan:
    """How a message is about to be sent; written down with the intent."""

    parts: int
    cost: int | None = None
    """In thousandths of the gateway's unit of money; None where no price is known."""
    pattern: str | None = None
    """The pattern's code; None for free text."""
    reason: str | None = None
    """Why free text, where there is a pattern: a closed word."""
    again_at: datetime | None = None
    """When to try again if the day's budget has no room for it."""
    not_after: datetime | None = None
    """When the hours of sending end; None where they do not matter. Whoever comes to it later puts it off."""
    reopens_at: datetime | None = None
    """Until when, then."""
    despite_opt_out: bool = False
    """Whether it goes also to a citizen who wants no messages."""


@dataclass(frozen=True, kw_only=True, slots=True)
class DailyBudget:
    """What a gateway may be given in a day."""

    gateway: str
    day: date
    """By the agency's calendar."""
    most_parts: int | None = None
    most_cost: int | None = None
    """In thousandths."""


@dataclass(frozen=True, kw_only=True, slots=True)
class MessageHappening:
    """One event of a message; the ledger adds the new status, the lane, and frees the next message of the letter."""

    event: MessageEvent
    due_at: datetime | None = None
    """When the next action is due (send again, look up, ask for delivery); None where the message is at its end."""
    reason: str | None = None
    code: str | None = None
    gateway_reference: str | None = None
    told_by: int | None = None
    """The own id of the message that tells the fact instead: after SUPERSEDED and JOINED."""
    to_gateway: str | None = None
    """Who sends it from now on: after MOVED, and after BLACKLISTED where another gateway has the pattern."""


@dataclass(frozen=True, kw_only=True, slots=True)
class LetterFilter:
    """Which letters a list shows."""

    statuses: frozenset[Status] = field(default_factory=frozenset)
    office: str | None = None
    portal: str | None = None
    older_than: datetime | None = None
    last_reason: str | None = None
    """The closed word that the list shows as its reason."""
    mobile: str | None = field(default=None, repr=False)
    """Exactly this number, in its national form; looked up through the blind index."""
    identity_number: str | None = field(default=None, repr=False)
    """Exactly this sender, looked up likewise."""
    limit: int = 50


@dataclass(frozen=True, kw_only=True, slots=True)
class LetterRow:
    """One line of a list; nothing personal."""

    letter_id: str
    tracking_code: str
    status: Status
    portal: str
    office: str | None
    secretariat: str | None
    number: str | None
    received_at: datetime
    due_at: datetime | None
    owner: Stage | None
    attempts: int
    last_reason: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class TimelineEntry:
    """One line of a letter's history, in words that are safe to show to an operator."""

    at: datetime
    what: str
    """``event``, ``step``, ``message``, ``publication``, ``incoming`` (its citizen asked) or ``reply``."""
    name: str
    outcome: str | None = None
    reason: str | None = None
    code: str | None = None
    remark: str | None = None
    detail: str | None = None
