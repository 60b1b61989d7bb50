"""What is told through one channel now: a pure decision over what stands and what was told before."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from connector.alerting.policy import AlertPolicy
from connector.domain.alert import Severity, Trouble
from connector.domain.attention import Because
from connector.ledger.alerts_told import Told
from connector.ledger.connection_needs import NeedsPerson

__all__ = ["Alert", "alert_for", "is_all_well", "is_over", "troubles_of", "when_to_try_again"]

_FORGOTTEN_AFTER: Final = 4
"""Reminders: a trouble that was not told for so long, and that nobody sees, belongs to a node that is gone."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Alert:
    """What one channel is told now."""

    new: Sequence[Trouble] = ()
    """Told for the first time."""
    still: Sequence[Trouble] = ()
    """Told before, and still there."""
    besides: int = 0
    """How many more stand that were told not long ago."""
    is_well_again: bool = False
    """Nothing of what was told is there any more."""
    claimed: Mapping[str, datetime | None] = field(default_factory=dict)
    """Under which keys it is kept that they are told, and when each was told before."""

    @property
    def severity(self) -> Severity:
        """Return that of the worst."""
        told = [trouble.severity for trouble in (*self.new, *self.still)]
        return max(told, key=lambda each: each.rank, default=Severity.NOTICE)


def troubles_of(needs: Iterable[NeedsPerson]) -> list[Trouble]:
    """Return one trouble for each reason at each place, with how many there are, the worst first."""
    found: dict[tuple[Because, str], Trouble] = {}
    for need in needs:
        is_connection = need.kind == "connection"
        where = (need.connection if is_connection else need.office or need.connection) or ""
        before = found.get((need.because, where))
        count = need.waiting if is_connection else 1
        found[need.because, where] = Trouble(
            because=need.because,
            where=where,
            count=count + (before.count if before else 0),
            since=min(need.since, before.since) if before else need.since,
        )
    return sorted(found.values(), key=lambda each: (-each.severity.rank, each.since, each.key))


def alert_for(
    channel: str, standing: Sequence[Trouble], told: Mapping[str, Told], at: datetime, policy: AlertPolicy
) -> Alert | None:
    """Return what this channel is to be told now; None where there is nothing to say.

    That a channel fails is told through the others.
    """
    is_quiet = policy.quiet is not None and policy.quiet.holds(at)
    mine = [each for each in standing if (each.because, each.where) != (Because.ALERTS_FAIL, channel)]
    worth = [
        each
        for each in mine
        if each.severity.rank >= policy.at_least.rank and (not is_quiet or each.severity is Severity.CRITICAL)
    ]
    new = [each for each in worth if each.key not in told]
    # Begins to count where it began to stand so; a clock that went back must not silence reminders for ever.
    still = [
        each
        for each in worth
        if each.key in told and not timedelta() <= at - told[each.key].told_at < policy.remind_every
    ]
    if new or still:
        claimed = {each.key: told[each.key].told_at if each.key in told else None for each in (*new, *still)}
        besides = sum(each.key in told for each in mine) - len(still)
        return Alert(new=new, still=still, besides=besides, claimed=claimed)
    if told and not is_quiet and is_all_well(told, at, policy):
        return Alert(is_well_again=True, claimed={key: each.told_at for key, each in told.items()})
    return None


def is_over(
    each: Told, key: str, standing: Iterable[str], *, of_this_node: str, at: datetime
) -> datetime | None:
    """Return since when what was told is there no more; None while it stands. Another node's word is left as it is."""
    if key in set(standing):
        return None
    return each.over_since if of_another_node(key, of_this_node) else each.over_since or at


def of_another_node(key: str, node: str) -> bool:
    """Return whether only another node can see whether this still stands."""
    _, is_of_a_node, whose = key.partition("@")
    return bool(is_of_a_node) and whose != node


def is_all_well(told: Mapping[str, Told], at: datetime, policy: AlertPolicy) -> bool:
    """Return whether everything that was told has been away for long enough, or belongs to a node that is gone."""
    return all(
        (each.over_since is not None and at - each.over_since >= policy.well_after)
        or at - each.told_at >= _FORGOTTEN_AFTER * policy.remind_every
        for each in told.values()
    )


def when_to_try_again(failures: int, at: datetime, policy: AlertPolicy) -> datetime:
    """Return when a channel that has failed so often in a row is tried again."""
    doubled: timedelta = policy.retry_first_after * 2 ** min(max(failures - 1, 0), 20)
    return at + min(doubled, policy.retry_at_most_every)
