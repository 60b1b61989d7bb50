"""The look-up of an office whose create makes nothing new under the same key: the same create again.

It is a call that may register the letter, so it is announced in the journal like one and its end is written. The letter
stays uncertain meanwhile: whatever fails here says nothing about the first call.
"""

from connector.clock import Now
from connector.errors import CallFailed, NotPossible, Unavailable
from connector.ledger.ledger import Ledger
from connector.ledger.records import Claim, LetterState
from connector.ledger.requests import OpensAttachments, request_for
from connector.ledger.step_records import REGISTER_AGAIN, StepEnd, StepOutcome
from connector.ports.call_failures import word_of
from connector.ports.connection import Connection, Turn
from connector.ports.office import OfficeAdapter, RegistrationRequest
from connector.ports.outcomes import Refused, Registered, Submitted
from connector.registration.lookups import happening_of_create_again
from connector.registration.patience import RegistrationPolicy
from connector.registration.preparing import Interrupted, Prepared, Preparing, is_preparing
from connector.registration.recording import record_surely
from connector.transport.limits import Pause

__all__ = ["CreatingAgain"]


class CreatingAgain:
    """Makes the same create again, under the same key. Thread-safe."""

    def __init__(
        self,
        ledger: Ledger,
        office: Connection[OfficeAdapter],
        attachments: OpensAttachments,
        *,
        policy: RegistrationPolicy,
        now: Now,
        pause: Pause,
    ) -> None:
        """Take the ledger, the office and where attachments lie."""
        self._ledger = ledger
        self._office = office
        self._attachments = attachments
        self._policy = policy
        self._now = now
        self._pause = pause
        self._preparing = Preparing(ledger, office, now=now)

    def run(self, claim: Claim, state: LetterState) -> Interrupted | None:
        """Make the call and record what it brought; return what kept it from bringing anything.

        Raise LedgerError where the letter, or a file of it, cannot be read, and LostRace.
        """
        try:
            request = request_for(state, self._attachments)
        except NotPossible as error:
            return Interrupted(claim=claim, error=error)
        ready: Prepared | Interrupted = Prepared(claim=claim, request=request)
        if is_preparing(self._office.adapter):
            ready = self._preparing.prepare(claim, request, is_again=True)
        return ready if isinstance(ready, Interrupted) else self._in_turn(ready, state)

    def _in_turn(self, ready: Prepared, state: LetterState) -> Interrupted | None:
        try:
            with self._office.turn("register") as turn:
                asked_at = self._now()
                claim = self._ledger.journal.begin(
                    ready.claim, REGISTER_AGAIN, after=ready.end, left_open=REGISTER_AGAIN
                )
                if self._now() - asked_at > self._policy.announcement_holds:
                    outcome: object = Unavailable(reason="announced_too_long_ago")
                else:
                    outcome = _called(turn, ready.request)
        except CallFailed as refusal:  # of the turn
            return Interrupted(claim=ready.claim, error=refusal, end=ready.end)
        if isinstance(outcome, CallFailed | NotPossible):
            return Interrupted(claim=claim, error=outcome, end=_failed(outcome))
        known = outcome if isinstance(outcome, Registered | Submitted | Refused) else None
        happening = happening_of_create_again(
            known,
            state,
            asked_at=asked_at,
            now=self._now(),
            longest_processing=self._office.adapter.capabilities.longest_processing,
            policy=self._policy,
        )
        end = StepEnd(outcome=happening.event, reason=happening.reason)
        record_surely(self._ledger, claim, happening, self._pause, end=end)
        return None


def _called(turn: Turn[OfficeAdapter], request: RegistrationRequest) -> object:
    """Make the call; a failure is a value here, because nothing of it is raised in the turn's name."""
    try:
        return turn.call(lambda office: office.register(request))
    except (CallFailed, NotPossible) as error:
        return error


def _failed(error: CallFailed | NotPossible) -> StepEnd:
    if isinstance(error, NotPossible):
        return StepEnd(outcome=StepOutcome.FAILED, reason="not_possible")
    outcome = StepOutcome.FAILED if isinstance(error, Unavailable) else StepOutcome.LOST
    return StepEnd(outcome=outcome, reason=error.reason or word_of(error))
