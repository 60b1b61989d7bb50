"""Writes what became of messages, and says it to the log and the monitor."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from connector.domain.message import MessageEvent
from connector.ledger.ledger import Ledger
from connector.ledger.records import Claim, MessageHappening, MessageMaterial
from connector.observability.logging import get_logger
from connector.observability.metrics import count_message

__all__ = ["Held", "Recorder"]

log = get_logger(__name__)

Held = tuple[Claim, MessageMaterial]
"""A message in hand: the claim on it, and what it is about."""

_WORRIES: Final = frozenset(
    {
        MessageEvent.OUTCOME_LOST,
        MessageEvent.LET_GO,
        MessageEvent.REJECTED,
        MessageEvent.UNDELIVERED,
        MessageEvent.SENT_AGAIN,
        MessageEvent.BLACKLISTED,
    }
)


class Recorder:
    """Ends claims on messages of one gateway."""

    def __init__(self, ledger: Ledger, gateway: str) -> None:
        """Keep the ledger and the gateway's name."""
        self._ledger = ledger
        self._gateway = gateway

    def record(self, results: Sequence[tuple[Claim, MessageHappening]]) -> None:
        """Write one event for each message, in one transaction."""
        if not results:
            return
        self._ledger.record_messages(results)
        for claim, happening in results:
            count_message(self._gateway, str(happening.event))
            say = log.warning if happening.event in _WORRIES else log.debug
            say(
                "notification.message_moved",
                letter_id=claim.letter_id,
                own_id=int(claim.work_id),
                gateway=self._gateway,
                event_of_message=str(happening.event),
                reason=happening.reason,
                code=happening.code,
            )

    def settle(
        self, decided: Sequence[tuple[Held, MessageHappening | datetime]], *, is_look_up: bool = False
    ) -> None:
        """Write the events, and reschedule those that have none yet."""
        self.record([(held[0], each) for held, each in decided if isinstance(each, MessageHappening)])
        later = [(held[0], each) for held, each in decided if isinstance(each, datetime)]
        if later and is_look_up:
            self._ledger.looked_up_messages(later)
        elif later:
            self._ledger.reschedule_all(later)
