"""Letters and keys to test with. Every person is made up, with check digits computed."""

import itertools
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from connector.domain.letter import Route, Submission
from connector.domain.person import Person, PersonKind
from connector.ledger.seal import KeyRing, new_key

__all__ = ["HeldClock", "a_key_ring", "a_person", "a_route", "a_submission"]

_numbers = itertools.count(1)


class HeldClock:
    """A clock that moves only when told to. Give ``clock.now`` where a Now is wanted."""

    def __init__(self, at: datetime = datetime(2026, 11, 21, 8, 0, tzinfo=UTC)) -> None:
        """Start at this instant."""
        self._at = at

    def now(self) -> datetime:
        """Return the instant at which the clock is held."""
        return self._at

    def advance(self, by: timedelta) -> datetime:
        """Move on, or back for a negative time, and return the new instant."""
        self._at += by
        return self._at


def a_person(**changes: Any) -> Person:
    """Return a made-up natural person; keyword arguments change single fields."""
    person = Person(
        kind=PersonKind.NATURAL, identity_number="0084575948", name="شهروند نمونه", mobile="09000000001"
    )
    return replace(person, **changes)


def a_submission(**changes: Any) -> Submission:
    """Return a submission with an id of its own; keyword arguments change single fields."""
    number = next(_numbers)
    submission = Submission(
        portal="web",
        submission_id=f"submission-{number}",
        sender=a_person(),
        subject=f"درخواست شماره {number}",
        text="با سلام، درخواست بررسی دارم.",
        service="general",
    )
    return replace(submission, **changes)


def a_route(**changes: Any) -> Route:
    """Return a route to the office ``main``, told through the gateway ``sms``."""
    return replace(Route(office="main", secretariat="central", gateway="sms"), **changes)


def a_key_ring() -> KeyRing:
    """Return a key ring with one fresh key."""
    key = new_key()
    return KeyRing(current="first", keys={"first": key}, blind_key=key)
