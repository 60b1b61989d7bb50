"""Letters and files to test an office with. Every person is made up."""

import hashlib
import io
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, BinaryIO, Final, cast

from connector.domain.attachment import Attachment, AttachmentContent
from connector.domain.letter import Confidentiality, Language, Letter, Urgency
from connector.domain.registration import LetterReference, Registration
from connector.ports.office import Kept, OfficeAdapter, RegistrationRequest, SearchQuery
from connector.ports.outcomes import Outcome, Registered, Submitted
from connector.simulator.fates import Pace
from connector.testing.builders import a_person
from connector.testing.office_contract.bench import BookEntry, OfficeBench

__all__ = [
    "KEY",
    "NASTY_PIECES",
    "OTHER_KEY",
    "a_file",
    "a_key",
    "a_plain_letter",
    "a_request",
    "a_search",
    "a_sparse_file",
    "carried",
    "entries_of",
    "mark_of",
    "prepared",
    "reference_of",
    "reference_to",
    "settled",
]

NASTY_PIECES: Final = {
    "letters that XML and HTML use": "<b>&amp;</b> ]]> <!--",
    "quotes and a backslash": "\"'\\ «متن»",
    "a smiling face, four bytes long": "سلام 😀 🇮🇷",
    "marks that turn the direction": "\u200fABC ۱۲۳\u200e",
    "half a space, Arabic ye and kaf": "می\u200cشود كتاب يك",
    "what looks like a template": "{{ subject }} ${x} %s",
    "what looks like SQL": "'; DROP TABLE letters; --",
    "digits of three kinds": "123 ۱۲۳ ١٢٣",
}
"""Short texts that break what does not write its messages with care."""

_PIECE: Final = 1024 * 1024
_LENGTH_OF_A_KEY: Final = 26
_NOTHING: Final = timedelta()
_HOUR: Final = timedelta(hours=1)


def a_key(word: str, number: int = 1) -> str:
    """Return a key of the form that all have, a ULID, by which a test's letter is known.

    The word is of capital letters without I, L, O and U, which ULIDs do not have.
    """
    end = f"{word}{number}"
    return "01" + end.rjust(_LENGTH_OF_A_KEY - 2, "0")


KEY: Final = a_key("KEY")
"""The key of the letter that most checks are about."""
OTHER_KEY: Final = a_key("KEY", 2)


def a_plain_letter() -> Letter:
    """Return the letter that checks change: an urgent one, in plain Persian, without files."""
    return Letter(
        letter_id="KEY",
        tracking_code="CODE1",
        portal="web",
        submission_id="1",
        sender=a_person(),
        subject="درخواست نمونه",
        text="با سلام، متن نمونه.",
        service="general",
        unit=None,
        urgency=Urgency.URGENT,
        confidentiality=Confidentiality.NORMAL,
        language=Language.FA,
        attachments=(),
        fields={},
        received_at=datetime(2026, 11, 21, 8, tzinfo=UTC),
    )


def a_request(
    bench: OfficeBench,
    key: str = KEY,
    *contents: AttachmentContent,
    secretariat: str | None = None,
    kept: Mapping[str, Kept] | None = None,
    **changes: Any,
) -> RegistrationRequest:
    """Return a request to register the bench's example letter under this key, with these files."""
    attachments = tuple(content.attachment for content in contents)
    changes.setdefault("subject", f"نامهٔ {mark_of(key)}")
    letter = replace(bench.example, letter_id=key, attachments=attachments, **changes)
    return RegistrationRequest(
        letter=letter,
        correlation_key=key,
        secretariat=secretariat or bench.secretariats[0],
        unit=letter.unit,
        attachments=contents,
        kept=kept or {},
    )


def mark_of(key: str) -> str:
    """Return a word by which a letter of this key is known in the office's book; it does not hold the key itself."""
    return "م" + hashlib.sha256(key.encode()).hexdigest()[:6]


def entries_of(bench: OfficeBench, key: str) -> list[BookEntry]:
    """Return what the office's book has of the letter of this key."""
    mark = mark_of(key)
    return [entry for entry in bench.entries() if any(mark in text for text in entry.texts)]


def a_search(bench: OfficeBench, key: str = KEY, **changes: Any) -> SearchQuery:
    """Return the search for the letter of this key, from an hour before it was sent to an hour after."""
    request = a_request(bench, key, **changes)
    sent_at = bench.advance(_NOTHING)
    return SearchQuery(
        letter=request.letter,
        correlation_key=key,
        secretariat=request.secretariat,
        since=sent_at - _HOUR,
        until=sent_at + _HOUR,
    )


def reference_to(
    key: str, registration: Registration | None = None, *, secretariat: str = ""
) -> LetterReference:
    """Return everything by which the office may know the letter of this key."""
    return LetterReference(
        correlation_key=key,
        secretariat=registration.secretariat if registration else secretariat,
        registration=registration,
        office_reference=registration.office_reference if registration else None,
    )


def reference_of(key: str, outcome: Outcome, *, secretariat: str) -> LetterReference:
    """Return everything by which the office may know the letter of this key that brought this outcome."""
    if isinstance(outcome, Registered):
        return reference_to(key, outcome.registration)
    handle = outcome.office_reference if isinstance(outcome, Submitted) else None
    return replace(reference_to(key, secretariat=secretariat), office_reference=handle)


def prepared(office: OfficeAdapter, request: RegistrationRequest) -> RegistrationRequest:
    """Do what this office wants before the number, as the house does it, and return the request with what it left."""
    kept: dict[str, Kept] = {}
    adapter: Any = office
    if office.capabilities.prepares:
        for step in adapter.preparations(request):
            kept[step] = adapter.prepare(step, replace(request, kept=kept))
    if office.capabilities.reserves:
        kept["reserve"] = adapter.reserve(replace(request, kept=kept))
    return replace(request, kept={**request.kept, **kept})


def carried(office: OfficeAdapter, request: RegistrationRequest, bench: OfficeBench | None = None) -> Outcome:
    """Register the letter with everything that comes before the number, and after it.

    With its bench, what follows the number is done also where the number comes later.
    """
    full = prepared(office, request)
    outcome = office.register(full)
    if bench is not None and office.capabilities.completes:
        outcome = settled(bench, office, request.correlation_key, outcome)
    if office.capabilities.completes and isinstance(outcome, Registered):
        adapter: Any = office
        for step in adapter.completions(full):
            adapter.complete(step.name, full, reference_to(request.correlation_key, outcome.registration))
    return outcome


def settled(
    bench: OfficeBench,
    office: OfficeAdapter,
    key: str,
    outcome: Outcome,
    *,
    secretariat: str | None = None,
) -> Outcome:
    """Return the outcome once the number is there, for an office that numbers every letter later."""
    if not isinstance(outcome, Submitted):
        return outcome
    bench.advance(Pace().longest)
    adapter: Any = office
    found: Any = None
    if office.capabilities.find_by_key:
        found = adapter.find(key, secretariat or bench.secretariats[0])
    elif office.capabilities.progress_batch:
        reference = reference_of(key, outcome, secretariat=secretariat or bench.secretariats[0])
        news = [each.registration for each in adapter.progress([reference]) if each.registration]
        found = Registered(registration=news[0]) if news else None
    return outcome if found is None else cast(Outcome, found)


def a_file(name: str, content: bytes, media_type: str = "application/pdf") -> AttachmentContent:
    """Return a file of this content."""
    return _content(
        name, media_type, len(content), hashlib.sha256(content).hexdigest(), partial(io.BytesIO, content)
    )


def a_sparse_file(
    name: str, size: int, *, opened: Callable[[BinaryIO], BinaryIO] = lambda stream: stream
) -> AttachmentContent:
    """Return a file of so many zero bytes that takes no room on the disk; ``opened`` may look at each reader."""
    digest = hashlib.sha256()
    for start in range(0, size, _PIECE):
        digest.update(bytes(min(_PIECE, size - start)))

    def open_it() -> BinaryIO:
        stream = tempfile.TemporaryFile()  # noqa: SIM115 - whoever asked for it closes it
        stream.truncate(size)
        return opened(stream)

    return _content(name, "application/pdf", size, digest.hexdigest(), open_it)


def _content(
    name: str, media_type: str, size: int, digest: str, opened: Callable[[], BinaryIO]
) -> AttachmentContent:
    attachment = Attachment(name=name, media_type=media_type, size=size, digest=digest)
    return AttachmentContent(attachment=attachment, open=opened)
