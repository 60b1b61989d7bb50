"""The stage that turns lost answers into certainty, by asking the office what it has under our key."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from random import SystemRandom
from typing import Final

from connector.clock import Now, now
from connector.errors import (
    CallFailed,
    LedgerError,
    LedgerUnavailable,
    LostRace,
    NotPossible,
    RateLimited,
)
from connector.ledger.ledger import Ledger
from connector.ledger.records import Claim, LetterState
from connector.observability.logging import get_logger
from connector.observability.metrics import count_lease_lost
from connector.ports.connection import Connection
from connector.ports.office import FindsByKey, OfficeAdapter, OfficeCapabilities
from connector.ports.outcomes import Found
from connector.registration.lookups import happening_of_lookup
from connector.registration.patience import RegistrationPolicy, when_to_try_again

__all__ = ["Reconciliation"]

log = get_logger(__name__)

_CHANCE: Final = SystemRandom().random


class Reconciliation:
    """Looks up letters whose answer was lost. Thread-safe: several runs may go on at the same time.

    An office that cannot be asked by key leaves the letter to a person: it stays uncertain and is never
    sent again.
    """

    def __init__(
        self,
        ledger: Ledger,
        office: Connection[OfficeAdapter],
        *,
        policy: RegistrationPolicy | None = None,
        now: Now = now,
        chance: Callable[[], float] = _CHANCE,
    ) -> None:
        """Take the ledger and the office; time and chance come from outside."""
        self._ledger = ledger
        self._office = office
        self._policy = policy or RegistrationPolicy()
        self._now = now
        self._chance = chance

    def run(self, claims: Sequence[Claim]) -> None:
        """Do the stage's deed for each claim. Raise LedgerUnavailable if the ledger cannot be written."""
        for claim in claims:
            try:
                self._one(claim)
            except LostRace:
                count_lease_lost(str(claim.lane.stage))
                log.info("reconciliation.lost_race", letter_id=claim.letter_id, office=self._office.name)

    def _one(self, claim: Claim) -> None:
        adapter = self._office.adapter
        if not (adapter.capabilities.find_by_key and isinstance(adapter, FindsByKey)):
            self._leave_to_a_person(claim)
            return
        try:
            state = self._ledger.state(claim.letter_id)
        except (LedgerUnavailable, LostRace):
            raise
        except LedgerError as error:
            failure = type(error).__name__
            log.warning("reconciliation.letter_unreadable", letter_id=claim.letter_id, failure=failure)
            self._ledger.postpone(claim, due_at=self._now() + timedelta(hours=1), reason="letter_unreadable")
            return
        self._look_up(claim, state, adapter)

    def _look_up(self, claim: Claim, state: LetterState, finder: FindsByKey) -> None:
        key = state.letter.correlation_key
        secretariat = state.route.secretariat if state.route else ""
        try:
            with self._office.turn("find") as turn:
                asked_at = self._now()
                found = turn.call(lambda _: finder.find(key, secretariat))
        except (CallFailed, NotPossible) as error:
            self._postpone(claim, error)
            return
        self._record(claim, state, found, asked_at)

    def _record(self, claim: Claim, state: LetterState, found: Found, asked_at: datetime) -> None:
        capabilities: OfficeCapabilities = self._office.adapter.capabilities
        happening = happening_of_lookup(
            found,
            state,
            asked_at=asked_at,
            now=self._now(),
            longest_processing=capabilities.longest_processing,
            policy=self._policy,
        )
        self._ledger.record(claim, happening)
        log.info(
            "reconciliation.looked_up",
            letter_id=claim.letter_id,
            office=self._office.name,
            outcome=happening.event,
            lookups=state.lookups + 1,
        )

    def _postpone(self, claim: Claim, error: CallFailed | NotPossible) -> None:
        """A look-up that failed says nothing about the letter: it is not counted, and made again later."""
        due_at = when_to_try_again(claim.attempts, self._now(), self._policy, self._chance())
        again_after = error.facts.get("again_after")
        if isinstance(error, RateLimited):
            again_after = error.retry_after or again_after
        if isinstance(again_after, timedelta):
            due_at = max(due_at, self._now() + min(again_after, self._policy.retry_at_most_every))
        reason = error.reason if isinstance(error, CallFailed) else "not_possible"
        self._ledger.postpone(claim, due_at=due_at, reason=reason or "find_failed")

    def _leave_to_a_person(self, claim: Claim) -> None:
        """Remind daily. Nothing may be asked here, and sending again could register the letter twice."""
        self._ledger.postpone(claim, due_at=self._now() + self._policy.remind_after, reason="needs_a_person")
        log.warning("reconciliation.needs_a_person", letter_id=claim.letter_id, office=self._office.name)
