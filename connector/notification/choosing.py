"""Whether a queued message goes out now, and as what: pure answers, asked before anything is announced."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from connector.domain.message import FactKind, MessageEvent
from connector.domain.telling import JOINABLE, is_overtaken
from connector.errors import ChaparError
from connector.ledger.put_off import OUTSIDE_WINDOW
from connector.ledger.records import MessageHappening, MessageMaterial
from connector.notification.composing import Composed, must_say, within
from connector.notification.patience import Jitter
from connector.notification.policy import NotificationPolicy

__all__ = ["Chooser", "is_exempt", "keeps_hours"]

_MOST_PARTS_JOINED: Final = 3
"""A longer text is worth less than two short ones."""


@dataclass(frozen=True, slots=True)
class Chooser:
    """The answers of one moment."""

    policy: NotificationPolicy
    at: datetime
    jitter: Jitter
    compose: Callable[[MessageMaterial], Composed]
    """Puts a message into words; raises what the texts raise."""
    goes_as_pattern: Callable[[MessageMaterial], bool]
    """Says whether there is a pattern for a message, from the start or for a number that takes no advertising."""

    def instead_of_sending(self, material: MessageMaterial) -> MessageHappening | None:
        """Return what becomes of a queued message that is not sent now; None where it is."""
        return (
            self._withheld(material)
            or self._superseded(material)
            or self._put_off(material)
            or self._joined(material)
        )

    def _withheld(self, material: MessageMaterial) -> MessageHappening | None:
        """The citizen wants no messages, and the operator says of none of its facts that it is told all the same."""
        if not material.has_opted_out or is_exempt(material, self.policy):
            return None
        return MessageHappening(event=MessageEvent.WITHHELD, reason="opted_out")

    def _superseded(self, material: MessageMaterial) -> MessageHappening | None:
        """A newer message that waits says all that this one would, the newest such one."""
        since = material.created_at
        if material.has_opted_out or material.is_blacklisted:
            return None  # the newer one might be withheld, or not reach a number that takes no advertising
        if not self.policy.stale_after or since is None or self.at - since < self.policy.stale_after:
            return None
        for newer in reversed(material.followers):
            if is_overtaken(_facts(material.whole), _facts(newer.whole)) and self._keeps(newer, material):
                reason = f"overtaken_by_{newer.fact}"
                return MessageHappening(event=MessageEvent.SUPERSEDED, reason=reason, told_by=newer.own_id)
        return None

    def _keeps(self, newer: MessageMaterial, older: MessageMaterial) -> bool:
        """Return whether what the older one carries, for itself and for others, stands in the newer one's words."""
        try:
            composed = self.compose(newer)
        except ChaparError:
            return False  # the newer one's own trouble
        return all(composed.says(value) for each in (*older.replaced, older) for value in must_say(each))

    def _put_off(self, material: MessageMaterial) -> MessageHappening | None:
        """It is not the time of day. Something urgent in it, or behind it, does not wait for the morning."""
        window = self.policy.window
        if window is None or window.is_open(self.at):
            return None
        if not keeps_hours(material, self.policy):
            return None
        due_at = window.next_opening(self.at) + self.policy.opening_spread * self.jitter()
        return MessageHappening(event=MessageEvent.DEFERRED, due_at=due_at, reason=OUTSIDE_WINDOW)

    def _joined(self, material: MessageMaterial) -> MessageHappening | None:
        """The next message happened shortly after this one, and both make one text that is short enough."""
        if not material.followers or material.is_blacklisted or material.has_opted_out:
            return None
        following = material.followers[0]
        if not self._are_close(material, following) or not self._make_one_text(material, following):
            return None
        reason = f"joined_{following.fact}"
        return MessageHappening(event=MessageEvent.JOINED, reason=reason, told_by=following.own_id)

    def _are_close(self, material: MessageMaterial, following: MessageMaterial) -> bool:
        first = material.whole[0]
        if not self.policy.join_within or first.created_at is None or following.created_at is None:
            return False
        return following.created_at - first.created_at <= self.policy.join_within

    def _make_one_text(self, material: MessageMaterial, following: MessageMaterial) -> bool:
        """A pattern tells one fact, and reaches whom free text does not: it stays alone."""
        if not _facts((*material.whole, following)) <= JOINABLE:
            return False
        if any(self.goes_as_pattern(each) for each in (material, following)):
            return False
        try:
            return self.compose(within(following, material)).size.parts <= _MOST_PARTS_JOINED
        except ChaparError:
            return False  # each by itself then tells whose trouble it is


def is_exempt(material: MessageMaterial, policy: NotificationPolicy) -> bool:
    """Return whether it is told also to a citizen who wants no messages: so is what answers a question of theirs."""
    facts = _facts(material.whole)
    return not facts or bool(facts & frozenset(policy.despite_opt_out))


def keeps_hours(material: MessageMaterial, policy: NotificationPolicy) -> bool:
    """Return whether it waits for the morning: not what is urgent or has something urgent behind it, and no reply."""
    facts = _facts((*material.whole, *material.followers))
    return bool(facts) and not facts & frozenset(policy.urgent_facts)


def _facts(materials: Iterable[MessageMaterial]) -> frozenset[FactKind]:
    """Return the facts among what these tell; who only answers a question tells none."""
    return frozenset(each.fact for each in materials if isinstance(each.fact, FactKind))
