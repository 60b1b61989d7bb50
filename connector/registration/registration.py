"""The stage: one claimed letter after the other is announced, handed to the office, and recorded."""

import time
from collections.abc import Callable, Sequence
from datetime import timedelta
from random import SystemRandom
from typing import Final

from connector.clock import Now, now
from connector.domain.lifecycle import Event, Status
from connector.errors import (
    CallFailed,
    CredentialsRejected,
    LedgerError,
    LedgerUnavailable,
    LostRace,
    NotPossible,
    RateLimited,
    Unavailable,
)
from connector.ledger.ledger import Ledger
from connector.ledger.records import Claim, Happening
from connector.ledger.requests import OpensAttachments, request_for
from connector.ledger.step_records import StepEnd
from connector.observability.logging import get_logger
from connector.observability.metrics import count_lease_lost
from connector.ports.call_failures import word_of
from connector.ports.connection import Connection, Turn
from connector.ports.office import OfficeAdapter, OfficeCapabilities, RegistrationRequest
from connector.registration.happenings import Moment, happening_of_failure, happening_of_outcome, outcome_lost
from connector.registration.patience import RegistrationPolicy, when_to_try_again
from connector.registration.preparing import Prepared, Preparing, is_preparing
from connector.registration.recording import record_surely
from connector.transport.limits import Pause

__all__ = ["Registration"]

log = get_logger(__name__)

_CHANCE: Final = SystemRandom().random
_LONGEST_QUEUE: Final = timedelta(minutes=5)
"""A letter that found the office's door closed asks again after this at the latest."""

_MOST_LOSSES: Final = 5
"""A letter whose outcome was lost so often, and that was absent each time, is a question for a person: the office
may answer it with something that nobody understands, for ever."""


class Registration:
    """Registers claimed letters at one office. Thread-safe: several runs may go on at the same time."""

    def __init__(
        self,
        ledger: Ledger,
        office: Connection[OfficeAdapter],
        attachments: OpensAttachments,
        *,
        policy: RegistrationPolicy | None = None,
        now: Now = now,
        chance: Callable[[], float] = _CHANCE,
        pause: Pause = time.sleep,
    ) -> None:
        """Take the ledger, the office and where attachments lie; time and chance come from outside."""
        self._ledger = ledger
        self._office = office
        self._attachments = attachments
        self._policy = policy or RegistrationPolicy()
        self._now = now
        self._chance = chance
        self._pause = pause
        self._preparing = Preparing(ledger, office, now=now)

    def run(self, claims: Sequence[Claim]) -> None:
        """Do the stage's deed for each claim. Raise LedgerUnavailable if the ledger cannot be written.

        A claim that raises leaves its letter as it was on disk: ready, or registering. It is never made
        ready here.
        """
        for claim in claims:
            try:
                self._one(claim)
            except LostRace:
                count_lease_lost(str(claim.lane.stage))
                log.info("registration.lost_race", letter_id=claim.letter_id, office=self._office.name)

    def _one(self, claim: Claim) -> None:
        if claim.status == Status.REGISTERING:
            self._record(claim, outcome_lost("orphaned", self._moment(claim)))
            return
        try:
            state = self._ledger.state(claim.letter_id)
            request = request_for(state, self._attachments)
        except NotPossible as error:
            self._give_up(claim, error)
        except (LedgerUnavailable, LostRace):
            raise
        except (
            LedgerError
        ) as error:  # its row does not open, or its files are gone: nothing of it can be sent
            self._set_aside(claim, error)
        else:
            if state.losses >= _MOST_LOSSES:
                due_at = self._now() + self._policy.remind_after
                self._record(
                    claim, Happening(event=Event.GAVE_UP, due_at=due_at, reason="outcome_lost_again")
                )
            elif is_preparing(self._office.adapter):
                self._prepare(claim, request)
            else:
                self._in_turn(Prepared(claim=claim, request=request))

    def _prepare(self, claim: Claim, request: RegistrationRequest) -> None:
        """Do what the office wants before the number. The letter is ready all the while: nothing of it counts yet."""
        ready = self._preparing.prepare(claim, request)
        if isinstance(ready, Prepared):
            self._in_turn(ready)
        elif isinstance(ready.error, NotPossible):
            self._record(ready.claim, happening_of_failure(ready.error, self._moment(claim)), ready.end)
        else:
            self._queue_again(ready.claim, ready.error, ready.end)

    def _in_turn(self, ready: Prepared) -> None:
        """Take the turn first and announce within it: a closed door costs no event and no number."""
        claim = ready.claim
        try:
            with self._office.turn("register") as turn:
                announcing_at = self._now()
                announced = self._announced(claim, ready.end)
                if self._now() - announcing_at > self._policy.announcement_holds:
                    happening = self._not_called(claim)
                else:
                    happening = self._called(claim, ready.request, turn)
        except CallFailed as refusal:  # of the turn; what the call itself raises is a happening already
            self._queue_again(claim, refusal, ready.end)
            return
        self._record(announced, happening)

    def _announced(self, claim: Claim, end: StepEnd | None) -> Claim:
        """Announce; the end of the last step before it is written in the same transaction."""
        return self._ledger.announce(claim) if end is None else self._ledger.journal.announce(claim, end)

    def _called(self, claim: Claim, request: RegistrationRequest, turn: Turn[OfficeAdapter]) -> Happening:
        try:
            outcome = turn.call(lambda office: office.register(request))
        except (CallFailed, NotPossible) as error:
            return happening_of_failure(error, self._moment(claim))
        return happening_of_outcome(outcome, self._moment(claim))

    def _not_called(self, claim: Claim) -> Happening:
        """The announcement is too old to act on. Nothing was sent; if others have the letter now, they keep it."""
        return happening_of_failure(Unavailable(reason="announced_too_long_ago"), self._moment(claim))

    def _queue_again(self, claim: Claim, refusal: CallFailed, end: StepEnd | None = None) -> None:
        """No turn was to be had, or a step before the number failed: nothing was announced, the letter waits."""
        due_at = when_to_try_again(claim.attempts, self._now(), self._policy, self._chance())
        again_after = refusal.facts.get("again_after")
        if isinstance(refusal, RateLimited) and refusal.retry_after is not None:
            again_after = refusal.retry_after
        if isinstance(again_after, timedelta):
            due_at = self._now() + min(again_after, _LONGEST_QUEUE) * (1 + self._chance() / 10)
        elif isinstance(refusal, CredentialsRejected):
            due_at = self._now() + self._policy.retry_without_credentials
        reason = refusal.reason or word_of(refusal)
        if end is None:
            self._ledger.postpone(claim, due_at=due_at, reason=reason)
        else:
            self._ledger.journal.postpone(claim, end, due_at=due_at, reason=reason)

    def _give_up(self, claim: Claim, error: NotPossible) -> None:
        self._record(claim, happening_of_failure(error, self._moment(claim)))

    def _set_aside(self, claim: Claim, error: LedgerError) -> None:
        log.warning("registration.letter_unreadable", letter_id=claim.letter_id, failure=type(error).__name__)
        self._ledger.postpone(claim, due_at=self._now() + timedelta(hours=1), reason="letter_unreadable")

    def _record(self, claim: Claim, happening: Happening, end: StepEnd | None = None) -> None:
        record_surely(self._ledger, claim, happening, self._pause, end=end)
        facts = {"letter_id": claim.letter_id, "office": self._office.name, "reason": happening.reason}
        match happening.event:
            case Event.OUTCOME_LOST:
                log.warning("registration.outcome_lost", **facts, code=happening.code)
            case Event.GAVE_UP:
                log.warning("registration.gave_up", **facts)
            case _:
                log.info("registration.concluded", **facts, outcome=happening.event, code=happening.code)

    def _moment(self, claim: Claim) -> Moment:
        capabilities: OfficeCapabilities = self._office.adapter.capabilities
        return Moment(
            now=self._now(),
            policy=self._policy,
            longest_processing=capabilities.longest_processing,
            earlier=claim.attempts,
            jitter=self._chance(),
        )
