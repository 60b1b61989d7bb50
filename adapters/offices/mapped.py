"""An office that is configured by a mapping: letters in, outcomes out, whatever carries the messages."""

import secrets
from typing import Any

from adapters.offices.mapped_calls import Caller, MappedCalls
from adapters.offices.mapped_outcomes import outcome_of
from adapters.offices.mapped_questions import Finding, Reporting, Searching
from adapters.offices.mapped_settings import Credentials
from connector.clock import Now
from connector.errors import Misbehaved, NotPossible
from connector.mapping.compiled import CompiledMapping
from connector.mapping.vocabulary import letter_values
from connector.mapping.writing import ContentMark
from connector.ports.office import (
    FindsByKey,
    OfficeAdapter,
    OfficeCapabilities,
    RegistrationRequest,
    ReportsProgress,
    Searches,
)
from connector.ports.outcomes import Outcome
from connector.transport.body import Base64Stream

__all__ = ["mapped_office"]


class _Registering(MappedCalls):
    """What every mapped office can do: register, and be checked."""

    def register(self, request: RegistrationRequest) -> Outcome:
        """Register the letter under the key, or say that the office refuses it."""
        self._refuse_unfit(request)
        marks = [ContentMark(b"chapar" + secrets.token_hex(16).encode("ascii")) for _ in request.attachments]
        streams = {
            bytes(mark): Base64Stream(open=content.open, size=content.attachment.size)
            for mark, content in zip(marks, request.attachments, strict=True)
        }
        attachments = [content.attachment for content in request.attachments]
        data = letter_values(request.letter, list(zip(attachments, marks, strict=True)))
        data |= {
            "correlation_key": request.correlation_key,
            "secretariat": request.secretariat,
            "unit": request.unit,
        }
        reply, judgement = self.ask(self.compiled.register, data, streams)
        outcome = outcome_of(judgement, reply, self.compiled.registration, request.secretariat)
        if outcome is None:
            raise Misbehaved(
                "The office says that it does not have what it was given.", reason="absent_at_register"
            )
        return outcome

    def check(self) -> str:
        """Ask the office something harmless, where the mapping knows how."""
        if self.compiled.check is None:
            return "The mapping has no harmless question; the office was not asked."
        self.ask(self.compiled.check, {})
        return f"{self.compiled.mapping.title} answered."

    def _refuse_unfit(self, request: RegistrationRequest) -> None:
        limits = self.compiled.mapping.limits
        if limits.attachment_count is not None and len(request.attachments) > limits.attachment_count:
            raise NotPossible(
                "The letter has more attachments than the office takes.", limit=limits.attachment_count
            )
        for content in request.attachments:
            attachment = content.attachment
            if limits.attachment_bytes is not None and attachment.size > limits.attachment_bytes:
                raise NotPossible(
                    "An attachment is larger than the office takes.", limit=limits.attachment_bytes
                )
            if limits.attachment_types is not None and attachment.media_type not in limits.attachment_types:
                raise NotPossible("An attachment is of a type that the office does not take.")


def mapped_office(
    compiled: CompiledMapping,
    caller: Caller,
    credentials: Credentials,
    capabilities: OfficeCapabilities,
    now: Now,
) -> OfficeAdapter:
    """Return the office with exactly the deeds that its mapping declares."""
    deeds: list[type[MappedCalls]] = [_Registering]
    deeds += [Finding] if compiled.find else []
    deeds += [Searching] if compiled.search else []
    deeds += [Reporting] if compiled.progress else []
    # A protocol is asked of the class, so each office gets one with its own deeds and no others.
    kind: Any = type("MappedOffice", tuple(deeds), {})
    office: OfficeAdapter = kind(compiled, caller, credentials, capabilities, now)
    for protocol, is_declared in (
        (FindsByKey, capabilities.find_by_key),
        (Searches, capabilities.search),
        (ReportsProgress, bool(capabilities.progress_batch)),
    ):
        assert isinstance(office, protocol) == is_declared  # noqa: S101 - declared is what is there
    return office
