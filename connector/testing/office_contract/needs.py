"""What a check needs of an adapter and of its counterpart; where it is lacking the check is left out, with a reason."""

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Final

from connector.ports.office import Duplicates, OfficeCapabilities
from connector.simulator.fault_kinds import Fault

__all__ = ["Need", "undeclared"]


class Need(StrEnum):
    """One thing that a check cannot do without."""

    FIND = "find"
    """The adapter looks letters up by our key."""
    ABSENCE_IS_PROOF = "absence_is_proof"
    """A look-up by our key that finds nothing, late enough, proves that there is nothing."""
    NUMBER_WHEN_FOUND = "number_when_found"
    """The look-up by our key tells the number, and not only that the letter is there."""
    SEARCH = "search"
    SEARCH_BY_KEY = "search_by_key"
    """The search tells our key."""
    SEARCH_BY_LIKENESS = "search_by_likeness"
    """The search does not see our key."""
    PROGRESS = "progress"
    BATCH = "batch"
    """One progress call asks about several letters."""
    RESERVES = "reserves"
    PREPARES = "prepares"
    COMPLETES = "completes"
    NUMBERS_LATER = "numbers_later"
    SAME_CREATE = "same_create"
    """A second create under the same key brings the first one's number."""
    DUPLICATE_ERROR = "duplicate_error"
    """A second create under the same key is refused without the number."""
    ANOTHER_ENTRY = "another_entry"
    """A second create under the same key makes a second entry."""

    NUMBERS = "numbers"
    """The office tells the number, at once or when it is asked."""
    ATTACHMENTS = "attachments"
    LARGE_FILES = "large_files"
    """The office takes files of 3 MiB."""
    HUGE_FILES = "huge_files"
    """The office takes files of 64 MiB."""
    SECOND_SECRETARIAT = "second_secretariat"
    YEAR = "year"
    """The office tells the year or the day with the number."""
    REFUSAL = "refusal"
    """The office can refuse a letter in its own words."""
    FULL_PAGE = "full_page"
    """It is known how many entries one answer to a search holds at most."""
    STRANGE_STATUS = "strange_status"
    """The office can be in a state that no contract lists."""
    REFERRALS = "referrals"
    ANSWER = "answer"
    CREDENTIALS = "credentials"
    """The office asks who is calling."""


_DECLARED: Final[Mapping[Need, tuple[Callable[[OfficeCapabilities], bool], str]]] = {
    Need.FIND: (lambda can: can.find_by_key, "find_by_key"),
    Need.ABSENCE_IS_PROOF: (
        lambda can: can.find_by_key and can.absence_is_proof,
        "absence_is_proof: a look-up that finds nothing proves nothing, and a person decides",
    ),
    Need.SEARCH: (lambda can: can.search, "search"),
    Need.SEARCH_BY_KEY: (lambda can: can.search and can.search_sees_key, "search_sees_key"),
    Need.SEARCH_BY_LIKENESS: (
        lambda can: can.search and not can.search_sees_key,
        "a search that does not see our key",
    ),
    Need.PROGRESS: (lambda can: can.progress_batch > 0, "progress_batch"),
    Need.BATCH: (lambda can: can.progress_batch > 1, "a progress_batch of several letters"),
    Need.RESERVES: (lambda can: can.reserves, "reserves"),
    Need.PREPARES: (lambda can: can.prepares, "prepares"),
    Need.COMPLETES: (lambda can: can.completes, "completes"),
    Need.NUMBERS_LATER: (lambda can: can.numbers_later, "numbers_later"),
    Need.SAME_CREATE: (lambda can: can.idempotent_create, "idempotent_create"),
    Need.DUPLICATE_ERROR: (lambda can: can.duplicates is Duplicates.AN_ERROR, "duplicates: an_error"),
    Need.ANOTHER_ENTRY: (lambda can: can.duplicates is Duplicates.ANOTHER_ENTRY, "duplicates: another_entry"),
}


def undeclared(need: Need | Fault, capabilities: OfficeCapabilities) -> str | None:
    """Return why these capabilities do not meet the need; None where they do, or where it is no matter of theirs."""
    if not isinstance(need, Need) or need not in _DECLARED:
        return None
    is_met, word = _DECLARED[need]
    return None if is_met(capabilities) else f"The adapter does not declare {word}."
