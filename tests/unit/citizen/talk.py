"""A citizen and the house in talk: a real ledger and the real stages, and a gateway with an inbox that does as told."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import partial

from connector.citizen.handling import Handling
from connector.citizen.inbox import Inbox
from connector.citizen.policy import ReceivingPolicy
from connector.citizen.receiving import Receiving
from connector.notification.receipts import take_in_receipt
from connector.ports.gateway import DeliveryReport
from connector.ports.incoming import InboxPage, IncomingMessage
from tests.unit.notification.house import ASKABLE, BookGateway, House

MOBILE = "09000000001"
OTHER = "09000000002"


@dataclass
class TalkingGateway(BookGateway):
    """Its inbox shows a message once, page by page, and counts what it has shown for its cursor."""

    waiting: list[IncomingMessage] = field(default_factory=list)
    page_size: int = 10
    asked_with: list[str | None] = field(default_factory=list)
    reports: list[DeliveryReport] = field(default_factory=list)
    keys: int = 0

    def __post_init__(self) -> None:
        self.capabilities = replace(ASKABLE, has_inbox=True, inbox_reads_once=True)

    def write(self, text: str, sender: str = MOBILE, **more: object) -> IncomingMessage:
        """A citizen writes: it waits in the inbox."""
        self.keys += 1
        message = IncomingMessage(
            gateway_key=f"k{self.keys}",
            sender=sender,
            line="3000",
            text=text,
            **more,  # type: ignore[arg-type]
        )
        self.waiting.append(message)
        return message

    def inbox(self, cursor: str | None) -> InboxPage:
        self.asked_with.append(cursor)
        self.calls.append("inbox")
        self._fail()
        page, self.waiting = self.waiting[: self.page_size], self.waiting[self.page_size :]
        last = page[-1].gateway_key if page else None
        reports, self.reports = tuple(self.reports), []
        return InboxPage(messages=tuple(page), cursor=last, has_more=bool(self.waiting), reports=reports)

    def heard(self, mobile: str = MOBILE) -> list[str]:
        """The texts that this number got."""
        return [message.text for message in self.sent if message.mobile == mobile]


class Talk:
    """The house at work, step by step, with the clock in hand."""

    def __init__(self, house: House, policy: ReceivingPolicy | None = None) -> None:
        self.house = house
        self.ledger, self.clock = house.ledger, house.clock
        self.policy = policy or ReceivingPolicy()
        self.restart()

    @property
    def gateway(self) -> TalkingGateway:
        assert isinstance(self.house.gateway, TalkingGateway)
        return self.house.gateway

    def restart(self) -> None:
        """Make everything anew that lives in memory: a new process on the same ledger."""
        self.handling = Handling(self.ledger, self.policy, now=self.clock.now)
        self.receiving = Receiving(self.ledger, self.handling)
        self.inbox = Inbox(
            self.ledger,
            self.house.connection,
            self.receiving,
            every=timedelta(seconds=15),
            at_most_every=timedelta(minutes=2),
            now=self.clock.now,
            take_report=partial(take_in_receipt, self.ledger, "sms"),
        )
        self.house.build()

    def say(self, *texts: str, sender: str = MOBILE) -> list[str]:
        """A number writes; the house reads its inbox and sends what it has to say. Returns what the number heard."""
        before = len(self.gateway.heard(sender))
        for text in texts:
            self.gateway.write(text, sender)
        self.clock.advance(timedelta(minutes=2))
        self.inbox.run()
        self.send()
        return self.gateway.heard(sender)[before:]

    def send(self) -> None:
        while self.house.send():
            pass

    def unhandled(self) -> Sequence[str]:
        return self.ledger.incoming.due(self.clock.now() + timedelta(days=9), 1000)
