"""Asking an office for one letter whose answer was lost, in the strongest way that it has for this letter."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from connector.clock import Now
from connector.errors import Misbehaved
from connector.ledger.ledger import Ledger
from connector.ledger.lookup_records import OtherLetter
from connector.ledger.records import LetterState
from connector.ports.connection import Connection
from connector.ports.office import FindsByKey, Kept, OfficeAdapter, ReservesNumber, Searches, SearchQuery
from connector.ports.outcomes import Found, Refused, Registered, Submitted
from connector.registration.matches import Match, Unclear, meaning_of

__all__ = ["Asked", "find", "search", "verify"]

_ROOM_FOR_CLOCKS: Final = timedelta(hours=1)
_ROOM_FOR_DATES: Final = timedelta(days=2)
"""An office that searches by days brings entries of letters that were announced a little before."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Asked:
    """What the office has of a letter, as of when it was asked."""

    found: Found | Unclear
    asked_at: datetime


def find(office: Connection[OfficeAdapter], finder: FindsByKey, state: LetterState, now: Now) -> Asked:
    """Ask by our key. Raises what a turn and its call raise; then nothing is known."""
    with office.turn("find") as turn:
        asked_at = now()
        found = turn.call(lambda _: finder.find(state.letter.correlation_key, state.secretariat))
    return Asked(found=found, asked_at=asked_at)


def verify(
    office: Connection[OfficeAdapter],
    verifier: ReservesNumber,
    reservation: Kept,
    state: LetterState,
    now: Now,
) -> Asked:
    """Ask what stands in the reserved place. Raises what a turn and its call raise; then nothing is known."""
    with office.turn("verify") as turn:
        asked_at = now()
        found = turn.call(lambda _: verifier.verify(reservation, state.secretariat))
    return Asked(found=found, asked_at=asked_at)


def search(
    office: Connection[OfficeAdapter], searcher: Searches, state: LetterState, ledger: Ledger, now: Now
) -> Asked:
    """Search, and read what else of ours the entries may belong to.

    Raises what a turn and its call raise; then nothing is known. Our own letters are read after the search: what was
    registered while it ran is known by then.
    """
    since = (state.first_announced_at or state.status_since) - _ROOM_FOR_CLOCKS
    with office.turn("search") as turn:
        asked_at = now()
        query = SearchQuery(
            letter=state.letter,
            correlation_key=state.letter.correlation_key,
            secretariat=state.secretariat,
            since=since,
            until=asked_at + _ROOM_FOR_CLOCKS,
        )
        matches = turn.call(lambda _: _checked(searcher.search(query)))
    sees_key: bool = office.adapter.capabilities.search_sees_key
    alike = [] if sees_key else ledger.journal.look_alikes(state, since=since - _ROOM_FOR_DATES)
    holders = _holders(ledger, office.name, state, matches)
    found = meaning_of(matches, holders=holders, alike=alike, since=since, sees_key=sees_key)
    return Asked(found=found, asked_at=asked_at)


def _checked(matches: Sequence[Match]) -> Sequence[Match]:
    """Return the matches where they are what the port promises: whatever else came back says nothing."""
    kinds = (Registered, Submitted, Refused)
    if not isinstance(matches, list | tuple) or not all(isinstance(match, kinds) for match in matches):
        raise Misbehaved("The office's search brought what is no entry.", reason="no_outcome")
    return matches


def _holders(
    ledger: Ledger, office: str, state: LetterState, matches: Sequence[Match]
) -> Sequence[OtherLetter]:
    numbers, references = [], []
    for match in matches:
        if isinstance(match, Registered):
            numbers.append(match.registration.number)
            references.append(match.registration.office_reference)
        elif isinstance(match, Submitted):
            references.append(match.office_reference)
    known = [reference for reference in references if reference is not None]
    if not numbers and not known:
        return []
    return ledger.journal.holders_of(state.letter.letter_id, office, numbers=numbers, references=known)
