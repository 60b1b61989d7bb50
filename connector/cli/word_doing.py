"""A person's word carried out on one letter: looked at, foretold, written."""

from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Any

from connector.cli.deeds import Deed, fitting, why_not
from connector.cli.foretelling import Case, foretold, in_flight_until
from connector.cli.in_words import STATUSES
from connector.cli.word_reading import read_registration
from connector.clock import now
from connector.domain.attention_words import Words
from connector.domain.calendar import local_time
from connector.domain.letter import Route
from connector.domain.lifecycle import Status
from connector.domain.registration import Registration
from connector.errors import LedgerError, LetterMoved

if TYPE_CHECKING:
    from connector.assembly.standing import Standing
    from connector.ledger.decisions import Said
    from connector.ledger.ledger import Ledger
    from connector.settings.settings import Settings

__all__ = ["Chosen", "Word", "WordDoing"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Word:
    """What the person wants."""

    deed: Deed
    number: str | None = None
    day: date | None = None
    secretariat: str | None = None
    reference: str | None = None
    at_office: str | None = None
    """Where it was registered by hand, if that is not where it was to go."""
    zeros_matter: bool = False
    """Whether the number is another one than one that differs in leading zeros alone."""
    even_now: bool = False
    """Whether to say "not there" although a call may still take effect."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """A letter with the word that fits it."""

    word: Word
    case: Case
    registration: Registration | None = None
    route: Route | None = None


class WordDoing:
    """Carries words out in an opened ledger, under the configuration as it stands."""

    def __init__(self, settings: "Settings", ledger: "Ledger", standing: "Standing") -> None:
        """Take the configuration, the ledger, and what is known of the offices."""
        self._settings = settings
        self._ledger = ledger
        self._standing = standing

    def choose(self, word: Word, letter_id: str) -> Chosen:
        """Look at the letter; raise LetterMoved, with what it is now, where the word does not fit it, and NumberTaken
        where another letter has the number: before anybody is asked why.
        """
        row, state = self._ledger.letter_row(letter_id), self._ledger.state(letter_id)
        word = replace(word, deed=fitting(word.deed, row.status))
        refusal = why_not(word.deed, row.status, row.number)
        if refusal is not None:
            raise LetterMoved(refusal[0], next_step=refusal[1], status=str(row.status))
        until = self._ledger.attention.held_until(letter_id) if row.status is Status.REGISTERING else None
        if until is not None and until > now():
            raise _under_way(until)
        office = word.at_office or row.office
        # A letter that has a route names its gateway itself; only another one is told through the first that there is.
        gateways = [] if state.route else [f"gateways.{name}" for name in self._settings.gateways]
        self._must_be_whole(f"portals.{row.portal}", f"offices.{office}", *gateways)
        case = Case(row=row, state=state, office=self._standing.office(office), now=now())
        if word.deed is not Deed.SETTLE_REGISTERED:
            return Chosen(word, case)
        return self._registered(word, case)

    def _must_be_whole(self, *parts: str) -> None:
        """Raise LedgerError where one of these cannot be built: what it is told, or does after the number, would be
        decided without knowing it, and forgotten.
        """
        for part in parts:
            if part in self._standing.not_built:
                raise LedgerError(
                    f"{part} cannot be built from the configuration, so it is not known what follows. "
                    "Nothing was changed.",
                    next_step="chapar check says why; perhaps this user may not read a secret that the daemon may.",
                )

    def foretold(self, chosen: Chosen) -> list[Words]:
        """Return what the word will do, one thing at a time."""
        return list(foretold(chosen.word.deed, chosen.case, chosen.registration))

    def check_time(self, chosen: Chosen) -> None:
        """Raise LedgerError where "not there" is said while a call may still take effect, unless it is insisted on."""
        if chosen.word.deed is not Deed.SETTLE_ABSENT or chosen.word.even_now:
            return
        until = in_flight_until(replace(chosen.case, now=now()))
        if until is not None:
            at = f"{local_time(until):%Y-%m-%d %H:%M:%S}"
            raise LedgerError(
                f"Nobody can say yet that it is not there: a call may still take effect until {at} in Tehran. "
                "Nothing was changed.",
                next_step="Look there after that time, and say it then. If you know that no call is left (the office "
                "says so), add --even-now.",
                until=at,
            )

    def do(self, chosen: Chosen, said: "Said") -> None:
        """Write the word. Raise LetterMoved, NumberTaken, LedgerUnavailable."""
        decisions, state = self._ledger.decisions, chosen.case.state
        letter_id, status, seen = state.letter.letter_id, chosen.case.row.status, state.position
        try:
            match chosen.word.deed, chosen.registration:
                case Deed.SETTLE_REGISTERED, Registration() as registration:
                    after = self._settings.tracking.first_after
                    decisions.settle_registered(
                        letter_id,
                        status,
                        said,
                        registration,
                        track_after=after,
                        route=chosen.route,
                        seen=seen,
                        zeros_matter=chosen.word.zeros_matter,
                    )
                case Deed.SETTLE_ABSENT, _:
                    decisions.settle_absent(letter_id, status, said, seen=seen)
                case Deed.SETTLE_REFUSED, _:
                    decisions.settle_refused(letter_id, status, said, seen=seen)
                case Deed.RELEASE, _:
                    decisions.release(letter_id, status, said)
                case Deed.WITHDRAW, _:
                    decisions.withdraw(letter_id, status, said)
                case Deed.APPROVE, _:
                    decisions.approve(letter_id, status, said)
                case Deed.REFUSE, _:
                    decisions.refuse(letter_id, status, said)
        except LetterMoved as moved:
            raise self._moved(letter_id, moved, was=status) from None

    def _registered(self, word: Word, case: Case) -> Chosen:
        settings, kept = self._settings, case.state.route
        office = word.at_office or (kept.office if kept else None)
        if office is None and len(settings.offices) == 1:
            office = next(iter(settings.offices))
        if office is None or (word.at_office and office not in settings.offices):
            raise LedgerError(
                "It is not known which office registered it. Nothing was changed.",
                next_step=f"Name the office: --at {' or --at '.join(settings.offices)}",
            )
        is_as_routed = kept is not None and kept.office == office
        secretariat = word.secretariat or (kept.secretariat if kept is not None and is_as_routed else "")
        assert word.number is not None  # noqa: S101 - the command line asks for them together
        assert word.day is not None  # noqa: S101
        registration = read_registration(
            word.number, day=word.day, secretariat=secretariat, reference=word.reference
        )
        route = None
        if not is_as_routed:
            gateway = kept.gateway if kept else next(iter(settings.gateways), "")
            route = Route(office=office, secretariat=secretariat, gateway=gateway)
        self._ledger.decisions.check_number(
            case.row.letter_id, registration, route, zeros_matter=word.zeros_matter
        )
        return Chosen(word, replace(case, office=self._standing.office(office)), registration, route)

    def _moved(self, letter_id: str, moved: LetterMoved, *, was: Status) -> LetterMoved:
        until: Any = moved.facts.get("until")
        if until is not None:
            return _under_way(until, moved.sentence, was)
        row = self._ledger.letter_row(letter_id)
        number = f" under number {row.number}" if row.number else ""
        number += ", anew" if row.status is was else ""
        return LetterMoved(
            f"The letter moved meanwhile: it is {STATUSES[row.status].en}{number} now. Nothing was changed.",
            next_step="See how it stands now: chapar letters explain LETTER",
            status=str(row.status),
        )


def _under_way(
    until: Any,
    sentence: str = "A call that registers the letter is under way right now. Nothing was changed.",
    status: Status = Status.REGISTERING,
) -> LetterMoved:
    at = f"{local_time(until):%H:%M:%S}"
    return LetterMoved(
        sentence,
        next_step=f"Try again when it has come to its end, at the latest at {at} in Tehran: it has its number then, "
        "or is uncertain.",
        status=str(status),
    )
