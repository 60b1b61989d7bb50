"""An office that is configured by a mapping: letters in, outcomes out, whatever carries the messages."""

from typing import Any

from adapters.offices.mapped_calls import Caller, MappedCalls
from adapters.offices.mapped_outcomes import outcome_of
from adapters.offices.mapped_questions import Finding, Reporting, Searching
from adapters.offices.mapped_registering import LetterCalls, LetterInHand, Share, sent_twice
from adapters.offices.mapped_session import KeptSession
from adapters.offices.mapped_settings import Credentials
from adapters.offices.mapped_steps import Completing, Preparing, Reserving
from connector.clock import Now
from connector.errors import Misbehaved
from connector.mapping.compiled import CompiledMapping
from connector.ports.office import (
    CompletesRegistration,
    FindsByKey,
    OfficeAdapter,
    OfficeCapabilities,
    PreparesRegistration,
    RegistrationRequest,
    ReportsProgress,
    ReservesNumber,
    Searches,
)
from connector.ports.outcomes import Outcome
from connector.transport.body import NO_STREAMS, Streams

__all__ = ["mapped_office"]


class _Registering(LetterCalls):
    """What every mapped office can do: register, and be checked."""

    def register(self, request: RegistrationRequest) -> Outcome:
        """Register the letter under the key, or say that the office refuses it."""
        self.refuse_unfit(request)
        step, letter = self.compiled.register, self.letter_of(request)
        reply, judgement = self.ask(step, letter.data, self._share(request, letter))
        values = {**reply.values, "taken": letter.data.get("taken")}
        outcome = outcome_of(judgement, values, self.compiled.registration, request.secretariat)
        if outcome is None:
            raise Misbehaved(
                "The office says that it does not have what it was given.", reason="absent_at_register"
            )
        return outcome

    def check(self) -> str:
        """Ask the office something harmless, where the mapping knows how; to log in is harmless, too."""
        title = self.compiled.mapping.title
        if self.compiled.check is not None:
            self.converse(self.compiled.check, {})
            return f"{title} answered."
        if self._session is not None:
            self._session.current()
            return f"{title} took our log-in."
        return "The mapping has no harmless question; the office was not asked."

    def _share(self, request: RegistrationRequest, letter: LetterInHand) -> Streams:
        """Return the contents that must be in the deciding message: all that no other step sends."""
        if not letter.contents:
            return NO_STREAMS
        before, after = self.sent_before(request.kept, letter), self.sent_after(letter)
        where = self.compiled.register.where
        if before & after:
            raise sent_twice(where)
        return Share(letter.contents, where, required=frozenset(letter.contents) - before - after)


def mapped_office(
    compiled: CompiledMapping,
    caller: Caller,
    credentials: Credentials,
    capabilities: OfficeCapabilities,
    now: Now,
) -> OfficeAdapter:
    """Return the office with exactly the deeds that its mapping declares."""
    deeds: list[type[MappedCalls]] = [_Registering]
    deeds += [Preparing] if compiled.prepares else []
    deeds += [Reserving] if compiled.reserves else []
    deeds += [Completing] if compiled.follows else []
    deeds += [Finding] if compiled.find else []
    deeds += [Searching] if compiled.search else []
    deeds += [Reporting] if compiled.progress else []
    # A protocol is asked of the class, so each office gets one with its own deeds and no others.
    kind: Any = type("MappedOffice", tuple(deeds), {})
    session = KeptSession(compiled.session, caller, credentials, now) if compiled.session else None
    office: OfficeAdapter = kind(compiled, caller, session, credentials, capabilities, now)
    for protocol, is_declared in (
        (PreparesRegistration, capabilities.prepares),
        (ReservesNumber, capabilities.reserves),
        (CompletesRegistration, capabilities.completes),
        (FindsByKey, capabilities.find_by_key),
        (Searches, capabilities.search),
        (ReportsProgress, bool(capabilities.progress_batch)),
    ):
        assert isinstance(office, protocol) == is_declared  # noqa: S101 - declared is what is there
    return office
