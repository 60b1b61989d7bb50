"""What all mails together say of one letter. Mails are taken in the order in which they arrived; what was said first
counts, so the same mailbox says the same again after a restart."""

from dataclasses import dataclass

from adapters.offices.ece.said import (
    Answered,
    Bounced,
    Noted,
    NumberGiven,
    RefusedThere,
    Said,
    Unmapped,
)
from connector.domain.calendar import jalali_year
from connector.domain.registration import Registration
from connector.ports.outcomes import Found, Progress, Refused, Registered, Submitted

__all__ = ["Told"]


@dataclass(slots=True)
class Told:
    """One letter, as the mailbox knows it."""

    number: NumberGiven | None = None
    refused: RefusedThere | None = None
    answer: Answered | None = None
    odd: tuple[str, ...] = ()

    def objection(self, said: Said) -> str | None:
        """Return why a person must look at what this mail says beside the ones before it; None where it is new."""
        match said:
            case NumberGiven(number=number) if self.number is not None:
                return "duplicate" if number == self.number.number else "second_number"
            case RefusedThere() if self.number is not None:
                return "contradicts"
            case RefusedThere() if self.refused is not None:
                return "duplicate" if self.refused == said else "contradicts"
            case Answered() if self.answer is not None:
                return "duplicate" if self.answer == said else "second_answer"
        return None

    def take(self, said: Said) -> None:
        """Add what a mail says."""
        match said:
            case NumberGiven():
                self.number = said
            case RefusedThere():
                self.refused = said
            case Answered():
                self.answer = said
            case Unmapped(code=code) | Bounced(code=code):
                self.odd = tuple(dict.fromkeys((*self.odd, code)))
            case Noted():
                pass

    def found(self, secretariat: str, reference: str) -> Found:
        """Return the answer to a look-up: whatever is here, the letter went."""
        if self.number is not None:
            return Registered(registration=self._registration(self.number, secretariat, reference))
        if self.refused is not None:
            return Refused(reason=self.refused.reason, code=self.refused.code)
        return Submitted(office_reference=reference)

    def progress(self, correlation_key: str, secretariat: str, reference: str) -> Progress:
        """Return the answer to a question about progress. Odd words are told until the letter has its number."""
        return Progress(
            correlation_key=correlation_key,
            registration=self._registration(self.number, secretariat, reference) if self.number else None,
            answer=self.answer.answer if self.answer else None,
            refused=Refused(reason=self.refused.reason, code=self.refused.code)
            if self.refused and not self.number
            else None,
            unmapped=() if self.number or self.refused else self.odd,
        )

    @staticmethod
    def _registration(given: NumberGiven, secretariat: str, reference: str) -> Registration:
        day = given.registered_on
        return Registration(
            number=given.number,
            secretariat=secretariat,
            year=jalali_year(day) if day else None,
            registered_on=day,
            office_reference=reference,
        )
