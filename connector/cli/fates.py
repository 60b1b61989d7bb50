"""What becomes of letters in a simulated office, by the names that are typed."""

from enum import StrEnum

__all__ = ["FateName"]


class FateName(StrEnum):
    """What becomes of letters."""

    ANSWERED = "answered"
    TWO_UNITS = "two_units"
    CONFIDENTIAL_BRANCH = "confidential_branch"
    CLOSED_UNANSWERED = "closed_unanswered"
    RETURNED = "returned"
    NUMBERED_LATER = "numbered_later"
    REFUSED = "refused"
    REFUSED_LATER = "refused_later"
    STRAYED = "strayed"
