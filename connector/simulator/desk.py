"""The counter of the simulated office: its contract's fields in and out, the same for SOAP and REST."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Final

from connector.simulator.book import ResultCode
from connector.simulator.jalali import is_jalali, jalali_text, tehran_day
from connector.simulator.records import AttachmentMark, Call, EntryState, Move, MoveKind, OfficeEntry, Search

__all__ = [
    "MOST_KEYS",
    "MOST_MATCHES",
    "UNHEARD_OF",
    "ContractBroken",
    "code_fields",
    "letter_fields",
    "match_fields",
    "read_call",
    "read_search",
    "result_fields",
    "without_empty",
]

MOST_KEYS: Final = 100
"""Letters that one progress call may ask about."""

MOST_MATCHES: Final = 100
"""Letters that the answer to one search holds; what was found beyond them is left out."""

UNHEARD_OF: Final = 77
"""A code that stands in no contract."""

STATUS_CODES: Final = {
    EntryState.ACCEPTED: 1,
    EntryState.REGISTERED: 2,
    EntryState.REFERRED: 3,
    EntryState.ANSWERED: 4,
    EntryState.CLOSED: 5,
    EntryState.RETURNED: 6,
    EntryState.REFUSED: 7,
    EntryState.STRAYED: UNHEARD_OF,
}

RESULT_TEXTS: Final = {
    ResultCode.REGISTERED: "ثبت شد",
    ResultCode.KNOWN: "این کلید پیش از این ثبت شده است",
    ResultCode.REFUSED: "پذیرفته نشد",
    ResultCode.ACCEPTED: "دریافت شد؛ شماره متعاقباً داده می‌شود",
    ResultCode.NOT_FOUND: "یافت نشد",
    ResultCode.DUPLICATE: "این کلید پیش از این ثبت شده است",
    ResultCode.SESSION_UNKNOWN: "نشست شناخته نیست؛ دوباره وارد شوید",
    ResultCode.BUSY: "سامانه مشغول است",
}

_REQUIRED: Final = (
    "key",
    "secretariat",
    "subject",
    "body",
    "senderKind",
    "senderId",
    "senderName",
    "senderMobile",
)


class ContractBroken(Exception):
    """The request does not fit the office's contract; the argument says where, and repeats nothing of it."""


def read_call(fields: Mapping[str, Any], attachments: Iterable[AttachmentMark]) -> Call:
    """Return what the office is asked to register. Raise ContractBroken naming a field that does not fit."""
    for name in _REQUIRED:
        if not isinstance(fields.get(name), str) or not str(fields[name]).strip():
            raise ContractBroken(f"{name} is required")
    return Call(
        key=fields["key"],
        secretariat=fields["secretariat"],
        subject=fields["subject"],
        body=fields["body"],
        sender_kind=fields["senderKind"],
        sender_id=fields["senderId"],
        sender_name=fields["senderName"],
        sender_mobile=fields["senderMobile"],
        unit=fields.get("unit") or None,
        urgency=_one_to_three(fields, "urgency"),
        confidentiality=_one_to_three(fields, "confidentiality"),
        letter_date=_jalali(fields, "letterDate"),
        attachments=tuple(attachments),
    )


def read_search(fields: Mapping[str, Any]) -> Search:
    """Return by what the office is searched. Raise ContractBroken naming a field that does not fit."""
    for name in ("secretariat", "senderId"):
        if not isinstance(fields.get(name), str) or not str(fields[name]).strip():
            raise ContractBroken(f"{name} is required")
    return Search(
        secretariat=fields["secretariat"],
        sender_id=fields["senderId"],
        first_day=_jalali(fields, "fromDate"),
        last_day=_jalali(fields, "toDate"),
        subject=fields.get("subject") or None,
    )


def _one_to_three(fields: Mapping[str, Any], name: str) -> int:
    value = str(fields.get(name, "")).strip()
    if value not in {"1", "2", "3"}:
        raise ContractBroken(f"{name} must be 1, 2 or 3")
    return int(value)


def _jalali(fields: Mapping[str, Any], name: str) -> str:
    text = str(fields.get(name, "")).strip()
    if not is_jalali(text):
        raise ContractBroken(f"{name} must be a Jalali date yyyy/MM/dd")
    return text


def result_fields(code: ResultCode, entry: OfficeEntry | None) -> dict[str, Any]:
    """Return what the office says about one letter at the counter, in the order of its contract."""
    text = RESULT_TEXTS[code]
    if entry is not None and code is ResultCode.REFUSED:
        text = entry.moves[-1].text or text
    fields: dict[str, Any] = {"resultCode": int(code), "resultText": text}
    tells = code is not ResultCode.DUPLICATE and entry is not None and entry.state is not EntryState.REFUSED
    if entry is not None and tells:
        fields |= _registration(entry)
    return without_empty(fields)


def code_fields(code: int) -> dict[str, Any]:
    """Return an answer that is a code and nothing else; it may be one that stands in no contract."""
    text = RESULT_TEXTS[ResultCode(code)] if code in set(ResultCode) else "خطای داخلی"
    return {"resultCode": code, "resultText": text}


def match_fields(entry: OfficeEntry, *, shows_key: bool) -> dict[str, Any]:
    """Return one entry that a search found, in the order of the office's contract."""
    refusal = _move(entry, MoveKind.REFUSED)
    return without_empty(
        {
            "key": entry.call.key if shows_key else None,
            "statusCode": STATUS_CODES[entry.state],
            **_registration(entry),
            "subject": entry.call.subject,
            "refusalText": refusal.text if refusal else None,
            "refusalCode": refusal.code if refusal else None,
        }
    )


def letter_fields(entry: OfficeEntry) -> dict[str, Any]:
    """Return how far one letter is, in the order of the office's contract; ``referrals`` is a list."""
    answer = _move(entry, MoveKind.ANSWERED)
    refusal = _move(entry, MoveKind.REFUSED) or _move(entry, MoveKind.RETURNED)
    return without_empty(
        {
            "key": entry.call.key,
            "statusCode": STATUS_CODES[entry.state],
            **_registration(entry),
            "referrals": [_referral(move) for move in entry.moves if move.kind is MoveKind.REFERRED],
            "answerText": answer.text if answer else None,
            "answerNumber": f"{entry.number}-1" if answer else None,
            "answerDate": _date_of(answer.at) if answer else None,
            "refusalText": refusal.text if refusal else None,
            "refusalCode": refusal.code if refusal else None,
        }
    )


def without_empty(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields that say something."""
    return {name: value for name, value in fields.items() if value is not None}


def _registration(entry: OfficeEntry) -> dict[str, Any]:
    registered_on = entry.registered_on
    return {
        "number": entry.number,
        "year": entry.year,
        "date": jalali_text(registered_on) if registered_on else None,
        "documentId": entry.document_id,
    }


def _referral(move: Move) -> dict[str, Any]:
    return {
        "id": move.reference,
        "unit": move.unit,
        "date": _date_of(move.at),
        "confidential": move.is_confidential,
    }


def _move(entry: OfficeEntry, kind: MoveKind) -> Move | None:
    return next((move for move in entry.moves if move.kind is kind), None)


def _date_of(at: datetime) -> str:
    return jalali_text(tehran_day(at))
