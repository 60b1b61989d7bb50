"""A real ledger, a real connection, and a gateway that does what it is told, with its own book of what it sent."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from connector.domain.lifecycle import Stage
from connector.domain.message import MessageEvent, MessageStatus, next_message_status
from connector.ledger import Ledger
from connector.ledger.records import Claim, Lane
from connector.notification.delivery import Delivery
from connector.notification.policy import NotificationPolicy
from connector.notification.sending import Sending
from connector.notification.texts import Texts
from connector.ports.connection import Connection
from connector.ports.gateway import GatewayCapabilities, OutgoingMessage
from connector.ports.outcomes import (
    Accepted,
    Delivered,
    DeliveryState,
    MessageFound,
    SendOutcome,
    StillUnderway,
)
from connector.testing.builders import HeldClock, a_route, a_submission

LEASE = timedelta(minutes=2)
ASKABLE = GatewayCapabilities(
    batch_size=3, find_by_own_id=True, delivery_batch=2, delivery_horizon=timedelta(hours=24)
)
DEAF = GatewayCapabilities(batch_size=1, delivery_horizon=timedelta(hours=24))


class Killed(BaseException):
    """The process dies here: nothing catches it."""


Deed = Callable[[Sequence[OutgoingMessage]], Sequence[SendOutcome]]


@dataclass
class BookGateway:
    """A gateway that can be asked by our id and for delivery."""

    capabilities: GatewayCapabilities = ASKABLE
    sent: list[OutgoingMessage] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)
    next_sends: list[Deed] = field(default_factory=list)
    next_failures: list[Exception] = field(default_factory=list)
    """For the coming look-ups and delivery queries."""
    states: dict[str, DeliveryState] = field(default_factory=dict)
    has_forgotten: bool = False

    def take(self, messages: Sequence[OutgoingMessage]) -> Sequence[SendOutcome]:
        self.sent += messages
        return [Accepted(gateway_reference=f"r{message.own_id}") for message in messages]

    def send(self, messages: Sequence[OutgoingMessage]) -> Sequence[SendOutcome]:
        self.calls.append(f"send {len(messages)}")
        return (self.next_sends.pop(0) if self.next_sends else self.take)(messages)

    def find(self, own_ids: Sequence[int]) -> Mapping[int, MessageFound]:
        self.calls.append(f"find {len(own_ids)}")
        self._fail()
        known = {} if self.has_forgotten else {message.own_id for message in self.sent}
        return {
            own_id: MessageFound(
                gateway_reference=f"r{own_id}", state=self.states.get(f"r{own_id}", StillUnderway())
            )
            for own_id in own_ids
            if own_id in known
        }

    def delivery(self, gateway_references: Sequence[str]) -> Mapping[str, DeliveryState]:
        self.calls.append(f"delivery {len(gateway_references)}")
        self._fail()
        return {
            reference: self.states[reference] for reference in gateway_references if reference in self.states
        }

    def deliver_all(self) -> None:
        self.states = {f"r{message.own_id}": Delivered() for message in self.sent}

    def check(self) -> str:
        return "Fine."

    def close(self) -> None:
        pass

    def _fail(self) -> None:
        if self.next_failures:
            raise self.next_failures.pop(0)


@dataclass
class House:
    """The stage at work, step by step, with the clock in hand."""

    ledger: Ledger
    clock: HeldClock
    gateway: BookGateway
    policy: NotificationPolicy = field(default_factory=NotificationPolicy)

    def __post_init__(self) -> None:
        self.texts = Texts.load([Path("mappings/messages").resolve()])
        self.connection = Connection(
            name="sms",
            adapter=self.gateway,
            pool_size=2,
            now=self.clock.now,
            monotonic=lambda: self.clock.now().timestamp(),
            pause=lambda _: None,
        )
        self.build()

    def build(self) -> None:
        """Make the two deeds of the stage from what the house holds now."""
        options = {"now": self.clock.now, "jitter": lambda: 0.5}
        self.sending = Sending(self.ledger, self.connection, self.texts, self.policy, **options)  # type: ignore[arg-type]
        self.delivery = Delivery(self.ledger, self.connection, self.policy, **options)  # type: ignore[arg-type]

    def admit(self, count: int = 1) -> list[str]:
        """Take in letters: each has the fact "received" to tell."""
        return [self.ledger.admit(a_submission(), route=a_route()).letter_id for _ in range(count)]

    def claim(self, stage: Stage = Stage.NOTIFICATION) -> list[Claim]:
        return self.ledger.claim(Lane(stage, "sms"), holder="test", lease_for=LEASE, limit=100)

    def send(self) -> list[Claim]:
        """One run of the sending; returns what it had claimed."""
        claims = self.claim()
        self.sending.run(claims)
        return claims

    def ask_delivery(self) -> list[Claim]:
        claims = self.claim(Stage.DELIVERY)
        self.delivery.run(claims)
        return claims

    def send_when_due(self) -> timedelta:
        """Move the clock to when the next sending is due, run it, and return how long that was."""
        return self._when_due(Stage.NOTIFICATION, self.send)

    def ask_delivery_when_due(self) -> timedelta:
        return self._when_due(Stage.DELIVERY, self.ask_delivery)

    def statuses(self, letter_id: str) -> list[str]:
        """The statuses that the letter's message went through, after "queued"."""
        events = [entry.outcome for entry in self.ledger.timeline(letter_id) if entry.what == "message"]
        statuses = [MessageStatus.QUEUED]
        for event in events:
            statuses.append(next_message_status(statuses[-1], MessageEvent(event or "")))
        return [str(status) for status in statuses[1:]]

    def own_id(self) -> int:
        return self.gateway.sent[-1].own_id

    def _when_due(self, stage: Stage, run: Callable[[], list[Claim]]) -> timedelta:
        due_at = self.ledger.next_due_at(Lane(stage, "sms"))
        assert due_at is not None
        gap = max(timedelta(0), due_at - self.clock.now())
        self.clock.advance(gap)
        assert run()
        return gap
