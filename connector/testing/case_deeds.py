"""What a case asks of an office, as the core would ask it: the deeds of the port, in their order."""

import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from hashlib import sha256
from typing import Any, Final

import orjson

from connector.domain.attachment import Attachment, AttachmentContent
from connector.domain.letter import Confidentiality, Language, Letter, Urgency
from connector.domain.person import PersonKind
from connector.domain.registration import LetterReference, Registration
from connector.errors import ChaparError
from connector.mapping.cases import Case, CaseLetter, CaseReference
from connector.ports.office import (
    CompletesRegistration,
    Kept,
    PreparesRegistration,
    RegistrationRequest,
    ReservesNumber,
    SearchQuery,
)
from connector.ports.outcomes import Registered
from connector.testing.builders import a_person

__all__ = ["Completed", "KeptForLater", "asked_of", "case_request"]

_KEY: Final = "KEY1"
_SECRETARIAT: Final = "central"


@dataclass(frozen=True, slots=True)
class KeptForLater:
    """What a step before the number left."""

    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Completed:
    """A step after the number was done."""


def asked_of(office: Any, case: Case, *, goes_on: Callable[[], bool]) -> Any:
    """Return what comes of the case: the port's outcome, or the failure.

    ``goes_on`` says whether the case has exchanges left, for the steps after the number.
    """
    try:
        return _Deeds(office, case, goes_on).outcome()
    except ChaparError as failure:
        return failure


def case_request(case: Case) -> RegistrationRequest:
    """Return the letter of a case as an office is asked to register it, with what earlier steps took."""
    kept = {
        step: {name: orjson.dumps(value).decode() for name, value in values.items()}
        for step, values in case.kept.items()
    }
    return replace(_request(case.letter), kept=kept)


class _Deeds:
    def __init__(self, office: Any, case: Case, goes_on: Callable[[], bool]) -> None:
        self._office = office
        self._case = case
        self._goes_on = goes_on

    def outcome(self) -> Any:
        office, case = self._office, self._case
        deeds: dict[str, Callable[[], Any]] = {
            "register": self._whole_way,
            "prepare": lambda: _told(office.prepare(case.step, case_request(case))),
            "reserve": lambda: _told(office.reserve(case_request(case))),
            "complete": self._complete,
            "find": lambda: office.find(_KEY, _SECRETARIAT),
            "verify": lambda: office.verify(case_request(case).kept.get("reserve", {}), _SECRETARIAT),
            "search": lambda: office.search(_query(case.letter)),
            "progress": lambda: office.progress(self._references()),
            "check": office.check,
        }
        return deeds[case.operation]()

    def _whole_way(self) -> Any:
        """Do what is not kept yet before the number, register, and what follows, as long as the case tells of it."""
        office, request = self._office, case_request(self._case)
        if isinstance(office, PreparesRegistration):
            for name in office.preparations(request):
                if name not in request.kept:
                    request = _keeping(request, name, office.prepare(name, request))
        if isinstance(office, ReservesNumber) and "reserve" not in request.kept:
            request = _keeping(request, "reserve", office.reserve(request))
        outcome = office.register(request)
        if isinstance(outcome, Registered) and isinstance(office, CompletesRegistration):
            reference = LetterReference(
                correlation_key=_KEY, secretariat=_SECRETARIAT, registration=outcome.registration
            )
            for completion in office.completions(request):
                if self._goes_on():
                    office.complete(completion.name, request, reference)
        return outcome

    def _complete(self) -> Completed:
        reference = self._references()[0]
        if reference.registration is None:
            reference = _reference(CaseReference(number="1"))
        self._office.complete(self._case.step, case_request(self._case), reference)
        return Completed()

    def _references(self) -> list[LetterReference]:
        if self._case.references:
            return [_reference(given) for given in self._case.references]
        return [LetterReference(correlation_key=key, secretariat=_SECRETARIAT) for key in self._case.keys]


def _keeping(request: RegistrationRequest, name: str, kept: Kept) -> RegistrationRequest:
    return replace(request, kept={**request.kept, name: kept})


def _told(kept: Kept) -> KeptForLater:
    return KeptForLater(
        {name: orjson.loads(value) for name, value in kept.items() if not name.startswith("@")}
    )


def _reference(given: CaseReference) -> LetterReference:
    registration = None
    if given.number is not None:
        registration = Registration(
            number=given.number,
            secretariat=_SECRETARIAT,
            year=given.year,
            office_reference=given.office_reference,
        )
    return LetterReference(
        correlation_key=given.key,
        secretariat=_SECRETARIAT,
        registration=registration,
        office_reference=given.office_reference,
    )


def _request(given: CaseLetter) -> RegistrationRequest:
    contents = [
        AttachmentContent(
            attachment=Attachment(
                name=each.name,
                media_type=each.media_type,
                size=len(each.text.encode()),
                digest=sha256(each.text.encode()).hexdigest(),
            ),
            open=partial(io.BytesIO, each.text.encode()),
        )
        for each in given.attachments
    ]
    letter = Letter(
        letter_id=_KEY,
        tracking_code="CODE1",
        portal="web",
        submission_id="1",
        sender=a_person(kind=PersonKind(given.sender_kind), name=given.sender_name),
        subject=given.subject,
        text=given.text,
        service="general",
        unit=given.unit,
        urgency=Urgency(given.urgency),
        confidentiality=Confidentiality(given.confidentiality),
        language=Language.FA,
        attachments=tuple(content.attachment for content in contents),
        fields=given.fields,
        received_at=datetime.combine(date.fromisoformat(given.received_on), time(8), tzinfo=UTC),
    )
    return RegistrationRequest(
        letter=letter,
        correlation_key=_KEY,
        secretariat=_SECRETARIAT,
        unit=given.unit,
        attachments=tuple(contents),
    )


def _query(given: CaseLetter) -> SearchQuery:
    letter = _request(given).letter
    return SearchQuery(
        letter=letter,
        correlation_key=_KEY,
        secretariat=_SECRETARIAT,
        since=letter.received_at,
        until=letter.received_at + timedelta(days=1),
    )
