"""From what a mapping judges and picks to the port's outcomes."""

from typing import Any

from connector.errors import Misbehaved, NotPossible, OutcomeUnknown
from connector.mapping.matches import Match
from connector.mapping.picking import RegistrationPicker
from connector.mapping.reading import Judgement, Reply
from connector.mapping.schema_parts import Meaning
from connector.ports.call_failures import DUPLICATE_WITHOUT_NUMBER
from connector.ports.outcomes import Found, Refused, Registered, Submitted

__all__ = ["match_of", "outcome_of", "values_of"]


def outcome_of(judgement: Judgement, reply: Reply, picker: RegistrationPicker, secretariat: str) -> Found:
    """Return the outcome that the reply tells; None where the office has nothing.

    Raise Misbehaved where it says that it registered the letter, and gives no number; OutcomeUnknown where it has
    known the letter, and gives no number.
    """
    match judgement.meaning:
        case Meaning.NEVER:
            return Refused(reason=judgement.text or judgement.code or "", code=judgement.code)
        case Meaning.ABSENT:
            return None
        case Meaning.ACCEPTED:
            return Submitted(office_reference=_reference(picker, reply))
        case Meaning.REGISTERED | Meaning.KNOWN:
            try:
                registration = picker.pick(values_of(reply), secretariat)
            except NotPossible:
                registration = None
            if registration is None and judgement.meaning is Meaning.KNOWN:
                raise OutcomeUnknown(
                    "The office says that it has the letter already, and does not say under which number.",
                    reason=DUPLICATE_WITHOUT_NUMBER,
                    code=judgement.code,
                    remark=judgement.text,
                )
            if registration is None:
                raise Misbehaved(
                    "The office says that it registered the letter, and gives no number.",
                    reason="number_missing",
                    code=judgement.code,
                    remark=judgement.text,
                )
            return Registered(registration=registration, was_known=judgement.meaning is Meaning.KNOWN)
    raise Misbehaved("The mapping does not say what this answer means here.", reason="meaning_unfit")


def match_of(match: Match) -> Registered | Submitted | Refused:
    """Return how an entry that a search brought stands."""
    if match.is_refused:
        return Refused(reason=match.reason or "", code=match.reason_code)
    if match.registration is None:
        return Submitted(office_reference=match.office_reference)
    return Registered(registration=match.registration)


def values_of(reply: Reply) -> dict[str, Any]:
    """Return the reply under the names that a mapping's expressions use."""
    return {"reply": reply.content, "http": {"status": reply.status}}


def _reference(picker: RegistrationPicker, reply: Reply) -> str | None:
    try:
        return picker.reference(values_of(reply))
    except NotPossible:
        return None
