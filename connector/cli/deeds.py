"""What a person may say about a letter: where each word fits, and which commands help a letter that waits."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from connector.cli.in_words import STATUSES
from connector.domain.attention import Because
from connector.domain.lifecycle import ENDS, Status
from connector.ledger.step_records import ANOTHER_NUMBER

__all__ = ["FITS", "NAMED_ALONE", "Deed", "fitting", "helping_commands", "why_not"]


class Deed(StrEnum):
    """One word of a person."""

    SETTLE_REGISTERED = "settle_registered"
    SETTLE_ABSENT = "settle_absent"
    SETTLE_REFUSED = "settle_refused"
    RELEASE = "release"
    WITHDRAW = "withdraw"
    APPROVE = "approve"
    REFUSE = "refuse"


FITS: Final[Mapping[Deed, frozenset[Status]]] = {
    Deed.SETTLE_REGISTERED: frozenset(
        {Status.UNCERTAIN, Status.PARKED, Status.REGISTERING, Status.SUBMITTED}
    ),
    Deed.SETTLE_ABSENT: frozenset({Status.UNCERTAIN, Status.PARKED, Status.REGISTERING, Status.SUBMITTED}),
    Deed.SETTLE_REFUSED: frozenset({Status.SUBMITTED}),
    Deed.RELEASE: frozenset({Status.PARKED}),
    Deed.WITHDRAW: frozenset({Status.RECEIVED, Status.IN_REVIEW, Status.READY, Status.PARKED}),
    Deed.APPROVE: frozenset({Status.IN_REVIEW}),
    Deed.REFUSE: frozenset({Status.IN_REVIEW}),
}
"""Where a word fits. Of a letter that is registering, only where whoever called is gone."""

NAMED_ALONE: Final = frozenset({Status.REGISTERING, Status.SUBMITTED})
"""A word about many letters passes these over unless their status is named: an office is taking them, or took them."""

_CALLED: Final[Mapping[Deed, str]] = {
    Deed.SETTLE_REGISTERED: "settled",
    Deed.SETTLE_ABSENT: "settled",
    Deed.SETTLE_REFUSED: "settled as refused",
    Deed.RELEASE: "released",
    Deed.WITHDRAW: "withdrawn",
    Deed.APPROVE: "approved",
    Deed.REFUSE: "refused",
}


def fitting(deed: Deed, status: Status) -> Deed:
    """Return the deed that is meant: of a parked letter, which certainly is not there, "not there" is a release."""
    return Deed.RELEASE if deed is Deed.SETTLE_ABSENT and status is Status.PARKED else deed


def why_not(deed: Deed, status: Status, number: str | None) -> tuple[str, str] | None:
    """Return a sentence and a next step where the deed does not fit a letter at this status; None where it fits."""
    if status in FITS[deed]:
        return None
    now = STATUSES[status].en + (f" under number {number}" if number else "")
    sentence = f"The letter is {now}: it cannot be {_CALLED[deed]}. Nothing was changed."
    if deed is Deed.WITHDRAW and status is Status.UNCERTAIN:
        return sentence, (
            "Settle it first: chapar letters settle LETTER --registered NUMBER --on DATE, or --not-there. "
            "What is not there is sent again at once; pause its office before, where it is to be withdrawn."
        )
    if status is Status.REGISTERING:
        return sentence, "A call is under way; try again when it has come to its end."
    if status in ENDS:
        return sentence, "It is at its end; see how it came there: chapar letters explain LETTER"
    return sentence, "See how it stands and what helps: chapar letters explain LETTER"


_OF_A_CONNECTION: Final[Mapping[Because, tuple[str, ...]]] = {
    Because.PAUSED: ("chapar resume {connection}",),
    Because.SET_ASIDE: ("chapar check",),
    Because.ALERTS_FAIL: ("chapar alerts test {connection}",),
    Because.SUSPENDED: ("chapar check", "chapar resume {connection}"),
    Because.BUDGET_SPENT: ("chapar messages counts --gateway {connection}",),
    Because.LOW_CREDIT: ("chapar check",),
    Because.INBOX_UNREADABLE: ("chapar check", "chapar messages incoming"),
}


def helping_commands(
    code: str,
    status: str | None,
    because: Because | None = None,
    *,
    step: str | None = None,
    connection: str | None = None,
) -> list[str]:
    """Return the commands that help a letter that waits for a person, the likeliest first; often there are none."""
    settle, why = f"chapar letters settle {code}", "--reason WHY"
    by_hand = f"{settle} --registered NUMBER --on DATE {why}"
    if because is Because.SIDE_STEP and step == ANOTHER_NUMBER:
        return [f"chapar letters explain {code}", f"{settle} --step '{step}' --done {why}"]
    if because is Because.SIDE_STEP:
        return [f"{settle} --step '{step}' --done {why}", f"{settle} --step '{step}' --again {why}"]
    if because is not None and because in _OF_A_CONNECTION:
        return [command.format(connection=connection) for command in _OF_A_CONNECTION[because]]
    if because and not code:  # it is about a message that a citizen sent
        return ["chapar check", "chapar messages incoming"]
    helping: dict[str | None, list[str]] = {
        Status.PARKED: [
            f"chapar letters release {code} {why}",
            by_hand,
            f"chapar letters withdraw {code} {why}",
        ],
        Status.UNCERTAIN: [by_hand, f"{settle} --not-there {why}"],
        Status.SUBMITTED: [by_hand, f"{settle} --refused {why}", f"{settle} --not-there {why}"]
        if because
        else [],
        Status.IN_REVIEW: [f"chapar letters approve {code} {why}", f"chapar letters refuse {code} {why}"],
    }
    usual = [f"chapar letters explain {code}", "chapar check"] if because else []
    return helping.get(status, usual)
