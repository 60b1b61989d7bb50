"""The section about time that runs out: when a letter needs a person's eye, and when its citizen a word."""

from datetime import timedelta
from typing import Any, Final

from connector.domain.attention import DEADLINES, OUTBOX_DEADLINES, Deadlines
from connector.domain.lifecycle import Stage, Status
from connector.settings.quantities import Duration
from connector.settings.section import Section, option

__all__ = ["DeadlinesSection"]

_AT_LEAST: Final = timedelta(milliseconds=10)
_USUAL: Final = Deadlines()


def _within(status: Status, says: str) -> Any:
    return option(DEADLINES[status], says=says, ge=_AT_LEAST)


def _of_outbox(stage: Stage, says: str) -> Any:
    return option(OUTBOX_DEADLINES[stage], says=says, ge=_AT_LEAST)


_OUTBOX: Final = {
    Stage.NOTIFICATION: "message",
    Stage.DELIVERY: "delivery",
    Stage.PUBLICATION: "publication",
    Stage.COMPLETION: "side_step",
}
"""Their options by stage."""


class DeadlinesSection(Section):
    """How long a letter, and what follows it, may stand before `chapar attention` shows it. What is parked or in review
    needs a person at once.
    """

    received: Duration = _within(Status.RECEIVED, "Taken from the portal and not yet screened.")
    in_review: Duration = _within(
        Status.IN_REVIEW, "Waits for a reviewer: listed at once, and beyond its deadline after this."
    )
    ready: Duration = _within(
        Status.READY, "Could be registered, and was not: the office is away, paused or slow."
    )
    registering: Duration = _within(
        Status.REGISTERING, "The same; tries in vain do not begin the time anew, it runs since it was ready."
    )
    submitted: Duration = _within(Status.SUBMITTED, "The office has it and gave no number.")
    uncertain: Duration = _within(
        Status.UNCERTAIN,
        "The answer was lost and look-ups bring no certainty. Where only a person can help: shown at once.",
    )
    registered: Duration = _within(Status.REGISTERED, "Has its number, and the office tells nothing further.")
    referred: Duration = _within(Status.REFERRED, "Lies with a unit of the office.")
    answered: Duration = _within(Status.ANSWERED, "Is answered and was never closed.")
    message: Duration = _of_outbox(
        Stage.NOTIFICATION,
        "A message to the citizen that no gateway has taken; since the fact that it tells.",
    )
    delivery: Duration = _of_outbox(
        Stage.DELIVERY,
        "A message that the gateway took and whose delivery is not known; likewise. Longer than a gateway remembers.",
    )
    publication: Duration = _of_outbox(
        Stage.PUBLICATION, "A word to the portal that it has not taken; likewise."
    )
    side_step: Duration = _of_outbox(
        Stage.COMPLETION, "A step after the number (an attachment, a workflow) that is not done; likewise."
    )
    inbox: Duration = option(
        _USUAL.inbox,
        says="A gateway's inbox cannot be read: what citizens write waits there.",
        ge=_AT_LEAST,
    )
    delayed_after: Duration = option(
        _USUAL.delayed_after,
        says="Not registered so long after it was received: the citizen is told, once, that it is being worked on and "
        "not forgotten. 0s: never.",
        fa="پس از این مدت بدون ثبت، به شهروند گفته می‌شود که نامه در دست پیگیری است",
    )
    look_every: Duration = option(
        timedelta(minutes=1),
        says="How often letters are looked for whose citizen is to be told so.",
        ge=timedelta(milliseconds=100),
    )

    def as_deadlines(self) -> Deadlines:
        """Return the deadlines as the ledger asks for them."""
        return Deadlines(
            within={status: getattr(self, str(status)) for status in DEADLINES},
            of_outbox={stage: getattr(self, name) for stage, name in _OUTBOX.items()},
            inbox=self.inbox,
            delayed_after=self.delayed_after,
        )
