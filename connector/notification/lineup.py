"""The gateways in their order: which one sends a message, and what goes over to the next while one is away."""

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final, Protocol

from connector.clock import Now
from connector.domain.message import MessageEvent
from connector.ledger.put_off import DAILY_BUDGET
from connector.ledger.records import MessageHappening, MessageMaterial
from connector.notification.standing import AWAY_AFTER, Standing, has_left, looked_at, share
from connector.observability.logging import get_logger
from connector.observability.metrics import count_messages_moved, set_gateway_share

__all__ = ["GatewayPlace", "Lineup", "MovesMessages"]

log = get_logger(__name__)

_AT_ONCE: Final = 500
"""Messages that go over in one transaction."""
_ALL: Final = 100
_BUDGET_SPENT: Final = "budget_spent"
"""Not the word under which it waited: at the other gateway it waits for nothing."""


@dataclass(frozen=True, kw_only=True, slots=True)
class GatewayPlace:
    """The place of one gateway in the order."""

    is_away: Callable[[], bool]
    """Whether it takes nothing now: paused, stopped, or held back after failures."""
    then: Sequence[str] = ()
    """Who takes over, in this order."""
    share: int = _ALL
    """How many in a hundred of its messages it keeps while all is well."""


class MovesMessages(Protocol):
    """What is needed of the ledger."""

    def move_messages(
        self,
        gateway: str,
        to_gateway: str,
        *,
        reason: str,
        waiting_for: str | None,
        older_than: timedelta,
        most_moves: int,
        limit: int,
    ) -> int:
        """Move queued messages that nobody holds; return how many."""
        ...


@dataclass(eq=False)
class Lineup:
    """What this node sees of the gateways. Thread-safe."""

    places: Mapping[str, GatewayPlace]
    now: Now
    most_moves: int = 4
    _standings: dict[str, Standing] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def elsewhere(self, material: MessageMaterial) -> MessageHappening | None:
        """Return the event of a message that another gateway is to send; None where it stays.

        A message goes over so once, and never back: which ones do hangs on their id alone.
        """
        place = self.places.get(material.gateway)
        if place is None or material.moves or material.is_blacklisted or not self.most_moves:
            return None
        standing = self._standing(material.gateway)
        if material.own_id % _ALL < share(standing, resting=place.share, at=self.now()):
            return None
        other = self.next_well(material.gateway)
        if other is None:
            return None
        reason = "share" if standing.back_at is None else "slow_return"
        return MessageHappening(event=MessageEvent.MOVED, due_at=self.now(), reason=reason, to_gateway=other)

    def next_well(self, gateway: str) -> str | None:
        """Return the first that may take over and is not away itself; None where there is none."""
        place = self.places[gateway]
        return next(
            (
                name
                for name in place.then
                if self._standing(name).away_since is None and not self.places[name].is_away()
            ),
            None,
        )

    def run(self, ledger: MovesMessages) -> None:
        """Look at every gateway, and move on what waits for one that has left, or for its budget.

        Raise LedgerUnavailable if the ledger is away: then the next run does it.
        """
        for name, place in self.places.items():
            standing = self._look(name, place)
            other = self.next_well(name) if place.then else None
            if other is None:
                continue
            if has_left(standing, self.now()):
                self._move(ledger, name, other, "gateway_away", waiting_for=None, older_than=AWAY_AFTER)
            else:
                self._move(
                    ledger, name, other, _BUDGET_SPENT, waiting_for=DAILY_BUDGET, older_than=timedelta()
                )

    def _look(self, name: str, place: GatewayPlace) -> Standing:
        is_away, at = place.is_away(), self.now()
        with self._lock:
            before = self._standings.get(name, Standing())
            after = self._standings[name] = looked_at(before, is_away=is_away, at=at)
        set_gateway_share(name, 0 if has_left(after, at) else share(after, resting=place.share, at=at))
        if before.back_at is None and after.back_at is not None:
            log.info("notification.gateway_back", gateway=name)
        return after

    def _move(
        self,
        ledger: MovesMessages,
        name: str,
        other: str,
        reason: str,
        *,
        waiting_for: str | None,
        older_than: timedelta,
    ) -> None:
        moved = ledger.move_messages(
            name,
            other,
            reason=reason,
            waiting_for=waiting_for,
            older_than=older_than,
            most_moves=self.most_moves,
            limit=_AT_ONCE,
        )
        if moved:
            count_messages_moved(name, other, moved)
            log.warning(
                "notification.messages_moved", gateway=name, to_gateway=other, messages=moved, reason=reason
            )

    def _standing(self, name: str) -> Standing:
        with self._lock:
            return self._standings.get(name, Standing())
