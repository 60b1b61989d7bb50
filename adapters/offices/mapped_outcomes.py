"""From what a mapping judges and picks to the port's outcomes."""

from collections.abc import Mapping
from typing import Any

from connector.errors import Misbehaved, NotPossible, OutcomeUnknown
from connector.mapping.matches import Match
from connector.mapping.picking import RegistrationPicker
from connector.mapping.reading import Judgement
from connector.mapping.schema_parts import Meaning
from connector.ports.call_failures import DUPLICATE_WITHOUT_NUMBER
from connector.ports.outcomes import Found, Refused, Registered, Submitted

__all__ = ["match_of", "outcome_of"]


def outcome_of(
    judgement: Judgement, values: Mapping[str, Any], picker: RegistrationPicker, secretariat: str
) -> Found:
    """Return the outcome that an answer tells; None where the office has nothing.

    ``values`` is what the picks of the mapping see.

    Raise Misbehaved where it says that it registered the letter, and gives no number; OutcomeUnknown where it has
    known the letter, and gives no number.
    """
    match judgement.meaning:
        case Meaning.NEVER:
            return Refused(reason=judgement.text or judgement.code or "", code=judgement.code)
        case Meaning.ABSENT:
            return None
        case Meaning.ACCEPTED:
            return Submitted(office_reference=_reference(picker, values))
        case Meaning.REGISTERED | Meaning.KNOWN:
            try:
                registration, where = picker.pick(values, secretariat), f" ({picker.number.where})."
            except NotPossible as error:
                registration, where = None, f". {error.sentence}"
            if registration is None and judgement.meaning is Meaning.KNOWN:
                raise OutcomeUnknown(
                    f"The office says that it has the letter already, and does not say under which number{where}",
                    reason=DUPLICATE_WITHOUT_NUMBER,
                    code=judgement.code,
                    remark=judgement.text,
                )
            if registration is None:
                raise Misbehaved(
                    f"The office says that it registered the letter, and gives no number{where}",
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


def _reference(picker: RegistrationPicker, values: Mapping[str, Any]) -> str | None:
    try:
        return picker.reference(values)
    except NotPossible:
        return None
