"""What a mapped office wants around the number, each deed only where its mapping declares it."""

from collections.abc import Sequence
from datetime import timedelta

from adapters.offices.mapped_outcomes import outcome_of
from adapters.offices.mapped_registering import LetterCalls, LetterInHand, Share, Turn, kept_of
from connector.domain.registration import LetterReference
from connector.errors import Misbehaved, NotPossible
from connector.mapping.compiled import CompiledStep
from connector.mapping.reading import Judgement
from connector.mapping.schema_parts import Meaning
from connector.mapping.vocabulary import registration_values
from connector.ports.office import Completion, Kept, RegistrationRequest
from connector.ports.outcomes import Found

__all__ = ["Completing", "Preparing", "Reserving"]


class _Steps(LetterCalls):
    def _named(self, name: str, steps: Sequence[CompiledStep], letter: LetterInHand) -> Turn:
        turn = next((turn for turn in self.turns(list(steps), letter.data) if turn.name == name), None)
        if turn is None:
            raise NotPossible("The mapping no longer has this step for the letter.", step=name)
        return turn

    def _prepared(self, turn: Turn, letter: LetterInHand, request: RegistrationRequest) -> Kept:
        data = {**letter.data, **turn.data}
        others = {name: kept for name, kept in request.kept.items() if name != turn.name}
        share = Share(letter.contents, turn.step.where, forbidden=self.sent_before(others, letter))
        reply, judgement = self.ask(turn.step, data, share)
        _refuse_undone(judgement)
        return kept_of(self.taken(turn.step, data, reply), share)


class Preparing(_Steps):
    """An office that wants something done before the number is given."""

    @property
    def preparations_last(self) -> timedelta:
        """How long what a step left can be used."""
        return self.compiled.mapping.operations.register_.preparations_last

    def preparations(self, request: RegistrationRequest) -> Sequence[str]:
        """Return the names of the steps for this letter, in order; a step for each of several has one with a number."""
        self.refuse_unfit(request)
        letter = self.letter_of(request)
        return [turn.name for turn in self.turns(list(self.compiled.prepares), letter.data)]

    def prepare(self, step: str, request: RegistrationRequest) -> Kept:
        """Do one step and return what later ones need."""
        letter = self.letter_of(request)
        return self._prepared(self._named(step, self.compiled.prepares, letter), letter, request)


class Reserving(_Steps):
    """An office in which a place is reserved, filled and looked at."""

    def reserve(self, request: RegistrationRequest) -> Kept:
        """Reserve a place and return how the office calls it. Raise Misbehaved where it does not say."""
        self.refuse_unfit(request)
        step = self._reserving()
        turn = Turn(name="reserve", step=step, data={})
        kept = self._prepared(turn, self.letter_of(request), request)
        if any(kept[name] in {"null", '""'} for name in step.take):
            raise Misbehaved("The office reserved a place, and does not say which.", reason="place_missing")
        return kept

    def verify(self, reservation: Kept, secretariat: str) -> Found:
        """Return what stands in the reserved place; None while it is empty."""
        steps, picker = self.compiled.verify, self.compiled.verified
        assert steps is not None and picker is not None  # noqa: S101, PT018 - the class is chosen by them
        taken = self.taken_from(reservation)
        values, judgement = self.converse(steps, {"secretariat": secretariat, "taken": taken})
        return outcome_of(judgement, values, picker, secretariat)

    def _reserving(self) -> CompiledStep:
        step = self.compiled.reserves
        assert step is not None  # noqa: S101 - the class is chosen by it
        return step


class Completing(_Steps):
    """An office that wants something done after the number."""

    def completions(self, request: RegistrationRequest) -> Sequence[Completion]:
        """Return the side steps for this letter, in order."""
        turns = self.turns(list(self.compiled.follows), self.letter_of(request).data)
        return [Completion(name=turn.name, is_repeatable=turn.step.is_repeatable) for turn in turns]

    def complete(self, step: str, request: RegistrationRequest, reference: LetterReference) -> None:
        """Do one side step for a letter that has its number. Raise NotPossible where the office will never do it."""
        letter = self.letter_of(request)
        turn = self._named(step, self.compiled.follows, letter)
        data = {**letter.data, **turn.data, "registration": registration_values(reference)}
        _, judgement = self.ask(turn.step, data, Share(letter.contents, turn.step.where))
        _refuse_undone(judgement)


def _refuse_undone(judgement: Judgement) -> None:
    if judgement.meaning is Meaning.NEVER:
        raise NotPossible("The office will never do this step for the letter.", code=judgement.code)
    if judgement.meaning is not Meaning.DONE:
        raise Misbehaved("The mapping does not say what this answer means here.", reason="meaning_unfit")
