"""The stage's deed: received letters are screened and sent on."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Final, Protocol

from connector.clock import Now, now
from connector.errors import LedgerUnavailable, LostRace
from connector.intake.deciding import ScreeningPolicy, decide, may_have_twins
from connector.intake.routes import Routes
from connector.ledger.records import Claim, Happening, LetterState
from connector.observability.logging import get_logger

__all__ = ["Screening", "ScreensLetters", "when_to_screen_again"]

log = get_logger(__name__)

_FIRST_GAP: Final = timedelta(seconds=30)
_LONGEST_GAP: Final = timedelta(hours=1)


class ScreensLetters(Protocol):
    """The part of the ledger that the screening needs."""

    def state(self, letter_id: str) -> LetterState:
        """Return the letter with what is known of its way."""
        ...

    def twins(self, state: LetterState, *, since: datetime) -> list[str]:
        """Return the tracking codes of earlier letters of the same sender with the same content."""
        ...

    def record(self, claim: Claim, *happenings: Happening) -> None:
        """Write the happenings and end the claim."""
        ...

    def postpone(self, claim: Claim, *, due_at: datetime, reason: str) -> None:
        """End the claim without an event."""
        ...


class Screening:
    """Screens letters that are RECEIVED. Thread-safe."""

    def __init__(
        self,
        ledger: ScreensLetters,
        routes: Callable[[], Routes],
        policy: ScreeningPolicy | None = None,
        now: Now = now,
    ) -> None:
        """Take the ledger, a call that returns the routes of this moment, and the operator's choices."""
        self._ledger = ledger
        self._routes = routes
        self._policy = policy or ScreeningPolicy()
        self._now = now

    def run(self, claims: Sequence[Claim]) -> None:
        """Screen each claimed letter; the trouble of one is not the trouble of the others.

        Raise LedgerUnavailable if the ledger cannot be written: the leases then end by themselves, nothing is lost.
        """
        for claim in claims:
            try:
                self._screen(claim)
            except LostRace:
                log.info("intake.lost_race", letter_id=claim.letter_id)
            except LedgerUnavailable:
                raise
            except Exception as error:  # noqa: BLE001 - whatever one letter brings, the others go on
                self._set_aside(claim, error)

    def _screen(self, claim: Claim) -> None:
        state = self._ledger.state(claim.letter_id)
        route = self._routes().route_for(state.letter.service, state.letter.unit)
        twins: list[str] = []
        if may_have_twins(state, self._policy):
            twins = self._ledger.twins(state, since=state.letter.received_at - self._policy.twins_within)
        happening = decide(state, route, twins, self._policy, self._now())
        self._ledger.record(claim, happening)
        log.info(
            "intake.screened",
            letter_id=claim.letter_id,
            outcome=str(happening.event),
            reason=happening.reason,
            office=route.office if route else None,
        )

    def _set_aside(self, claim: Claim, error: Exception) -> None:
        due_at = when_to_screen_again(claim.attempts, self._now())
        log.error(
            "intake.screening_failed", letter_id=claim.letter_id, attempts=claim.attempts, exc_info=error
        )
        try:
            self._ledger.postpone(claim, due_at=due_at, reason="screening_failed")
        except LostRace:
            log.info("intake.lost_race", letter_id=claim.letter_id)


def when_to_screen_again(earlier: int, now: datetime) -> datetime:
    """Return when a letter whose screening failed is tried again: the gap doubles from half a minute to an hour."""
    return now + min(_FIRST_GAP * float(2 ** min(earlier, 20)), _LONGEST_GAP)
