"""What the codes of an SMS gateway mean, as data that an operator may override.

One YAML for each gateway under ``gateways/`` in a folder of mappings: ``answers`` gives each code of a call
its class, ``deliveries`` each code of a delivery report. A code outside the table is unknown, never guessed.
"""

from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import Final, assert_never

from pydantic import BaseModel, ConfigDict, Field

from connector.errors import (
    CallFailed,
    CredentialsRejected,
    MappingInvalid,
    Misbehaved,
    OutcomeUnknown,
    RateLimited,
    Unavailable,
)
from connector.mapping.located import load_located, validate
from connector.ports.outcomes import (
    Delivered,
    DeliveryState,
    NotSent,
    Rejected,
    StillUnderway,
    Unanswered,
    Undelivered,
)

__all__ = [
    "AnswerClass",
    "DeliveryClass",
    "GatewayCodes",
    "failure",
    "load_gateway_codes",
    "part_outcome",
    "state_of",
]


class AnswerClass(StrEnum):
    """What a gateway's answer asks of us."""

    DONE = "done"
    LATER = "later"
    """Certainly not done; the same call may work in a while."""
    SLOWER = "slower"
    """Certainly not done; too many calls."""
    REJECTED = "rejected"
    """This message will never be taken as it is; others may."""
    BLACKLISTED = "blacklisted"
    """This number takes no advertising: never over this line, perhaps as a pattern over a service line."""
    HOURS = "hours"
    """Certainly not done; this line may not send at this hour."""
    SPLIT = "split"
    """Certainly not done; the batch is too large."""
    UNSURE = "unsure"
    """It failed on their side, and nobody says how far it came: look it up."""
    STOP = "stop"
    """Certainly not done; nothing will go through this channel until the operator acts."""


class DeliveryClass(StrEnum):
    """What a delivery code says."""

    DELIVERED = "delivered"
    UNDELIVERED = "undelivered"
    BLACKLISTED = "blacklisted"
    """Undelivered, because the number takes no advertising."""
    UNDERWAY = "underway"
    ABSENT = "absent"
    """The gateway does not know the message."""


class _Closed(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Answer(_Closed):
    means: AnswerClass
    text: str = Field(default="", description="the vendor's own wording, for people")


class _Delivery(_Closed):
    means: DeliveryClass
    text: str = Field(default="", description="the vendor's own wording, for people")


class GatewayCodes(_Closed):
    """The two code tables of one gateway."""

    source: str = Field(description="where the codes were taken from")
    answers: dict[str, _Answer]
    deliveries: dict[str, _Delivery]

    def answer(self, code: str) -> AnswerClass | None:
        """Return the class of an answer's code; None where the table does not have it."""
        found = self.answers.get(code)
        return None if found is None else found.means

    def delivery(self, code: str) -> DeliveryClass | None:
        """Return the class of a delivery code; None where the table does not have it."""
        found = self.deliveries.get(code)
        return None if found is None else found.means

    def wording(self, code: str) -> str:
        """Return what the vendor says about an answer's code, or an empty text."""
        found = self.answers.get(code)
        return "" if found is None else found.text


def load_gateway_codes(folders: Sequence[Path], name: str) -> GatewayCodes:
    """Return the codes of this gateway from the first folder that has ``gateways/<name>.yaml``.

    Raise MappingInvalid with file and line when it cannot be used, or when no folder has it.
    """
    for folder in folders:
        path = folder / "gateways" / f"{name}.yaml"
        if path.is_file():
            return validate(GatewayCodes, load_located(path))
    raise MappingInvalid(
        f"No folder of mappings has gateways/{name}.yaml.",
        next_step="Install the shipped mappings again, or put your own file there.",
    )


_NOT_NOW: Final = {
    AnswerClass.HOURS: "outside_hours",
    AnswerClass.STOP: "gateway_stopped",
    AnswerClass.SLOWER: "rate_limited",
}
_STOPPED: Final = (
    "The gateway {gateway} lets nothing through until something is set right (code {code}: {text})."
)


def failure(meaning: AnswerClass | None, *, gateway: str, code: str, text: str) -> CallFailed | None:
    """Return the failure of a whole call that a code stands for; None where it is none (done, rejected, blacklisted).

    A code outside the table is Misbehaved: the outcome is unknown, the code is kept, the operator is told. What a code
    says about one message of a batch is said by ``part_outcome``.
    """
    if meaning is AnswerClass.STOP:
        sentence = _STOPPED.format(gateway=gateway, code=code, text=text)
        step = "Look at the account, the credit, the line and the key, then run: chapar check."
        return CredentialsRejected(sentence, reason="gateway_stopped", code=code, next_step=step)
    if meaning is AnswerClass.SLOWER:
        return RateLimited(reason="rate_limited", code=code)
    if meaning in {AnswerClass.LATER, AnswerClass.SPLIT, AnswerClass.HOURS}:
        return Unavailable(reason=_NOT_NOW.get(meaning, f"gateway_{meaning}"), code=code)
    if meaning is AnswerClass.UNSURE:
        return OutcomeUnknown(reason="gateway_unsure", code=code)
    if meaning is None:
        return Misbehaved(
            f"The gateway {gateway} answered with a code that nobody knows.",
            reason="unmapped_code",
            code=code,
        )
    return None


def part_outcome(codes: GatewayCodes, code: str) -> Rejected | NotSent | Unanswered | None:
    """Return what a code says about one message of a batch; None where it was taken.

    A code outside the table is Unanswered: this message is looked up, and the code is kept.
    """
    meaning = codes.answer(code)
    if meaning is AnswerClass.DONE:
        return None
    if meaning in {AnswerClass.REJECTED, AnswerClass.BLACKLISTED}:
        is_blacklisted = meaning is AnswerClass.BLACKLISTED
        return Rejected(code=code, reason=codes.wording(code), is_blacklisted=is_blacklisted)
    if meaning is None or meaning is AnswerClass.UNSURE:
        return Unanswered(reason="unmapped_code" if meaning is None else "gateway_unsure", code=code)
    return NotSent(reason=_NOT_NOW.get(meaning, f"gateway_{meaning}"), code=code)


def state_of(codes: GatewayCodes, code: str) -> DeliveryState | None:
    """Return the delivery state that a code stands for; None where the gateway or the table does not know it."""
    meaning = codes.delivery(code)
    match meaning:
        case DeliveryClass.DELIVERED:
            return Delivered()
        case DeliveryClass.UNDELIVERED | DeliveryClass.BLACKLISTED:
            return Undelivered(code=code, is_blacklisted=meaning is DeliveryClass.BLACKLISTED)
        case DeliveryClass.UNDERWAY:
            return StillUnderway()
        case DeliveryClass.ABSENT | None:
            return None
        case _:
            assert_never(meaning)
