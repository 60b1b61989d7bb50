"""What a portal is told about a letter of its own: the same document after handing in and when asking later."""

from typing import Any
from urllib.parse import quote

from connector.domain.lifecycle import Status
from connector.domain.tracking_code import grouped_tracking_code
from connector.ledger.records import Admission, LetterState

__all__ = ["letter_address", "letter_document", "received_document"]


def received_document(submission_id: str, admission: Admission) -> dict[str, Any]:
    """Return the document of a letter that was admitted just now."""
    return {
        "submission_id": submission_id,
        "tracking_code": admission.tracking_code,
        "tracking_code_grouped": grouped_tracking_code(admission.tracking_code),
        "status": str(Status.RECEIVED),
        "registration": None,
        "unit": None,
        "answer": None,
    }


def letter_document(state: LetterState) -> dict[str, Any]:
    """Return the document of a letter that is on its way or at its end."""
    letter, registration, answer = state.letter, state.registration, state.answer
    units = [referral.unit for referral in state.referrals if referral.is_public]
    return {
        "submission_id": letter.submission_id,
        "tracking_code": letter.tracking_code,
        "tracking_code_grouped": grouped_tracking_code(letter.tracking_code),
        "status": str(state.status),
        "status_since": state.status_since.isoformat(),
        "received_at": letter.received_at.isoformat(),
        "registration": registration
        and {
            "number": registration.number,
            "secretariat": registration.secretariat,
            "year": registration.year,
            "registered_on": registration.registered_on and registration.registered_on.isoformat(),
        },
        "unit": units[-1] if units else None,
        "answer": answer
        and {
            "text": answer.text,
            "number": answer.number,
            "answered_on": answer.answered_on and answer.answered_on.isoformat(),
        },
    }


def letter_address(portal: str, submission_id: str) -> str:
    """Return the path under which the portal asks about this letter."""
    return f"/portals/{quote(portal, safe='')}/letters/{quote(submission_id, safe='')}"
