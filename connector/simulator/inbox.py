"""The handsets' own book: every SMS that the gateway took, in order, and when it reached its handset."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import IntEnum

from connector import clock
from connector.simulator.records import HandsetMessage

__all__ = ["DeliveryCode", "Inbox", "Stored"]


class DeliveryCode(IntEnum):
    """Where a message stands, in the gateway's codes."""

    QUEUED = 1
    SENT_TO_CENTRE = 4
    UNDELIVERED = 11
    DELIVERED = 10
    ID_UNKNOWN = 100


@dataclass(frozen=True, slots=True)
class Stored:
    """One message with the gateway's id for it."""

    message_id: int
    message: HandsetMessage


@dataclass
class Inbox:
    """Takes messages and keeps them. Thread-safe.

    A repeated local id is taken again as a new message: the vendor promises nothing else.
    """

    deliver_after: timedelta = timedelta(milliseconds=500)
    now: clock.Now = clock.now
    unreachable: frozenset[str] = frozenset()
    """Mobiles that are switched off for good: what is sent to them is never delivered."""
    _stored: list[Stored] = field(default_factory=list, init=False)

    def __post_init__(self) -> None:
        """Begin empty."""
        self._lock = threading.Lock()

    def take(self, mobile: str, text: str, local_id: int | None) -> Stored:
        """Keep one more message and return it with its new id."""
        with self._lock:
            sequence = len(self._stored) + 1
            stored = Stored(
                8_000_000 + sequence,
                HandsetMessage(
                    mobile=mobile, text=text, local_id=local_id, received_at=self.now(), sequence=sequence
                ),
            )
            self._stored.append(stored)
            return stored

    def by_message_id(self, message_id: int) -> Stored | None:
        """Return the message of this id."""
        with self._lock:
            return next((stored for stored in self._stored if stored.message_id == message_id), None)

    def by_local_id(self, local_id: int) -> Stored | None:
        """Return the first message that came with this local id."""
        with self._lock:
            return next((stored for stored in self._stored if stored.message.local_id == local_id), None)

    def delivery(self, stored: Stored | None) -> DeliveryCode:
        """Return where this message stands now."""
        if stored is None:
            return DeliveryCode.ID_UNKNOWN
        if self.now() - stored.message.received_at < self.deliver_after:
            return DeliveryCode.SENT_TO_CENTRE
        undeliverable = stored.message.mobile in self.unreachable
        return DeliveryCode.UNDELIVERED if undeliverable else DeliveryCode.DELIVERED

    def messages(self) -> list[HandsetMessage]:
        """Return everything that was taken, in order."""
        with self._lock:
            return [stored.message for stored in self._stored]

    def conversation(self, mobile: str) -> Sequence[tuple[HandsetMessage, datetime]]:
        """Return what one citizen sees: each message with the instant at which it reached the handset."""
        return [
            (each, each.received_at + self.deliver_after) for each in self.messages() if each.mobile == mobile
        ]
