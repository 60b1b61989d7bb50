"""The words of look-ups that found no certainty, and what else of ours an office may have."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from connector.domain.lifecycle import Status
from connector.domain.registration import Registration

__all__ = [
    "NOT_THERE_YET",
    "NO_NUMBER",
    "NO_SIGN",
    "NO_SIGN_YET",
    "NUMBER_OF_ANOTHER",
    "SEVERAL_MATCHES",
    "SIGHTINGS",
    "OtherLetter",
]

NOT_THERE_YET: Final = "not_there_yet"
"""The office has nothing at this moment. The only reason of a look-up that counts towards absence."""
NO_SIGN_YET: Final = "no_sign_yet"
"""Nothing that came back from the office tells of the letter so far, which proves nothing."""
NO_SIGN: Final = "no_sign"
"""The same, when a sign is not to be expected any more: a person decides."""
NO_NUMBER: Final = "no_number"
"""The office has something, and its number is none."""
SEVERAL_MATCHES: Final = "several_matches"
"""The office has several entries that may be the letter."""
NUMBER_OF_ANOTHER: Final = "number_of_another"
"""What the office shows belongs to another letter of ours, or has the number that another one has with us."""
SIGHTINGS: Final = frozenset({NO_NUMBER, SEVERAL_MATCHES})
"""Where the office has once shown what may be the letter, no later look-up that finds nothing is a proof."""


@dataclass(frozen=True, kw_only=True, slots=True)
class OtherLetter:
    """Another letter of ours at the same office, which an entry there may belong to."""

    letter_id: str
    status: Status
    registration: Registration | None
    office_reference: str | None
    first_announced_at: datetime | None
    """When the first intent to register it was written; its entry is not older. None: never announced."""
