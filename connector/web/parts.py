"""What the web is made of: everything that its routes call, handed in by the assembly."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Protocol

from connector.domain.letter import Submission
from connector.intake.attachment_rules import AttachmentRules
from connector.ledger.attachments import AttachmentStore
from connector.ledger.records import Admission, LetterState, MessageHappening, MessageMaterial
from connector.notification.receipts import SecondWay, no_second_way
from connector.ports.gateway import ReadsReceipts
from connector.ports.incoming import IncomingMessage, TakesIncoming
from connector.ports.portal import TakesSubmissions

__all__ = [
    "AdmitsLetters",
    "HealthCheck",
    "HealthPart",
    "KnowsLetters",
    "TakesMessages",
    "WebLimits",
    "WebParts",
]


class AdmitsLetters(Protocol):
    """The front door of intake."""

    def admit(self, submission: Submission) -> Admission:
        """Make the letter durable, or return what the same submission made before."""
        ...


class KnowsLetters(Protocol):
    """What the web asks the ledger."""

    def known_submission(self, submission: Submission) -> Admission | None:
        """Return what the same submission made before. Raise SubmissionConflict if it was other content."""
        ...

    def find_submission(self, portal: str, submission_id: str) -> str:
        """Return the letter id. Raise LetterUnknown if it was never admitted."""
        ...

    def state(self, letter_id: str) -> LetterState:
        """Return the letter with what is known about its way."""
        ...

    def record_receipt(self, gateway: str, own_id: int, happening: MessageHappening) -> bool:
        """Write a delivery report. False where this gateway has no such message, or it is at that end already."""
        ...

    def message(self, gateway: str, own_id: int) -> MessageMaterial | None:
        """Return a message that this gateway has now; None where it has none of this id."""
        ...


class TakesMessages(Protocol):
    """Whoever takes in what citizens write."""

    def take_in(self, gateway: str, messages: Sequence[IncomingMessage]) -> int:
        """Make the messages durable, and return how many are new. Raise LedgerUnavailable where that fails."""
        ...


@dataclass(frozen=True, kw_only=True, slots=True)
class HealthPart:
    """How one part of the house is."""

    name: str
    is_well: bool
    sentence: str


HealthCheck = Callable[[], HealthPart]
"""Looks at one part and returns within a second or so; may be called from several threads."""


@dataclass(frozen=True, kw_only=True, slots=True)
class WebLimits:
    """How much the web takes. Sizes are bytes."""

    largest_submission: int = 100_000_000
    """Of a whole multipart body."""
    largest_json: int = 1024 * 1024
    """Of a JSON body, attachments in base64 and all."""
    largest_letter: int = 256 * 1024
    """Of the letter part in a multipart body."""
    largest_receipt: int = 64 * 1024
    """Of whatever a gateway brings: a delivery report, or messages of citizens."""
    submissions_at_once: int = 16
    """For each portal."""
    calls_per_minute: int = 600
    """For each portal; 0: no limit."""
    silence: timedelta = timedelta(seconds=30)
    """The longest wait for the next piece of a body, and for a free place among the submissions at once."""


@dataclass(frozen=True, kw_only=True, slots=True)
class WebParts:
    """Everything that the routes call."""

    front_door: AdmitsLetters
    attachments: AttachmentStore
    rules: AttachmentRules
    ledger: KnowsLetters
    portals: Mapping[str, TakesSubmissions] = field(default_factory=dict)
    """Portals that call us, by the name of the connection."""
    gateways: Mapping[str, ReadsReceipts] = field(default_factory=dict)
    """Gateways that call us with delivery reports, by the name of the connection."""
    second_way: SecondWay = no_second_way
    """What becomes of a message that was not delivered because its number takes no advertising."""
    incoming: Mapping[str, TakesIncoming] = field(default_factory=dict)
    """Gateways that call us with messages of citizens, by the name of the connection."""
    receiving: TakesMessages | None = None
    """Where those go."""
    alive: Sequence[HealthCheck] = ()
    """The process' own threads: what a restart would set right."""
    ready: Sequence[HealthCheck] = ()
    """Everything that letters need to move."""
    measure: Callable[[], None] | None = None
    """Brings the gauges up to date; called before the metrics are shown."""
    limits: WebLimits = WebLimits()
