"""Makes of a message what goes out: its words or its pattern, its price, and what is done if the budget is spent."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from connector.domain.sending_window import SendingWindow
from connector.ledger.records import Claim, MessageMaterial, MessagePlan
from connector.notification.batching import Written
from connector.notification.choosing import is_exempt, keeps_hours
from connector.notification.composing import Composer, Words
from connector.notification.gateway_rules import GatewayRules
from connector.notification.patience import Jitter
from connector.notification.policy import NotificationPolicy
from connector.ports.gateway import OutgoingMessage

__all__ = ["Planner"]

_NEVER: Final = datetime.min.replace(tzinfo=UTC)


class Planner:
    """Plans for one gateway."""

    def __init__(
        self, gateway: str, texts: Words, policy: NotificationPolicy, rules: GatewayRules, jitter: Jitter
    ) -> None:
        """Keep the rules of the gateway, and the texts for those that may take over."""
        self._policy = policy
        self._rules = rules
        self._jitter = jitter
        self._ways = {gateway: Composer(texts, rules.patterns)}
        self._ways |= {name: Composer(texts, patterns) for name, patterns in rules.others.items()}
        self._composer = self._ways[gateway]
        self._last_closing: tuple[datetime | None, datetime | None, datetime] = None, None, _NEVER
        self._last_day: tuple[datetime | None, datetime] = None, _NEVER

    def written(self, claim: Claim, material: MessageMaterial, at: datetime) -> Written:
        """Return the message ready to go. Raises what the texts raise when it cannot be written."""
        composed = self._composer.compose(material)
        return Written(
            claim=claim,
            material=material,
            message=OutgoingMessage(
                own_id=material.own_id,
                mobile=material.mobile,
                text=composed.text,
                pattern=composed.pattern,
            ),
            plan=MessagePlan(
                parts=composed.size.parts,
                cost=self._rules.prices.cost(composed.size),
                pattern=composed.pattern.code if composed.pattern else None,
                reason=composed.reason,
                again_at=self._next_day(at),
                despite_opt_out=is_exempt(material, self._policy),
                **self._hours(material, at),
            ),
        )

    def second_way(self, material: MessageMaterial, *, pattern: str | None) -> str | None:
        """Return the gateway that has a pattern for a message which went as free text; this one before the others.

        ``pattern`` is what it went as. None where it was a pattern already, or where nobody has one.
        """
        if pattern is not None:
            return None
        return next((name for name, way in self._ways.items() if way.goes_as_pattern(material)), None)

    def _hours(self, material: MessageMaterial, at: datetime) -> Mapping[str, Any]:
        """Return until when it may go out, and when it goes on after that."""
        window = self._policy.window
        if window is None or not keeps_hours(material, self._policy):
            return {}
        closing, opening = self._closing(window, at)
        if closing is None:
            return {}
        return {"not_after": closing, "reopens_at": opening + self._policy.opening_spread * self._jitter()}

    def _closing(self, window: SendingWindow, at: datetime) -> tuple[datetime | None, datetime]:
        """Return when the window closes, and opens again; worked out once for all messages of one moment."""
        moment, closing, opening = self._last_closing
        if moment != at:
            closing = window.closes_at(at)
            opening = at if closing is None else window.next_opening(closing)
            self._last_closing = at, closing, opening
        return closing, opening

    def _next_day(self, at: datetime) -> datetime:
        """Return when a message is tried again for which today's budget has no room."""
        moment, opening = self._last_day
        if moment != at:
            window = self._policy.window
            opening = self._rules.next_day(at)
            if window is not None:
                opening = window.next_opening(opening)
            self._last_day = at, opening
        return opening + self._policy.opening_spread * self._jitter()
