"""The steps before the number: uploads, and a reservation where the office wants one.

Each is announced in the journal, made in a turn of its own, and its end written with the next intent: so a process
that dies in between is followed by one that goes on at the right step. All of them are safe to repeat, none of them
changes the letter's status, and a failure of any kind only means: later.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from typing import cast

from connector.clock import Now
from connector.errors import (
    CallFailed,
    ChaparError,
    LedgerUnavailable,
    LostRace,
    Misbehaved,
    NotPossible,
    OutcomeUnknown,
    Unavailable,
)
from connector.ledger.ledger import Ledger
from connector.ledger.records import Claim
from connector.ledger.step_records import PREPARE_PREFIX, RESERVE, Step, StepEnd, StepOutcome
from connector.ports.call_failures import word_of
from connector.ports.connection import Connection, Turn
from connector.ports.office import (
    Kept,
    OfficeAdapter,
    PreparesRegistration,
    RegistrationRequest,
    ReservesNumber,
)
from connector.registration.plan import Plan, checked_names, left_open, plan_of

__all__ = ["Interrupted", "Prepared", "Preparing", "is_preparing"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Prepared:
    """A letter that may be announced now."""

    claim: Claim
    request: RegistrationRequest
    end: StepEnd | None = None
    """How the last step ended; not written yet, so that it shares the announcement's transaction."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Interrupted:
    """A letter whose preparation did not come to its end. Nothing was registered."""

    claim: Claim
    error: CallFailed | NotPossible
    end: StepEnd | None = None
    """How the last step ended; not written yet. None where none was begun."""


@dataclass(frozen=True, slots=True)
class _Step:
    name: str
    deed: str
    journalled: str
    call: Callable[[RegistrationRequest], Kept]


def is_preparing(office: OfficeAdapter) -> bool:
    """Return whether this office wants anything done before the number."""
    capabilities = office.capabilities
    return capabilities.prepares or capabilities.reserves


class Preparing:
    """Does what an office wants done before the number, from where it was left. Thread-safe."""

    def __init__(self, ledger: Ledger, office: Connection[OfficeAdapter], *, now: Now) -> None:
        """Take the ledger with its journal, and the office."""
        self._ledger = ledger
        self._office = office
        self._now = now

    def prepare(
        self, claim: Claim, request: RegistrationRequest, *, is_again: bool = False
    ) -> Prepared | Interrupted:
        """Do the steps that are still to be done, each in a turn of its own.

        ``is_again`` is for the same create under the same key. Raise LostRace, LedgerUnavailable, and SealBroken
        where what an earlier step left does not open.
        """
        journal = self._ledger.journal.steps(claim.letter_id)
        try:
            steps = self._steps(request)
        except (CallFailed, NotPossible) as error:
            return Interrupted(claim=claim, error=error)
        plan = self._plan(list(steps), journal, is_again=is_again)
        to_do = [steps[name] for name in plan.to_do]
        if RESERVE in steps:
            to_do.append(steps[RESERVE])
        return self._do(claim, replace(request, kept=plan.kept), to_do, left_open(journal))

    def _do(
        self, claim: Claim, request: RegistrationRequest, to_do: list[_Step], open_step: str | None
    ) -> Prepared | Interrupted:
        end: StepEnd | None = None
        for step in to_do:
            try:
                with self._office.turn(step.deed) as turn:
                    claim = self._ledger.journal.begin(
                        claim, step.journalled, after=end, left_open=open_step if end is None else None
                    )
                    kept = _called(turn, step, request)
            except CallFailed as refusal:  # of the turn: this step was not begun
                return Interrupted(claim=claim, error=refusal, end=end)
            if isinstance(kept, ChaparError):
                return Interrupted(claim=claim, error=kept, end=_failed(kept))
            end = StepEnd(outcome=StepOutcome.DONE, kept=kept)
            request = replace(request, kept={**request.kept, step.name: kept})
        return Prepared(claim=claim, request=request, end=end)

    def _steps(self, request: RegistrationRequest) -> dict[str, _Step]:
        """Return every step that the office wants, by name, in order."""
        adapter = self._office.adapter
        steps: dict[str, _Step] = {}
        if adapter.capabilities.prepares and isinstance(adapter, PreparesRegistration):
            preparer = adapter
            for name in checked_names(preparer.preparations(request)):
                steps[name] = _Step(name, "prepare", PREPARE_PREFIX + name, partial(preparer.prepare, name))
        if adapter.capabilities.reserves and isinstance(adapter, ReservesNumber):
            steps[RESERVE] = _Step(RESERVE, "reserve", RESERVE, adapter.reserve)
        return steps

    def _plan(self, names: Sequence[str], journal: Sequence[Step], *, is_again: bool) -> Plan:
        adapter = self._office.adapter
        usable_for = adapter.preparations_last if isinstance(adapter, PreparesRegistration) else timedelta()
        before = [name for name in names if name != RESERVE]
        return plan_of(before, journal, now=self._now(), usable_for=usable_for, is_again=is_again)


def _called(
    turn: Turn[OfficeAdapter], step: _Step, request: RegistrationRequest
) -> Kept | CallFailed | NotPossible:
    """Make the call; a failure is a value here, because nothing of it is raised in the turn's name."""
    try:
        return turn.call(lambda _: _checked(step, step.call(request)))
    except (CallFailed, NotPossible) as error:
        return error
    except (LedgerUnavailable, LostRace):
        raise
    except ChaparError as error:  # a file that is gone, say
        return Unavailable(error.sentence, reason="step_broken")


def _checked(step: _Step, kept: object) -> Kept:
    """Return what the step left, where it is what the journal can keep; a reservation has a name."""
    is_kept = isinstance(kept, Mapping) and all(
        isinstance(part, str) for pair in kept.items() for part in pair
    )
    if not is_kept or (step.name == RESERVE and not kept):
        raise Misbehaved("A step before the number left nothing that can be kept.", reason="nothing_kept")
    return cast("Kept", kept)


def _failed(error: CallFailed | NotPossible) -> StepEnd:
    outcome = StepOutcome.LOST if isinstance(error, OutcomeUnknown) else StepOutcome.FAILED
    reason = (error.reason or word_of(error)) if isinstance(error, CallFailed) else "not_possible"
    return StepEnd(outcome=outcome, reason=reason)
