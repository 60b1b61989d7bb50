"""Asks whether accepted messages arrived: in batches, at growing gaps, and not beyond the gateway's memory."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from connector.clock import Now
from connector.errors import CallFailed
from connector.ledger.ledger import Ledger
from connector.ledger.records import Claim, MessageHappening, MessageMaterial
from connector.notification.deciding import Decider
from connector.notification.patience import Jitter, jitter
from connector.notification.planning import Planner
from connector.notification.policy import NotificationPolicy
from connector.notification.recording import Held, Recorder
from connector.ports.connection import Connection
from connector.ports.gateway import GatewayAdapter, ReportsDelivery
from connector.ports.outcomes import DeliveryState, Undelivered

__all__ = ["Delivery"]


class Delivery:
    """Delivery reports of one gateway, where we ask for them; those that call us come in through receipts."""

    def __init__(
        self,
        ledger: Ledger,
        gateway: Connection[GatewayAdapter],
        policy: NotificationPolicy,
        *,
        now: Now,
        planner: Planner | None = None,
        jitter: Jitter = jitter,
    ) -> None:
        """Keep what a run needs; without a planner nothing that a gateway took goes a second way."""
        self._planner = planner
        self._ledger = ledger
        self._gateway = gateway
        self._policy = policy
        self._now = now
        self._jitter = jitter
        self._recorder = Recorder(ledger, gateway.name)

    def run(self, claims: Sequence[Claim]) -> None:
        """Ask for each claimed message. Past the horizon, what is not known will not be: it is let go."""
        held = list(zip(claims, self._ledger.materials(claims), strict=True))
        for part in self._parts(held):
            states = self._ask(part)
            decider = Decider(self._policy, self._gateway.capabilities, self._now(), self._jitter)
            self._recorder.settle([(each, self._after(decider, each[1], states)) for each in part])

    def _after(
        self, decider: Decider, material: MessageMaterial, states: Mapping[str, DeliveryState]
    ) -> MessageHappening | datetime:
        state = states.get(material.gateway_reference or "")
        second_way = None
        if self._planner is not None and isinstance(state, Undelivered) and state.is_blacklisted:
            second_way = self._planner.second_way(material, pattern=material.pattern)
        return decider.after_delivery_query(material, state, second_way)

    def _ask(self, part: Sequence[Held]) -> Mapping[str, DeliveryState]:
        adapter = self._gateway.adapter
        references = [material.gateway_reference for _, material in part if material.gateway_reference]
        if not (
            self._gateway.capabilities.delivery_batch and isinstance(adapter, ReportsDelivery) and references
        ):
            return {}
        try:
            return self._gateway.call("delivery", lambda _: adapter.delivery(references))
        except CallFailed:
            return {}  # as if nothing were known; the connection has logged it

    def _parts(self, held: Sequence[Held]) -> Iterator[Sequence[Held]]:
        size = self._gateway.capabilities.delivery_batch or len(held) or 1
        for start in range(0, len(held), size):
            yield held[start : start + size]
