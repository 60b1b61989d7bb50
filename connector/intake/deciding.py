"""What becomes of a letter that was received: one pure decision."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from connector.domain.letter import Route
from connector.domain.lifecycle import Event
from connector.domain.text import to_persian_digits
from connector.domain.tracking_code import grouped_tracking_code
from connector.ledger.records import Happening, LetterState

__all__ = ["ScreeningPolicy", "TwinRule", "decide", "may_have_twins"]


class TwinRule(StrEnum):
    """What becomes of a letter whose sender sent the same content shortly before."""

    ACCEPT = "accept"
    REVIEW = "review"
    PARK = "park"
    REFUSE = "refuse"


@dataclass(frozen=True, kw_only=True, slots=True)
class ScreeningPolicy:
    """What the operator chose."""

    twins: TwinRule = TwinRule.REFUSE
    twins_within: timedelta = timedelta(minutes=15)
    review_within: timedelta = timedelta(days=2)
    """A letter that is still in review then comes to the operator's eyes."""
    remind_after: timedelta = timedelta(days=1)
    """When the operator is reminded of a parked letter."""


def may_have_twins(state: LetterState, policy: ScreeningPolicy) -> bool:
    """Return whether twins are to be looked for: not where they are accepted, nor once a person released the letter."""
    return policy.twins is not TwinRule.ACCEPT and state.status_since <= state.letter.received_at


def decide(
    state: LetterState, route: Route | None, twins: Sequence[str], policy: ScreeningPolicy, now: datetime
) -> Happening:
    """Given a received letter, its route and the tracking codes of its earlier twins, return what happens to it.

    Being a twin weighs more than having no route: what is not to be registered needs none. The route is written anew
    because the routes may have changed since the letter came.
    """
    is_twin = bool(twins) and may_have_twins(state, policy)
    if is_twin and policy.twins is TwinRule.REFUSE:
        return Happening(event=Event.REFUSED, reason="duplicate", remark=_twin_sentence(twins), route=route)
    if is_twin and policy.twins is TwinRule.PARK:
        return Happening(
            event=Event.GAVE_UP,
            reason="duplicate",
            remark=_twin_sentence(twins),
            due_at=now + policy.remind_after,
            route=route,
        )
    if route is None:
        return Happening(event=Event.GAVE_UP, reason="no_route", due_at=now + policy.remind_after)
    if is_twin:
        return Happening(
            event=Event.SENT_TO_REVIEW,
            reason="duplicate",
            remark=_twin_sentence(twins),
            due_at=now + policy.review_within,
            route=route,
        )
    if route.needs_review:
        return Happening(event=Event.SENT_TO_REVIEW, due_at=now + policy.review_within, route=route)
    return Happening(event=Event.SCREENED, due_at=now, route=route)


def _twin_sentence(twins: Sequence[str]) -> str:
    code = to_persian_digits(grouped_tracking_code(twins[0]))
    return f"همین نامه پیش از این با کد رهگیری {code} دریافت شده است."
