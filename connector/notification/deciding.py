"""What becomes of a message: pure answers from what the gateway said, the clock and the policy."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, assert_never

from connector.domain.message import MessageEvent
from connector.domain.sending_window import SendingWindow
from connector.errors import CallFailed, OutcomeUnknown
from connector.ledger.records import MessageHappening, MessageMaterial
from connector.notification.patience import Jitter, gap_after_failure, gap_by_age, gap_by_attempts
from connector.notification.policy import NotificationPolicy
from connector.ports.gateway import GatewayCapabilities
from connector.ports.outcomes import (
    Accepted,
    Delivered,
    DeliveryState,
    MessageFound,
    NotSent,
    Rejected,
    SendOutcome,
    StillUnderway,
    Unanswered,
    Undelivered,
)

__all__ = ["Decider", "delivery_happening"]

_CODE_LIMIT: Final = 64
_ELSEWHERE_CLOSED: Final = timedelta(hours=1)
"""Until a gateway is tried again that says it is closed while our own clock says that gateways are open."""


def delivery_happening(state: DeliveryState, *, reason: str | None = None) -> MessageHappening | None:
    """Return the event that a delivery state stands for; None while it is underway."""
    match state:
        case Delivered():
            return MessageHappening(event=MessageEvent.DELIVERED, reason=reason)
        case Undelivered():
            return MessageHappening(
                event=MessageEvent.UNDELIVERED, reason=reason, code=state.code[:_CODE_LIMIT]
            )
        case StillUnderway():
            return None
        case _:
            assert_never(state)


@dataclass(frozen=True, slots=True)
class Decider:
    """The answers for one gateway at one moment."""

    policy: NotificationPolicy
    capabilities: GatewayCapabilities
    at: datetime
    jitter: Jitter

    def after_send(
        self, outcome: SendOutcome, material: MessageMaterial, attempts: int, *, second_way: str | None = None
    ) -> MessageHappening:
        """Return what follows from what the gateway said about one message of a batch.

        ``second_way`` is the gateway that has a pattern for it, where it went as free text.
        """
        match outcome:
            case Accepted():
                return self._accepted(MessageEvent.ACCEPTED, outcome.gateway_reference, self.at)
            case Rejected(is_blacklisted=True):
                return self.blacklisted(material, outcome.code, second_way) or MessageHappening(
                    event=MessageEvent.REJECTED, reason="blacklisted", code=outcome.code[:_CODE_LIMIT]
                )
            case Rejected():
                return MessageHappening(
                    event=MessageEvent.REJECTED, reason="rejected", code=outcome.code[:_CODE_LIMIT]
                )
            case NotSent(reason="outside_hours"):
                return self._postponed(self._until_the_opening(outcome), outcome.reason, outcome.code)
            case NotSent():
                gap = outcome.retry_after or self._retry_gap(attempts)
                return self._postponed(gap, outcome.reason, outcome.code)
            case Unanswered():
                return self.outcome_lost(material, outcome.reason, outcome.code)
            case _:
                assert_never(outcome)

    def after_failure(self, error: CallFailed, material: MessageMaterial, attempts: int) -> MessageHappening:
        """Return what follows from a send that was announced and brought no outcome for the whole batch."""
        reason = error.reason or "call_failed"
        if isinstance(error, OutcomeUnknown):
            return self.outcome_lost(material, reason, error.code)
        return self._postponed(self.wait_after(error, attempts), reason, error.code)

    def wait_after(self, error: CallFailed, attempts: int) -> timedelta:
        """Return how long to wait after a call that certainly did nothing."""
        return gap_after_failure(
            error,
            attempts,
            first=self.policy.retry_first_after,
            longest=self.policy.retry_at_most_every,
            jitter=self.jitter,
        )

    def outcome_lost(
        self, material: MessageMaterial, reason: str, code: str | None = None
    ) -> MessageHappening:
        """Return the event of a message that may or may not have gone out; the first look-up has its time.

        Where nobody can be asked it is decided at once, or, where it is to be sent again, after a report of the first
        sending may have come.
        """
        due_at = self.at
        if self.can_be_asked(material):
            due_at += self.policy.look_up_first_after
        elif self._is_worth_a_double(material):
            due_at += self.policy.send_again_after
        return MessageHappening(
            event=MessageEvent.OUTCOME_LOST, due_at=due_at, reason=reason, code=code and code[:_CODE_LIMIT]
        )

    def can_be_asked(self, material: MessageMaterial) -> bool:
        """Return whether the gateway can tell what became of the last sending of this message.

        Not of one that went as a pattern, where patterns carry no id of ours; and not of a second way: what is found by
        our id may be the first sending, which is known to have failed.
        """
        can = self.capabilities
        if not can.find_by_own_id or material.is_blacklisted:
            return False
        return material.pattern is None or (can.patterns is not None and can.patterns.can_be_found)

    def blacklisted(
        self, material: MessageMaterial, code: str, second_way: str | None
    ) -> MessageHappening | None:
        """Return the event of a message that goes once more, as a pattern; None where there is none or it was one."""
        if second_way is None or material.is_blacklisted:
            return None
        return MessageHappening(
            event=MessageEvent.BLACKLISTED,
            due_at=self.at,
            reason="blacklisted",
            code=code[:_CODE_LIMIT],
            to_gateway=None if second_way == material.gateway else second_way,
        )

    def after_look_up(
        self, material: MessageMaterial, found: MessageFound | None, second_way: str | None = None
    ) -> MessageHappening | datetime:
        """Return what follows from a look-up, or when to look again.

        Not there once proves nothing: the gateway may still be working on it. Not there very late proves nothing
        either: it may have forgotten.
        """
        age = self.at - (material.announced_at or material.happened_at)
        if found is not None:
            return (
                self.second_try(material, found.state, second_way)
                or delivery_happening(found.state, reason="found")
                or self._accepted(
                    MessageEvent.FOUND, found.gateway_reference, material.announced_at or self.at
                )
            )
        if age > min(self.policy.absence_believed_within, self.capabilities.delivery_horizon):
            return MessageHappening(event=MessageEvent.LET_GO, reason="asked_too_late")
        if age >= self.policy.absent_after and material.lookups >= 1:
            return MessageHappening(event=MessageEvent.FOUND_ABSENT, due_at=self.at, reason="found_absent")
        return self._look_again_at(material)

    def after_failed_look_up(self, material: MessageMaterial) -> MessageHappening | datetime:
        """Return when to look again after nobody answered; past the gateway's memory it is let go."""
        if self.at - (material.announced_at or material.happened_at) > self.capabilities.delivery_horizon:
            return MessageHappening(event=MessageEvent.LET_GO, reason="nobody_answered")
        return self._look_again_at(material)

    def _look_again_at(self, material: MessageMaterial) -> datetime:
        """Return when to look again for a message that brought no certainty."""
        return self.at + gap_by_age(
            self.at - (material.announced_at or material.happened_at),
            first=self.policy.look_up_first_after,
            longest=self.policy.look_up_at_most_every,
            jitter=self.jitter,
        )

    def where_nobody_can_be_asked(self, material: MessageMaterial) -> MessageHappening:
        """Return what becomes of a lost outcome at a gateway that knows no ids of ours.

        A fact that is worth a doubled text is sent again, so often and no oftener, and counted; any other is let go,
        because a text told twice is worse than one that the next makes good.
        """
        if self._is_worth_a_double(material):
            return MessageHappening(event=MessageEvent.SENT_AGAIN, due_at=self.at, reason="at_least_once")
        return MessageHappening(event=MessageEvent.LET_GO, reason="cannot_be_asked")

    def _is_worth_a_double(self, material: MessageMaterial) -> bool:
        is_worth = any(each.fact in self.policy.at_least_once for each in material.whole)
        return is_worth and material.possible_doubles < self.policy.most_doubles

    def _until_the_opening(self, outcome: NotSent) -> timedelta:
        """Return how long the gateway is closed: by its own word, or by the hours that gateways keep."""
        window = self.policy.window or SendingWindow()
        if not window.is_open(self.at):
            return window.next_opening(self.at) - self.at + self.policy.opening_spread * self.jitter()
        return outcome.retry_after or _ELSEWHERE_CLOSED

    def second_try(
        self, material: MessageMaterial, state: DeliveryState, second_way: str | None
    ) -> MessageHappening | None:
        """Return the event of a message that a gateway took and did not deliver, because the number is on a list."""
        if not isinstance(state, Undelivered) or not state.is_blacklisted:
            return None
        return self.blacklisted(material, state.code, second_way)

    def after_delivery_query(
        self, material: MessageMaterial, state: DeliveryState | None, second_way: str | None = None
    ) -> MessageHappening | datetime:
        """Return what follows from a delivery query (None: nothing known), or when to ask again."""
        happening = None
        if state is not None:
            happening = self.second_try(material, state, second_way) or delivery_happening(state)
        if happening is not None:
            return happening
        accepted_at = material.accepted_at or material.happened_at
        horizon = accepted_at + self.capabilities.delivery_horizon
        if self.at >= horizon:
            return MessageHappening(event=MessageEvent.LET_GO, reason="no_report")
        if not self.capabilities.delivery_batch:
            return horizon
        gap = gap_by_age(
            self.at - accepted_at,
            first=self.policy.delivery_first_after,
            longest=self.policy.delivery_at_most_every,
            jitter=self.jitter,
        )
        return min(self.at + gap, horizon)

    def _accepted(self, event: MessageEvent, reference: str, since: datetime) -> MessageHappening:
        if self.capabilities.delivery_batch:
            due_at = self.at + self.policy.delivery_first_after
        else:
            due_at = max(self.at, since + self.capabilities.delivery_horizon)
        return MessageHappening(event=event, due_at=due_at, gateway_reference=reference)

    def _postponed(self, gap: timedelta, reason: str, code: str | None) -> MessageHappening:
        return MessageHappening(
            event=MessageEvent.POSTPONED,
            due_at=self.at + gap,
            reason=reason,
            code=code and code[:_CODE_LIMIT],
        )

    def _retry_gap(self, attempts: int) -> timedelta:
        return gap_by_attempts(
            attempts,
            first=self.policy.retry_first_after,
            longest=self.policy.retry_at_most_every,
            jitter=self.jitter,
        )
