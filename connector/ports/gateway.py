"""The gateway port: the SMS provider, as the core sees it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol, runtime_checkable

from connector.errors import CallFailed, OutcomeUnknown, RateLimited
from connector.ports.outcomes import DeliveryState, MessageFound, NotSent, SendOutcome, Unanswered
from connector.ports.pattern import PatternRules, PatternUse

__all__ = [
    "DeliveryReport",
    "FindsByOwnId",
    "GatewayAdapter",
    "GatewayCapabilities",
    "OutgoingMessage",
    "ReadsReceipts",
    "ReportsDelivery",
    "left_over",
]


@dataclass(frozen=True, kw_only=True, slots=True)
class OutgoingMessage:
    """One text for one citizen."""

    own_id: int
    """Ours, positive, at most 63 bits; the same on every attempt, so that the gateway can be asked by it."""
    mobile: str
    """``09xxxxxxxxx``."""
    text: str
    """What the citizen reads; the fallback where there is a pattern."""
    pattern: PatternUse | None = None
    """Goes instead of the text, where the gateway has patterns and this one keeps its rules."""


@dataclass(frozen=True, kw_only=True, slots=True)
class GatewayCapabilities:
    """What a gateway can do beyond sending."""

    batch_size: int = 1
    find_by_own_id: bool = False
    delivery_batch: int = 0
    """Messages that one delivery query may ask about; 0 where reports only come by callback, or never."""
    reads_receipts: bool = False
    """Delivery reports arrive at our web address."""
    patterns: PatternRules | None = None
    """None where the gateway has no patterns."""
    has_inbox: bool = False
    inbox_reads_once: bool = False
    """What the inbox has shown it will not show again."""
    inbox_every: timedelta | None = None
    """The longest time between two looks into the inbox, where the gateway must not wait for longer: what came over a
    living session is acknowledged only when it is stored. None leaves it to the house."""
    takes_incoming: bool = False
    """Incoming messages arrive at our web address."""
    tells_credit: bool = False
    delivery_horizon: timedelta = timedelta(hours=24)
    """After this the gateway no longer knows the message."""
    concurrency: int = 2
    calls_per_second: float | None = None


class GatewayAdapter(Protocol):
    """One gateway, connected."""

    @property
    def capabilities(self) -> GatewayCapabilities:
        """What this gateway can do."""
        ...

    def send(self, messages: Sequence[OutgoingMessage]) -> Sequence[SendOutcome]:
        """Hand over at most ``batch_size`` messages and return one outcome for each, in the same order."""
        ...

    def check(self) -> str:
        """Ask the gateway for something harmless (credit, status) and say in a sentence what was seen."""
        ...

    def close(self) -> None:
        """Let go of sessions and sockets. May be called twice."""
        ...


@runtime_checkable
class FindsByOwnId(Protocol):
    """A gateway that can be asked for messages by our own id."""

    def find(self, own_ids: Sequence[int]) -> Mapping[int, MessageFound]:
        """Return what the gateway has of these ids; an id that is left out is not there at this moment."""
        ...


@runtime_checkable
class ReportsDelivery(Protocol):
    """A gateway that can be asked whether messages arrived."""

    def delivery(self, gateway_references: Sequence[str]) -> Mapping[str, DeliveryState]:
        """Return the state of these messages, at most ``delivery_batch``; an unknown one is left out."""
        ...


@dataclass(frozen=True, kw_only=True, slots=True)
class DeliveryReport:
    """One delivery report that came to our web address."""

    own_id: int
    state: DeliveryState


@runtime_checkable
class ReadsReceipts(Protocol):
    """A gateway that calls us with delivery reports."""

    def read_receipt(
        self, query: Mapping[str, str], body: bytes, headers: Mapping[str, str]
    ) -> DeliveryReport | None:
        """Return the report in this call; None where it says nothing final.

        Raise CredentialsRejected when the call does not prove that it comes from the gateway, and Misbehaved
        when it cannot be read.
        """
        ...


def left_over(error: CallFailed) -> NotSent | Unanswered:
    """Return what a failure means for one part of a batch, when another part had its outcome."""
    if isinstance(error, OutcomeUnknown):
        return Unanswered(reason=error.reason or "outcome_unknown", code=error.code)
    retry_after = error.retry_after if isinstance(error, RateLimited) else None
    return NotSent(reason=error.reason or "unavailable", code=error.code, retry_after=retry_after)
