"""The ways back to certainty after a lost answer, strongest first: one table, and nothing else chooses."""

from enum import StrEnum
from typing import Final

from connector.ports.office import FindsByKey, OfficeAdapter, ReservesNumber, Searches

__all__ = ["Way", "lookup_deed", "way_back"]


class Way(StrEnum):
    """How an office is asked for a letter whose answer was lost."""

    FIND = "find"
    """Exactly, by our key."""
    VERIFY = "verify"
    """Exactly, by the place that was reserved for it."""
    CREATE_AGAIN = "create_again"
    """By the same create under the same key, which makes nothing new there."""
    SEARCH = "search"
    """By sender, subject and dates."""
    PERSON = "person"
    """Not at all: a person looks."""


_DEED_OF: Final[dict[Way, str]] = {
    Way.FIND: "find",
    Way.VERIFY: "verify",
    Way.CREATE_AGAIN: "register",
    Way.SEARCH: "search",
    Way.PERSON: "find",
}


def way_back(office: OfficeAdapter, *, has_reservation: bool = True) -> Way:
    """Return the strongest way that this office has; a reservation helps only a letter that has one."""
    capabilities = office.capabilities
    if capabilities.find_by_key and isinstance(office, FindsByKey):
        return Way.FIND
    if capabilities.reserves and has_reservation and isinstance(office, ReservesNumber):
        return Way.VERIFY
    if capabilities.idempotent_create:
        return Way.CREATE_AGAIN
    if capabilities.search and isinstance(office, Searches):
        return Way.SEARCH
    return Way.PERSON


def lookup_deed(office: OfficeAdapter) -> str:
    """Return the deed by which this office is asked: while it is held back, no look-up is begun."""
    return _DEED_OF[way_back(office)]
