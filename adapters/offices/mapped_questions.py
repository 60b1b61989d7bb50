"""What a mapped office can be asked and changes nothing over there, each only where its mapping declares it."""

from collections.abc import Sequence
from typing import Any

from adapters.offices.mapped_calls import MappedCalls
from adapters.offices.mapped_outcomes import match_of, outcome_of, values_of
from adapters.offices.mapped_progress import progress_of
from connector.domain.registration import LetterReference
from connector.errors import Misbehaved, NotPossible
from connector.mapping.schema_parts import Meaning
from connector.mapping.vocabulary import letter_values, office_time
from connector.ports.office import SearchQuery
from connector.ports.outcomes import Found, Progress, Refused, Registered, Submitted

__all__ = ["Finding", "Reporting", "Searching"]


class Finding(MappedCalls):
    """An office that can be asked for a letter by our key."""

    def find(self, correlation_key: str, secretariat: str) -> Found:
        """Return what the office has under this key; None when it has nothing at this moment."""
        step, picker = self.compiled.find, self.compiled.found
        assert step is not None and picker is not None  # noqa: S101, PT018 - the class is chosen by them
        reply, judgement = self.ask(step, {"correlation_key": correlation_key, "secretariat": secretariat})
        return outcome_of(judgement, reply, picker, secretariat)


class Searching(MappedCalls):
    """An office that can be searched."""

    def search(self, query: SearchQuery) -> Sequence[Registered | Submitted | Refused]:
        """Return every entry that may be this letter; empty only where the office says that there is none."""
        step, picker = self.compiled.search, self.compiled.matches
        assert step is not None and picker is not None  # noqa: S101, PT018 - the class is chosen by them
        values = letter_values(query.letter, [])
        data = {
            "letter": values["letter"],
            "sender": values["sender"],
            "correlation_key": query.correlation_key,
            "secretariat": query.secretariat,
            "since": office_time(query.since),
            "until": office_time(query.until),
        }
        reply, judgement = self.ask(step, data)
        if judgement.meaning is Meaning.ABSENT:
            return []
        if judgement.meaning is not Meaning.DONE:
            raise Misbehaved("The mapping does not say what this answer means here.", reason="meaning_unfit")
        matches = picker.pick(values_of(reply), key=query.correlation_key, secretariat=query.secretariat)
        return [match_of(match) for match in matches]


class Reporting(MappedCalls):
    """An office that tells how far letters are."""

    def progress(self, references: Sequence[LetterReference]) -> Sequence[Progress]:
        """Return what the office says of these letters; those that it does not mention are left out."""
        step, picker = self.compiled.progress, self.compiled.letters
        assert step is not None and picker is not None  # noqa: S101, PT018 - the class is chosen by them
        if not references:
            return []
        if len(references) > picker.batch:
            raise NotPossible("More letters are asked about than one call may.", limit=picker.batch)
        values = [_reference_values(reference) for reference in references]
        reply, _ = self.ask(step, {"references": values, "reference": values[0]})
        return progress_of(picker, values_of(reply), references)


def _reference_values(reference: LetterReference) -> dict[str, Any]:
    registration = reference.registration
    return {
        "correlation_key": reference.correlation_key,
        "office_reference": reference.office_reference
        or (registration.office_reference if registration else None),
        "number": registration.number if registration else None,
        "secretariat": reference.secretariat,
        "year": registration.year if registration else None,
    }
