"""A publication as plain JSON values: the same document for every portal that takes one."""

from typing import Any

from connector.ports.portal import Publication

__all__ = ["publication_document"]


def publication_document(publication: Publication) -> dict[str, Any]:
    """Return what the portal is told, as plain JSON values. Dates are Gregorian, ISO 8601."""
    registration, answer = publication.registration, publication.answer
    return {
        "submission_id": publication.submission_id,
        "tracking_code": publication.tracking_code,
        "position": publication.position,
        "fact": publication.fact,
        "status": publication.status,
        "happened_at": publication.happened_at.isoformat(),
        "registration": registration
        and {
            "number": registration.number,
            "secretariat": registration.secretariat,
            "year": registration.year,
            "registered_on": registration.registered_on and registration.registered_on.isoformat(),
        },
        "unit": publication.unit,
        "answer": answer
        and {
            "text": answer.text,
            "number": answer.number,
            "answered_on": answer.answered_on and answer.answered_on.isoformat(),
        },
        "reason": publication.reason,
    }
