"""The portal's form: what its JSON looks like, and how it becomes a submission.

::

    {"submission_id", "service", "unit"?, "subject", "text", "urgency"?, "confidentiality"?, "language"?,
    "submitted_at"?, "fields"?: {name: text}, "sender": {"kind", "identity_number", "name", "mobile",
    "representative"?, "email"?, "postcode"?, "address"?}}

One pass finds everything that is wrong. What the citizen wrote is kept as it came; only numbers are
normalised.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Final

from connector.domain.attachment import Attachment
from connector.domain.identifiers import normalise_legal_id, normalise_national_id
from connector.domain.letter import Confidentiality, Language, Submission, Urgency
from connector.domain.mobile import normalise_mobile
from connector.domain.person import Person, PersonKind
from connector.domain.text import INVISIBLE, to_ascii_digits
from connector.errors import FieldProblem, SubmissionInvalid
from connector.intake.field_reader import FieldReader
from connector.intake.problems import ProblemCode

__all__ = ["KNOWN_KEYS", "SENDER_KEYS", "read_form"]

KNOWN_KEYS: Final = frozenset(
    {
        "submission_id", "service", "unit", "subject", "text", "urgency", "confidentiality", "language",
        "submitted_at", "sender", "fields",
    }
)  # fmt: skip
SENDER_KEYS: Final = frozenset(
    {"kind", "identity_number", "name", "mobile", "representative", "email", "postcode", "address"}
)

_ID_LIMIT: Final = 128
_CODE_LIMIT: Final = 100
_SUBJECT_LIMIT: Final = 300
_TEXT_LIMIT: Final = 100_000
_NAME_LIMIT: Final = 200
_NUMBER_LIMIT: Final = 40
_EMAIL_LIMIT: Final = 254
_ADDRESS_LIMIT: Final = 1000
_MOST_FIELDS: Final = 100
_FIELD_LIMIT: Final = 10_000

_EMAIL: Final = re.compile(r"[^\s@<>,;\"]+@[^\s@<>,;\"]+\.[^\s@<>,;\".]+")
_POSTCODE_DECORATION: Final = re.compile(rf"[\s\-{''.join(sorted(INVISIBLE))}]")


def read_form(portal: str, data: Mapping[str, object], attachments: Sequence[Attachment]) -> Submission:
    """Given the form of a portal and its stored attachments, return the submission.

    Raise SubmissionInvalid with every problem of the form; the portal shows them to whoever filled it in.
    """
    problems: list[FieldProblem] = []
    reader = FieldReader(data, problems=problems)
    reader.only(KNOWN_KEYS)
    submission = Submission(
        portal=portal,
        submission_id=reader.line("submission_id", limit=_ID_LIMIT),
        sender=_read_sender(reader),
        subject=reader.line("subject", limit=_SUBJECT_LIMIT),
        text=reader.paragraphs("text", limit=_TEXT_LIMIT),
        service=reader.line("service", limit=_CODE_LIMIT),
        unit=reader.optional_line("unit", limit=_CODE_LIMIT),
        urgency=reader.choice("urgency", Urgency, default=Urgency.NORMAL),
        confidentiality=reader.choice("confidentiality", Confidentiality, default=Confidentiality.NORMAL),
        language=reader.choice("language", Language, default=Language.FA),
        attachments=tuple(attachments),
        fields=_read_fields(reader, data.get("fields")),
        submitted_at=_read_instant(reader, "submitted_at"),
    )
    if problems:
        raise SubmissionInvalid(problems)
    return submission


def _read_sender(form: FieldReader) -> Person:
    reader = form.group("sender")
    reader.only(SENDER_KEYS)
    kind = reader.choice("kind", PersonKind)
    email = reader.optional_line("email", limit=_EMAIL_LIMIT)
    postcode = reader.optional_line("postcode", limit=_NUMBER_LIMIT)
    mobile = reader.line("mobile", limit=_NUMBER_LIMIT)
    return Person(
        kind=kind,
        identity_number=_read_identity_number(reader, kind),
        name=reader.line("name", limit=_NAME_LIMIT),
        mobile=reader.normalised("mobile", mobile, normalise_mobile, ProblemCode.MOBILE) or "",
        representative=reader.optional_line("representative", limit=_NAME_LIMIT),
        email=reader.normalised("email", email, _plain_email, ProblemCode.EMAIL),
        postcode=reader.normalised("postcode", postcode, _normalise_postcode, ProblemCode.POSTCODE),
        address=reader.optional_paragraphs("address", limit=_ADDRESS_LIMIT),
    )


def _read_identity_number(reader: FieldReader, kind: PersonKind) -> str:
    number = reader.line("identity_number", limit=_NUMBER_LIMIT)
    if reader.has_problem("kind"):
        return number  # by which rule it is wrong cannot be said
    if kind is PersonKind.LEGAL:
        return reader.normalised("identity_number", number, normalise_legal_id, ProblemCode.LEGAL_ID) or ""
    return reader.normalised("identity_number", number, normalise_national_id, ProblemCode.NATIONAL_ID) or ""


def _read_fields(form: FieldReader, values: object) -> dict[str, str]:
    if values is None:
        return {}
    if not isinstance(values, Mapping):
        form.complain("fields", ProblemCode.NOT_A_GROUP)
        return {}
    if len(values) > _MOST_FIELDS:
        form.complain("fields", ProblemCode.TOO_MANY, limit=_MOST_FIELDS)
        return {}
    reader = form.group("fields")
    names = [name for name in values if reader.is_good_key(name, limit=_CODE_LIMIT)]
    return {name: reader.optional_paragraphs(name, limit=_FIELD_LIMIT) or "" for name in names}


def _read_instant(reader: FieldReader, name: str) -> datetime | None:
    text = reader.optional_line(name, limit=_NUMBER_LIMIT)
    if text is None or reader.has_problem(name):
        return None
    try:
        instant = datetime.fromisoformat(to_ascii_digits(text))
        if instant.tzinfo is not None:
            return instant.astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    reader.complain(name, ProblemCode.INSTANT)
    return None


def _plain_email(text: str) -> str:
    if not _EMAIL.fullmatch(text):
        raise ValueError("This is not an e-mail address.")
    return text


def _normalise_postcode(text: str) -> str:
    digits = to_ascii_digits(_POSTCODE_DECORATION.sub("", text))
    if not re.fullmatch(r"[1-9][0-9]{9}", digits):
        raise ValueError("This is not a postcode of ten digits.")
    return digits
