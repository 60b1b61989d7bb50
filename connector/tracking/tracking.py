"""The stage: claimed letters are asked about together, and each is recorded or given its next time."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from connector.clock import Now, now
from connector.domain.lifecycle import Status
from connector.errors import CallFailed, LedgerError, LedgerUnavailable, LostRace, NotPossible, NumberTaken
from connector.ledger.ledger import Ledger
from connector.ledger.lookup_records import NUMBER_OF_ANOTHER
from connector.ledger.records import Claim, Happening, LetterState
from connector.observability.logging import get_logger
from connector.observability.metrics import count_lease_lost
from connector.ports.connection import Connection
from connector.ports.office import FindsByKey, OfficeAdapter, ReportsProgress
from connector.ports.outcomes import Progress
from connector.tracking.asking import Answers, ask_by_key, ask_progress
from connector.tracking.facts import contradiction_of, happenings_of, is_another_number, number_told
from connector.tracking.patience import TrackingPolicy, when_to_ask_again

__all__ = ["Tracking"]

log = get_logger(__name__)

_HOUR = timedelta(hours=1)
_CODE_LIMIT = 64


class Tracking:
    """Follows letters at one office. Thread-safe: several runs may go on at the same time."""

    def __init__(
        self,
        ledger: Ledger,
        office: Connection[OfficeAdapter],
        *,
        policy: TrackingPolicy | None = None,
        now: Now = now,
    ) -> None:
        """Take the ledger and the office; time comes from outside."""
        self._ledger = ledger
        self._office = office
        self._policy = policy or TrackingPolicy()
        self._now = now

    def run(self, claims: Sequence[Claim]) -> None:
        """Ask about all claimed letters. Raise LedgerUnavailable if the ledger cannot be written."""
        known = self._known(claims)
        answers = self._ask([state for _, state in known])
        unchanged: list[tuple[Claim, datetime]] = []
        for claim, state in known:
            try:
                again_at = self._one(claim, state, answers)
            except LostRace:
                count_lease_lost(str(claim.lane.stage))
                log.info("tracking.lost_race", letter_id=claim.letter_id, office=self._office.name)
            except LedgerUnavailable:
                raise
            except Exception as error:  # noqa: BLE001 - whatever one letter's news brings, the others are followed
                self._set_aside_broken(claim, error)
            else:
                if again_at is not None:
                    unchanged.append((claim, again_at))
        if unchanged:  # most letters, most of the time: one write for all of them
            self._ledger.reschedule_all(unchanged)

    def _known(self, claims: Sequence[Claim]) -> list[tuple[Claim, LetterState]]:
        """Read the letters together; where one cannot be read, one by one, so that the others are followed."""
        try:
            states = self._ledger.states([claim.letter_id for claim in claims])
            return list(zip(claims, states, strict=True))
        except LedgerUnavailable:
            raise
        except LedgerError as error:
            if len(claims) > 1:
                return [pair for claim in claims for pair in self._known([claim])]
            self._set_aside(claims[0], error)
            return []

    def _set_aside(self, claim: Claim, error: LedgerError) -> None:
        log.warning("tracking.letter_unreadable", letter_id=claim.letter_id, failure=type(error).__name__)
        try:
            self._ledger.postpone(claim, due_at=self._now() + _HOUR, reason="letter_unreadable")
        except LostRace:
            count_lease_lost(str(claim.lane.stage))

    def _set_aside_broken(self, claim: Claim, error: Exception) -> None:
        log.error("tracking.news_broken", letter_id=claim.letter_id, office=self._office.name, exc_info=error)
        try:
            self._ledger.postpone(claim, due_at=self._now() + self._gap(claim), reason="news_broken")
        except LostRace:
            count_lease_lost(str(claim.lane.stage))

    def _ask(self, states: Sequence[LetterState]) -> Answers | None:
        """Return what the office tells; None where it tells nothing of letters at all."""
        adapter = self._office.adapter
        batch = adapter.capabilities.progress_batch
        if not states:
            return Answers()
        if batch > 0 and isinstance(adapter, ReportsProgress):
            return ask_progress(self._office, adapter, [state.reference for state in states], batch)
        if adapter.capabilities.find_by_key and isinstance(adapter, FindsByKey):
            waiting = [state.reference for state in states if state.status is Status.SUBMITTED]
            return ask_by_key(self._office, adapter, waiting) if waiting else None
        return None

    def _one(self, claim: Claim, state: LetterState, answers: Answers | None) -> datetime | None:
        """Write what the office told of one letter; return when to ask again where it told nothing new."""
        key = state.letter.correlation_key
        if answers is None:
            self._keep_in_sight(claim, state)
        elif key in answers.failed:
            self._postpone(claim, answers.failed[key])
        elif key in answers.told:
            return self._take(claim, state, answers.told[key])
        elif state.status is not Status.SUBMITTED and not self._office.adapter.capabilities.progress_batch:
            self._keep_in_sight(claim, state)
        else:
            return self._when_again(claim, state, is_mentioned=False)
        return None

    def _take(self, claim: Claim, state: LetterState, progress: Progress) -> datetime | None:
        happenings = happenings_of(state, progress, self._now(), self._policy)
        contradiction = contradiction_of(state, progress)
        if contradiction is not None:
            log.warning(
                "tracking.contradiction",
                letter_id=claim.letter_id,
                office=self._office.name,
                reason=contradiction,
                codes=[code[:_CODE_LIMIT] for code in progress.unmapped],
            )
        if is_another_number(state, progress) and self._ledger.journal.ask_about_number(claim.letter_id):
            log.warning("tracking.another_number", letter_id=claim.letter_id, office=self._office.name)
        if self._is_number_of_another(claim, happenings):
            self._ledger.postpone(claim, due_at=self._now() + self._gap(claim), reason=NUMBER_OF_ANOTHER)
        elif happenings:
            self._ledger.record(claim, *happenings)
            log.info(
                "tracking.progressed",
                letter_id=claim.letter_id,
                office=self._office.name,
                facts=[str(happening.event) for happening in happenings],
            )
        elif contradiction is not None:
            self._ledger.postpone(claim, due_at=self._now() + self._gap(claim), reason=contradiction)
        else:
            return self._when_again(claim, state)
        return None

    def _is_number_of_another(self, claim: Claim, happenings: Sequence[Happening]) -> bool:
        """Return whether another letter of ours has the number, by a person's word perhaps: no two letters have one."""
        number = number_told(happenings, self._now())
        if number is None:
            return False
        try:
            self._ledger.decisions.check_number(claim.letter_id, number, None, zeros_matter=True)
        except NumberTaken as taken:
            log.warning(
                "tracking.number_of_another",
                letter_id=claim.letter_id,
                office=self._office.name,
                other_letter_id=taken.facts["letter_id"],
            )
            return True
        return False

    def _when_again(self, claim: Claim, state: LetterState, *, is_mentioned: bool = True) -> datetime | None:
        now = self._now()
        again_at = now + when_to_ask_again(now - state.last_event_at, self._policy)
        if (
            not is_mentioned or state.status is Status.SUBMITTED
        ):  # it stands still: the operator's list says why
            reason = "number_awaited" if is_mentioned else "not_mentioned"
            self._ledger.postpone(claim, due_at=again_at, reason=reason)
            return None
        return again_at

    def _keep_in_sight(self, claim: Claim, state: LetterState) -> None:
        """The office tells no progress: the letter keeps its owner, its due time and the reason why it stands."""
        now = self._now()
        longest = self._policy.without_progress_at_most_every
        gap = min(max(now - state.last_event_at, _HOUR), longest)
        self._ledger.postpone(claim, due_at=now + gap, reason="office_tells_no_progress")

    def _postpone(self, claim: Claim, error: CallFailed | NotPossible) -> None:
        reason = error.reason if isinstance(error, CallFailed) else "not_possible"
        due_at = self._now() + self._gap(claim)
        self._ledger.postpone(claim, due_at=due_at, reason=reason or "progress_failed")

    def _gap(self, claim: Claim) -> timedelta:
        grown = self._policy.first_after * float(2 ** min(claim.attempts, 20))
        return min(grown, self._policy.retry_at_most_every)
