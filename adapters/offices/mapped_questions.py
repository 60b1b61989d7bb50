"""What a mapped office can be asked and changes nothing over there, each only where its mapping declares it."""

from collections.abc import Sequence

from adapters.offices.mapped_calls import MappedCalls
from adapters.offices.mapped_outcomes import match_of, outcome_of
from adapters.offices.mapped_progress import progress_of
from connector.domain.registration import LetterReference
from connector.errors import Misbehaved, NotPossible
from connector.mapping.schema_parts import Meaning
from connector.mapping.vocabulary import letter_values, office_time, registration_values
from connector.ports.office import SearchQuery
from connector.ports.outcomes import Found, Progress, Refused, Registered, Submitted

__all__ = ["Finding", "Reporting", "Searching"]


class Finding(MappedCalls):
    """An office that can be asked for a letter by our key."""

    def find(self, correlation_key: str, secretariat: str) -> Found:
        """Return what the office has under this key; None when it has nothing at this moment."""
        steps, picker = self.compiled.find, self.compiled.found
        assert steps is not None and picker is not None  # noqa: S101, PT018 - the class is chosen by them
        data = {"correlation_key": correlation_key, "secretariat": secretariat}
        values, judgement = self.converse(steps, data)
        return outcome_of(judgement, values, picker, secretariat)


class Searching(MappedCalls):
    """An office that can be searched."""

    def search(self, query: SearchQuery) -> Sequence[Registered | Submitted | Refused]:
        """Return every entry that may be this letter; empty only where the office says that there is none."""
        steps, picker = self.compiled.search, self.compiled.matches
        assert steps is not None and picker is not None  # noqa: S101, PT018 - the class is chosen by them
        letter = letter_values(query.letter, [])
        data = {
            "letter": letter["letter"],
            "sender": letter["sender"],
            "correlation_key": query.correlation_key,
            "secretariat": query.secretariat,
            "since": office_time(query.since),
            "until": office_time(query.until),
        }
        values, judgement = self.converse(steps, data)
        if judgement.meaning is Meaning.ABSENT:
            return []
        if judgement.meaning is not Meaning.DONE:
            raise Misbehaved("The mapping does not say what this answer means here.", reason="meaning_unfit")
        matches = picker.pick(values, key=query.correlation_key, secretariat=query.secretariat)
        return [match_of(match) for match in matches]


class Reporting(MappedCalls):
    """An office that tells how far letters are."""

    def progress(self, references: Sequence[LetterReference]) -> Sequence[Progress]:
        """Return what the office says of these letters; those that it does not mention are left out."""
        steps, picker = self.compiled.progress, self.compiled.letters
        assert steps is not None and picker is not None  # noqa: S101, PT018 - the class is chosen by them
        if not references:
            return []
        if len(references) > picker.batch:
            raise NotPossible("More letters are asked about than one call may.", limit=picker.batch)
        asked = [
            {"correlation_key": reference.correlation_key, **registration_values(reference)}
            for reference in references
        ]
        values, _ = self.converse(steps, {"references": asked, "reference": asked[0]})
        return progress_of(picker, values, references)
