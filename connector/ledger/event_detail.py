"""How an event's particulars are kept: what is not personal as JSON, what is personal sealed."""

from datetime import date, datetime
from typing import Any

import orjson

from connector.domain.referral import Answer, Referral
from connector.domain.registration import Registration
from connector.ledger.records import Happening
from connector.ledger.seal import KeyRing

__all__ = [
    "answer_of",
    "detail_of",
    "opened_part",
    "opened_remark",
    "personal_part",
    "referral_of",
    "registration_of",
    "sealed_part",
]


def detail_of(happening: Happening) -> str | None:
    """Return the public particulars of an event as JSON text, or None where there are none."""
    detail: dict[str, Any] = {}
    if happening.registration is not None:
        detail["registration"] = _registration(happening.registration)
    if happening.office_reference is not None:
        detail["office_reference"] = happening.office_reference
    if happening.referral is not None:
        referral = happening.referral
        detail["referral"] = {
            "reference": referral.reference,
            "unit": referral.unit,
            "referred_at": referral.referred_at.isoformat() if referral.referred_at else None,
            "is_public": referral.is_public,
        }
    if happening.route is not None:
        detail["route"] = {"office": happening.route.office, "secretariat": happening.route.secretariat}
    if happening.answer is not None:
        detail["answer"] = {
            "number": happening.answer.number,
            "answered_on": happening.answer.answered_on.isoformat() if happening.answer.answered_on else None,
        }
    if happening.by is not None:
        detail["by"] = happening.by
    return orjson.dumps(detail).decode() if detail else None


def personal_part(happening: Happening) -> dict[str, str]:
    """Return the personal particulars of an event, empty where there are none."""
    personal: dict[str, str] = {}
    if happening.remark:
        personal["remark"] = happening.remark
    if happening.answer is not None:
        personal["answer"] = happening.answer.text
    return personal


def sealed_part(personal: dict[str, str], ring: KeyRing, letter_id: str, position: int) -> bytes:
    """Return the personal particulars sealed for their row."""
    return ring.seal(personal, _context(letter_id, position))


def opened_part(sealed: bytes, ring: KeyRing, letter_id: str, position: int) -> dict[str, str]:
    """Return the personal particulars of a row. Raise SealBroken if they do not open."""
    opened: dict[str, str] = ring.open(sealed, _context(letter_id, position))
    return opened


def opened_remark(sealed: bytes | None, ring: KeyRing, letter_id: str, position: int) -> str | None:
    """Return the vendor's or a person's own words of an event."""
    return None if sealed is None else ring.open(sealed, _context(letter_id, position)).get("remark")


def answer_of(
    detail: str | None, sealed: bytes | None, ring: KeyRing, letter_id: str, position: int
) -> Answer:
    """Return the answer that an event recorded."""
    kept = orjson.loads(detail or "{}").get("answer") or {}
    personal = {} if sealed is None else ring.open(sealed, _context(letter_id, position))
    answered_on = kept.get("answered_on")
    return Answer(
        text=personal.get("answer", ""),
        number=kept.get("number"),
        answered_on=date.fromisoformat(answered_on) if answered_on else None,
    )


def referral_of(detail: str | None) -> Referral | None:
    """Return the referral that an event recorded."""
    kept = orjson.loads(detail or "{}").get("referral")
    if kept is None:
        return None
    referred_at = kept["referred_at"]
    return Referral(
        reference=kept["reference"],
        unit=kept["unit"],
        referred_at=datetime.fromisoformat(referred_at) if referred_at else None,
        is_public=kept["is_public"],
    )


def registration_of(row: Any) -> Registration | None:
    """Return the registration in a row that holds the columns of the registrations table."""
    if row is None or row.number is None:
        return None
    return Registration(
        number=row.number,
        secretariat=row.secretariat,
        year=row.year,
        registered_on=row.registered_on,
        office_reference=row.office_reference,
    )


def _registration(registration: Registration) -> dict[str, Any]:
    return {
        "number": registration.number,
        "secretariat": registration.secretariat,
        "year": registration.year,
        "registered_on": registration.registered_on.isoformat() if registration.registered_on else None,
    }


def _context(letter_id: str, position: int) -> str:
    return f"events:{letter_id}:{position}"
