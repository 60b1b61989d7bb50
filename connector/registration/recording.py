"""Writing down what an office said, also when the database is away for a moment.

The answer of an office is worth more than any other row: while it is in hand, giving up at the first
trouble of the disk would turn a known outcome into a question. So the write is tried again for a while;
the lease is renewed meanwhile.
"""

from datetime import timedelta
from typing import Final

from connector.errors import LedgerUnavailable, LostRace
from connector.ledger.ledger import Ledger
from connector.ledger.records import Claim, Happening
from connector.ledger.step_records import StepEnd
from connector.observability.logging import get_logger
from connector.observability.metrics import count_lease_lost
from connector.transport.limits import Pause

__all__ = ["record_surely"]

log = get_logger(__name__)

_GAPS: Final = tuple(timedelta(seconds=seconds) for seconds in (0.1, 0.5, 2, 5, 10, 10))


def record_surely(
    ledger: Ledger, claim: Claim, happening: Happening, pause: Pause, *, end: StepEnd | None = None
) -> None:
    """Record the happening, and with it how the open step ended where one is open beside the decisive one.

    Where the claim no longer holds, say what came too late. Raise LedgerUnavailable only after about half a minute of
    trying: the letter then stays as it is, and its lease ends.
    """
    for gap in (*_GAPS, None):
        try:
            if end is None:
                ledger.record(claim, happening)
            else:
                ledger.journal.record(claim, end, happening)
        except LostRace:
            _say_too_late(claim, happening)
        except LedgerUnavailable:
            if gap is None:
                _say_not_recorded(claim, happening)
                raise
            pause(gap.total_seconds())
            continue
        return


def _say_too_late(claim: Claim, happening: Happening) -> None:
    count_lease_lost(str(claim.lane.stage))
    log.warning("registration.answer_too_late", **_facts(claim, happening))


def _say_not_recorded(claim: Claim, happening: Happening) -> None:
    log.error("registration.answer_not_recorded", **_facts(claim, happening))


def _facts(claim: Claim, happening: Happening) -> dict[str, str | None]:
    """Return what an operator needs to settle the letter by hand: ids and the office's number."""
    registration = happening.registration
    return {
        "letter_id": claim.letter_id,
        "office": claim.lane.connection,
        "outcome": str(happening.event),
        "number": registration.number if registration else None,
    }
