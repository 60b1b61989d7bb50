"""An office that is configured by a mapping: letters in, outcomes out, whatever carries the messages."""

import secrets
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from adapters.offices.mapped_progress import progress_of
from adapters.offices.mapped_settings import Credentials
from connector.clock import Now
from connector.domain.registration import LetterReference
from connector.errors import Misbehaved, NotPossible
from connector.mapping.compiled import CompiledMapping, CompiledStep
from connector.mapping.picking import RegistrationPicker
from connector.mapping.reading import Judgement, Reply
from connector.mapping.schema_parts import Meaning
from connector.mapping.vocabulary import letter_values
from connector.mapping.writing import ContentMark
from connector.ports.office import (
    FindsByKey,
    OfficeAdapter,
    OfficeCapabilities,
    RegistrationRequest,
    ReportsProgress,
)
from connector.ports.outcomes import Found, Outcome, Progress, Refused, Registered, Submitted
from connector.transport.body import Base64Stream

__all__ = ["Caller", "mapped_office"]


class Caller(Protocol):
    """Carries one step to the office and brings its reply: over SOAP, over REST."""

    def call(
        self, step: CompiledStep, data: Mapping[str, Any], streams: Mapping[bytes, Base64Stream]
    ) -> Reply:
        """Write the step's message, send it, and return the reply.

        The streams take the place of their marks. Raise NotPossible before anything was sent when the data does
        not fit, and what the transport raises when there was no answer.
        """
        ...

    def close(self) -> None:
        """Let go of sockets."""
        ...


class _Registering:
    """What every mapped office can do: register, and be checked."""

    def __init__(
        self,
        compiled: CompiledMapping,
        caller: Caller,
        credentials: Credentials,
        capabilities: OfficeCapabilities,
        now: Now,
    ) -> None:
        self._compiled = compiled
        self._caller = caller
        self._credentials = credentials
        self._capabilities = capabilities
        self._now = now

    @property
    def capabilities(self) -> OfficeCapabilities:
        """What the mapping declares."""
        return self._capabilities

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
        reply, judgement = self._ask(self._compiled.register, data, streams)
        outcome = _outcome(judgement, reply, self._compiled.registration, request.secretariat)
        if outcome is None:
            raise Misbehaved(
                "The office says that it does not have what it was given.", reason="absent_at_register"
            )
        return outcome

    def check(self) -> str:
        """Ask the office something harmless, where the mapping knows how."""
        if self._compiled.check is None:
            return "The mapping has no harmless question; the office was not asked."
        self._ask(self._compiled.check, {}, {})
        return f"{self._compiled.mapping.title} answered."

    def close(self) -> None:
        """Let go of sockets. May be called twice."""
        self._caller.close()

    def _ask(
        self, step: CompiledStep, data: Mapping[str, Any], streams: Mapping[bytes, Base64Stream]
    ) -> tuple[Reply, Judgement]:
        reply = self._caller.call(step, {**data, "credentials": self._credentials.values}, streams)
        return reply, step.judge.judge(reply, now=self._now)

    def _refuse_unfit(self, request: RegistrationRequest) -> None:
        limits = self._compiled.mapping.limits
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


class _Finding(_Registering):
    """A mapped office that can be asked for a letter by our key."""

    def find(self, correlation_key: str, secretariat: str) -> Found:
        """Return what the office has under this key; None when it has nothing at this moment."""
        step, picker = self._compiled.find, self._compiled.found
        assert step is not None and picker is not None  # noqa: S101, PT018 - the class is chosen by them
        reply, judgement = self._ask(
            step, {"correlation_key": correlation_key, "secretariat": secretariat}, {}
        )
        return _outcome(judgement, reply, picker, secretariat)


class _Reporting(_Registering):
    """A mapped office that tells how far letters are."""

    def progress(self, references: Sequence[LetterReference]) -> Sequence[Progress]:
        """Return what the office says of these letters; those that it does not mention are left out."""
        step, picker = self._compiled.progress, self._compiled.letters
        assert step is not None and picker is not None  # noqa: S101, PT018 - the class is chosen by them
        if not references:
            return []
        if len(references) > picker.batch:
            raise NotPossible("More letters are asked about than one call may.", limit=picker.batch)
        values = [_reference_values(reference) for reference in references]
        reply, _ = self._ask(step, {"references": values, "reference": values[0]}, {})
        return progress_of(picker, _data(reply), references)


class _FindingAndReporting(_Finding, _Reporting):
    """A mapped office that can do both."""


def mapped_office(
    compiled: CompiledMapping,
    caller: Caller,
    credentials: Credentials,
    capabilities: OfficeCapabilities,
    now: Now,
) -> OfficeAdapter:
    """Return the office with exactly the deeds that its mapping declares."""
    kinds: dict[tuple[bool, bool], type[_Registering]] = {
        (False, False): _Registering,
        (True, False): _Finding,
        (False, True): _Reporting,
        (True, True): _FindingAndReporting,
    }
    kind = kinds[compiled.find is not None, compiled.progress is not None]
    office = kind(compiled, caller, credentials, capabilities, now)
    assert isinstance(office, FindsByKey) == capabilities.find_by_key  # noqa: S101 - declared is what is there
    assert isinstance(office, ReportsProgress) == bool(capabilities.progress_batch)  # noqa: S101
    return office


def _outcome(judgement: Judgement, reply: Reply, picker: RegistrationPicker, secretariat: str) -> Found:
    match judgement.meaning:
        case Meaning.NEVER:
            return Refused(reason=judgement.text or judgement.code or "", code=judgement.code)
        case Meaning.ABSENT:
            return None
        case Meaning.ACCEPTED:
            return Submitted(office_reference=_picked(picker, reply))
        case Meaning.REGISTERED | Meaning.KNOWN:
            try:
                registration = picker.pick(_data(reply), secretariat)
            except NotPossible:
                registration = None
            if registration is None:
                raise Misbehaved(
                    "The office says that it registered the letter, and gives no number.",
                    reason="number_missing",
                    code=judgement.code,
                    remark=judgement.text,
                )
            return Registered(registration=registration, was_known=judgement.meaning is Meaning.KNOWN)
    raise Misbehaved("The mapping does not say what this answer means here.", reason="meaning_unfit")


def _picked(picker: RegistrationPicker, reply: Reply) -> str | None:
    try:
        return picker.reference(_data(reply))
    except NotPossible:
        return None


def _data(reply: Reply) -> dict[str, Any]:
    return {"reply": reply.content, "http": {"status": reply.status}}


def _reference_values(reference: LetterReference) -> dict[str, Any]:
    registration = reference.registration
    return {
        "correlation_key": reference.correlation_key,
        "office_reference": reference.office_reference
        or (registration.office_reference if registration else None),
        "number": registration.number if registration else None,
        "secretariat": registration.secretariat if registration else None,
        "year": registration.year if registration else None,
    }
