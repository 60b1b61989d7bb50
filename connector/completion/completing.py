"""The stage: one side step after the other, each announced, made and recorded on its own."""

import re
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from random import SystemRandom
from typing import Final, cast

from connector.clock import Now, now
from connector.completion.endings import (
    CompletionPolicy,
    Moment,
    happening_of_failure,
    left_to_a_person,
    lost,
)
from connector.errors import (
    CallFailed,
    LedgerError,
    LedgerUnavailable,
    LostRace,
    NotPossible,
    RateLimited,
    Unavailable,
)
from connector.ledger.ledger import Ledger
from connector.ledger.records import Claim, LetterState
from connector.ledger.requests import OpensAttachments, request_for
from connector.ledger.step_records import (
    EVERY_SIDE_STEP,
    PREPARE_PREFIX,
    SIDE_STEP_PREFIX,
    SideStepHappening,
    SideStepStatus,
    Step,
    StepOutcome,
)
from connector.observability.logging import get_logger
from connector.observability.metrics import count_lease_lost
from connector.ports.connection import Connection, Turn
from connector.ports.office import CompletesRegistration, Completion, OfficeAdapter, RegistrationRequest
from connector.transport.limits import Pause

__all__ = ["Completing"]

log = get_logger(__name__)

_CHANCE: Final = SystemRandom().random
_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,19}")
_GAPS: Final = tuple(timedelta(seconds=seconds) for seconds in (0.1, 0.5, 2, 5, 10, 10))
_LONGEST_QUEUE: Final = timedelta(minutes=5)


class Completing:
    """Does the side steps of registered letters at one office. Thread-safe: several runs may go on at once."""

    def __init__(
        self,
        ledger: Ledger,
        office: Connection[OfficeAdapter],
        attachments: OpensAttachments | None = None,
        *,
        policy: CompletionPolicy | None = None,
        now: Now = now,
        chance: Callable[[], float] = _CHANCE,
        pause: Pause = time.sleep,
    ) -> None:
        """Take the ledger, the office and where attachments lie (the ledger's own store, where nothing is said)."""
        self._ledger = ledger
        self._office = office
        self._attachments = attachments or ledger.attachments
        self._policy = policy or CompletionPolicy()
        self._now = now
        self._chance = chance
        self._pause = pause

    def run(self, claims: Sequence[Claim]) -> None:
        """Do the stage's deed for each claim. Raise LedgerUnavailable if the ledger cannot be written."""
        for claim in claims:
            try:
                self._one(claim)
            except LostRace:
                count_lease_lost(str(claim.lane.stage))
                log.info("completion.lost_race", letter_id=claim.letter_id, office=self._office.name)

    def _one(self, claim: Claim) -> None:
        adapter = self._office.adapter
        try:
            if not isinstance(adapter, CompletesRegistration):
                raise NotPossible("The office's adapter no longer has this side step.")
            state = self._ledger.state(claim.letter_id)
            journal = self._ledger.journal.steps(claim.letter_id)
            request = replace(request_for(state, self._attachments), kept=_kept(journal))
            completions = {each.name: each for each in adapter.completions(request)}
            name = claim.work_id.rsplit("/", 1)[1]
            if name == EVERY_SIDE_STEP:
                self._unfold(claim, completions)
            elif name in completions:
                self._do(claim, completions[name], request, state, _losses(journal, name))
            else:
                raise NotPossible("The office's adapter no longer has this side step.")
        except NotPossible:
            self._leave_undone(claim)
        except (LedgerUnavailable, LostRace):
            raise
        except LedgerError as error:  # its row does not open, or its files are gone
            failure = type(error).__name__
            log.warning("completion.letter_unreadable", letter_id=claim.letter_id, failure=failure)
            self._ledger.postpone(claim, due_at=self._now() + timedelta(hours=1), reason="letter_unreadable")

    def _unfold(self, claim: Claim, completions: dict[str, Completion]) -> None:
        """Make a row of each side step. It is asked of nobody, so nothing can be lost here."""
        for name in completions:
            if not _NAME.fullmatch(name):
                raise NotPossible("The office's adapter names a side step in a way that cannot be kept.")
        self._ledger.journal.unfold(claim, list(completions))

    def _do(
        self,
        claim: Claim,
        completion: Completion,
        request: RegistrationRequest,
        state: LetterState,
        losses: int,
    ) -> None:
        moment = self._moment(claim, is_repeatable=completion.is_repeatable, losses=losses)
        if claim.status == SideStepStatus.SENDING and not completion.is_repeatable:
            self._record(claim, lost("orphaned", moment))
            return
        deed = "complete" if completion.is_repeatable else "complete_once"
        try:
            with self._office.turn(deed) as turn:
                announcing_at = self._now()
                announced = self._ledger.journal.announce_side_step(claim)
                if self._now() - announcing_at > self._policy.announcement_holds:
                    failure: CallFailed | NotPossible | None = Unavailable(reason="announced_too_long_ago")
                else:
                    failure = _failure_of(turn, completion.name, request, state)
        except CallFailed as refusal:  # of the turn
            self._queue_again(claim, refusal)
            return
        if failure is None:
            happening = SideStepHappening(status=SideStepStatus.DONE)
        else:
            happening = happening_of_failure(failure, replace(moment, now=self._now()))
        self._record(announced, happening)

    def _queue_again(self, claim: Claim, refusal: CallFailed) -> None:
        """No turn was to be had, nothing was announced or sent."""
        due_at = self._now() + self._policy.retry_first_after
        again_after = refusal.facts.get("again_after")
        if isinstance(refusal, RateLimited) and refusal.retry_after is not None:
            again_after = refusal.retry_after
        if isinstance(again_after, timedelta):
            due_at = self._now() + min(again_after, _LONGEST_QUEUE) * (1 + self._chance() / 10)
        self._ledger.postpone(claim, due_at=due_at, reason=refusal.reason or "no_turn")

    def _leave_undone(self, claim: Claim) -> None:
        """It can never be done so. One that was begun may have been done all the same."""
        was_begun = claim.status == SideStepStatus.SENDING
        status = SideStepStatus.UNCERTAIN if was_begun else SideStepStatus.PARKED
        moment = self._moment(claim, is_repeatable=False, losses=0)
        self._record(claim, left_to_a_person(status, "not_possible", moment))

    def _record(self, claim: Claim, happening: SideStepHappening) -> None:
        """Write what became of it, also when the database is away for a moment."""
        for gap in (*_GAPS, None):
            try:
                self._ledger.journal.record_side_step(claim, happening)
            except LedgerUnavailable:
                if gap is None:
                    raise
                self._pause(gap.total_seconds())
                continue
            break
        facts = {"work_id": claim.work_id, "office": self._office.name, "reason": happening.reason}
        if happening.status in (SideStepStatus.UNCERTAIN, SideStepStatus.PARKED):
            log.warning("completion.needs_a_person", **facts, status=happening.status)
        else:
            log.info("completion.concluded", **facts, status=happening.status)

    def _moment(self, claim: Claim, *, is_repeatable: bool, losses: int) -> Moment:
        return Moment(
            now=self._now(),
            policy=self._policy,
            is_repeatable=is_repeatable,
            earlier=claim.attempts,
            losses=losses,
            jitter=self._chance(),
        )


def _failure_of(
    turn: Turn[OfficeAdapter], name: str, request: RegistrationRequest, state: LetterState
) -> CallFailed | NotPossible | None:
    """Make the call; a failure is a value here, because nothing of it is raised in the turn's name."""
    try:
        turn.call(
            lambda office: cast("CompletesRegistration", office).complete(name, request, state.reference)
        )
    except (CallFailed, NotPossible) as error:
        return error
    except LedgerError as error:  # a file that is gone, in the middle of a call that may be repeated
        return Unavailable(error.sentence, reason="step_broken")
    return None


def _kept(journal: Sequence[Step]) -> dict[str, dict[str, str]]:
    """Return what the steps before the number left, by name."""
    done = [step for step in journal if step.outcome == StepOutcome.DONE and step.kept]
    return {step.name.removeprefix(PREPARE_PREFIX): dict(step.kept) for step in done}


def _losses(journal: Sequence[Step], name: str) -> int:
    return sum(step.name == SIDE_STEP_PREFIX + name and step.outcome == StepOutcome.LOST for step in journal)
