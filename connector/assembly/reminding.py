"""Letters that wait for a person come back to the operator's eyes from time to time: none is ever forgotten."""

from collections.abc import Sequence
from datetime import timedelta

from connector.clock import Now
from connector.errors import LostRace
from connector.ledger.ledger import Ledger
from connector.ledger.records import Claim
from connector.observability.logging import get_logger

__all__ = ["Reminding"]

log = get_logger(__name__)


class Reminding:
    """Says aloud that a letter still waits for a person, and sets the next time to say it."""

    def __init__(self, ledger: Ledger, *, remind_after: timedelta, now: Now) -> None:
        """Take the ledger and how often to remind."""
        self._ledger = ledger
        self._remind_after = remind_after
        self._now = now

    def run(self, claims: Sequence[Claim]) -> None:
        """Remind of each claimed letter. Raise LedgerUnavailable if the ledger cannot be written."""
        for claim in claims:
            log.warning(
                "operator.letter_waits",
                letter_id=claim.letter_id,
                status=claim.status,
                stage=str(claim.lane.stage),
            )
            try:
                self._ledger.keep_waiting(claim, due_at=self._now() + self._remind_after)
            except LostRace:
                continue  # somebody settled it at this moment
