"""The stage that turns lost answers into certainty, by asking the office in the strongest way that it has."""

import time
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from random import SystemRandom
from typing import Final, cast

from connector.clock import Now, now
from connector.domain.lifecycle import Event
from connector.errors import (
    CallFailed,
    LedgerError,
    LedgerUnavailable,
    LostRace,
    NotPossible,
    RateLimited,
)
from connector.ledger.ledger import Ledger
from connector.ledger.lookup_records import NO_SIGN_YET, NOT_THERE_YET
from connector.ledger.records import Claim, LetterState
from connector.ledger.requests import OpensAttachments
from connector.observability.logging import get_logger
from connector.observability.metrics import count_lease_lost
from connector.ports.connection import Connection
from connector.ports.office import (
    FindsByKey,
    Kept,
    OfficeAdapter,
    OfficeCapabilities,
    ReservesNumber,
    Searches,
)
from connector.registration.asking import Asked, find, search, verify
from connector.registration.creating_again import CreatingAgain
from connector.registration.lookups import happening_of_lookup
from connector.registration.patience import RegistrationPolicy, when_to_try_again
from connector.registration.plan import reservation_of
from connector.registration.preparing import Interrupted
from connector.registration.ways import Way, way_back
from connector.transport.limits import Pause

__all__ = ["Reconciliation"]

log = get_logger(__name__)

_CHANCE: Final = SystemRandom().random


class Reconciliation:
    """Looks up letters whose answer was lost. Thread-safe: several runs may go on at the same time.

    An office that cannot be asked leaves the letter to a person: it stays uncertain and is never sent again.
    """

    def __init__(
        self,
        ledger: Ledger,
        office: Connection[OfficeAdapter],
        attachments: OpensAttachments | None = None,
        *,
        policy: RegistrationPolicy | None = None,
        now: Now = now,
        chance: Callable[[], float] = _CHANCE,
        pause: Pause = time.sleep,
        watching_since: datetime | None = None,
    ) -> None:
        """Take the ledger, the office and where attachments lie (the ledger's own store, where nothing is said).

        ``watching_since`` is when this process began, by the same clock as ``now``: nothing is found absent before the
        office's longest processing time has passed under its eyes.
        """
        self._watching_since = watching_since
        self._ledger = ledger
        self._office = office
        self._policy = policy or RegistrationPolicy()
        self._now = now
        self._chance = chance
        self._creating_again = CreatingAgain(
            ledger, office, attachments or ledger.attachments, policy=self._policy, now=now, pause=pause
        )

    def run(self, claims: Sequence[Claim]) -> None:
        """Do the stage's deed for each claim. Raise LedgerUnavailable if the ledger cannot be written."""
        for claim in claims:
            try:
                self._one(claim)
            except LostRace:
                count_lease_lost(str(claim.lane.stage))
                log.info("reconciliation.lost_race", letter_id=claim.letter_id, office=self._office.name)

    def _one(self, claim: Claim) -> None:
        if way_back(self._office.adapter) is Way.PERSON:
            self._leave_to_a_person(claim)
            return
        try:
            self._look_up(claim, self._ledger.state(claim.letter_id))
        except (LedgerUnavailable, LostRace):
            raise
        except LedgerError as error:  # its row, its journal or a file of it cannot be read
            failure = type(error).__name__
            log.warning("reconciliation.letter_unreadable", letter_id=claim.letter_id, failure=failure)
            self._ledger.postpone(claim, due_at=self._now() + timedelta(hours=1), reason="letter_unreadable")

    def _look_up(self, claim: Claim, state: LetterState) -> None:
        """Ask in the strongest way that there is for this letter."""
        adapter = self._office.adapter
        way, reservation = way_back(adapter), None
        if way is Way.VERIFY:
            reservation = reservation_of(self._ledger.journal.steps(claim.letter_id))
            way = way_back(adapter, has_reservation=reservation is not None)
        if way is Way.PERSON:
            self._leave_to_a_person(claim)
        elif way is Way.CREATE_AGAIN:
            self._create_again(claim, state)
        else:
            try:
                asked = self._asked(way, state, reservation)
            except (CallFailed, NotPossible) as error:
                self._postpone(Interrupted(claim=claim, error=error))
            else:
                self._record(claim, state, asked, is_exact=way is not Way.SEARCH)

    def _asked(self, way: Way, state: LetterState, reservation: Kept | None) -> Asked:
        adapter = self._office.adapter
        if way is Way.FIND:
            return find(self._office, cast("FindsByKey", adapter), state, self._now)
        if way is Way.VERIFY and reservation is not None:
            return verify(self._office, cast("ReservesNumber", adapter), reservation, state, self._now)
        return search(self._office, cast("Searches", adapter), state, self._ledger, self._now)

    def _create_again(self, claim: Claim, state: LetterState) -> None:
        interrupted = self._creating_again.run(claim, state)
        if interrupted is None:
            log.info("reconciliation.created_again", letter_id=claim.letter_id, office=self._office.name)
        else:
            self._postpone(interrupted)

    def _record(self, claim: Claim, state: LetterState, asked: Asked, *, is_exact: bool) -> None:
        capabilities: OfficeCapabilities = self._office.adapter.capabilities
        happening = happening_of_lookup(
            asked.found,
            state,
            asked_at=asked.asked_at,
            now=self._now(),
            longest_processing=capabilities.longest_processing,
            policy=self._policy,
            is_exact=is_exact,
            absence_is_proof=capabilities.absence_is_proof,
            watching_since=self._watching_since,
        )
        self._ledger.record(claim, happening)
        facts = {"letter_id": claim.letter_id, "office": self._office.name}
        log.info("reconciliation.looked_up", **facts, outcome=happening.event, lookups=state.lookups + 1)
        if happening.event is Event.LOOKED_UP and happening.reason not in {NOT_THERE_YET, NO_SIGN_YET}:
            log.warning("reconciliation.unclear", **facts, reason=happening.reason)

    def _postpone(self, interrupted: Interrupted) -> None:
        """A look-up that failed says nothing about the letter: it is not counted, and made again later."""
        claim, error = interrupted.claim, interrupted.error
        due_at = self._due_after(claim, error)
        reason = (error.reason if isinstance(error, CallFailed) else "not_possible") or "find_failed"
        if interrupted.end is None:
            self._ledger.postpone(claim, due_at=due_at, reason=reason)
        else:
            self._ledger.journal.postpone(claim, interrupted.end, due_at=due_at, reason=reason)

    def _due_after(self, claim: Claim, error: CallFailed | NotPossible) -> datetime:
        due_at = when_to_try_again(claim.attempts, self._now(), self._policy, self._chance())
        again_after = error.facts.get("again_after")
        if isinstance(error, RateLimited):
            again_after = error.retry_after or again_after
        if isinstance(again_after, timedelta):
            return max(due_at, self._now() + min(again_after, self._policy.retry_at_most_every))
        return due_at

    def _leave_to_a_person(self, claim: Claim) -> None:
        """Remind daily. Nothing may be asked here, and sending again could register the letter twice."""
        self._ledger.postpone(claim, due_at=self._now() + self._policy.remind_after, reason="needs_a_person")
        log.warning("reconciliation.needs_a_person", letter_id=claim.letter_id, office=self._office.name)
