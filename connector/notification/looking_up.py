"""Asks the gateway what became of messages whose outcome was lost."""

from collections.abc import Sequence
from datetime import datetime

from connector.errors import CallFailed
from connector.ledger.records import MessageHappening, MessageMaterial
from connector.notification.deciding import Decider
from connector.notification.planning import Planner
from connector.notification.recording import Held, Recorder
from connector.ports.connection import Connection
from connector.ports.gateway import FindsByOwnId, GatewayAdapter
from connector.ports.outcomes import MessageFound

__all__ = ["LookUps"]


class LookUps:
    """Look-ups at one gateway."""

    def __init__(self, gateway: Connection[GatewayAdapter], recorder: Recorder, planner: Planner) -> None:
        """Keep the gateway, who writes the results, and who knows a second way."""
        self._planner = planner
        self._gateway = gateway
        self._recorder = recorder

    def run(self, uncertain: Sequence[Held], decider: Decider) -> None:
        """Ask for all of them in one go; where the gateway cannot be asked, the policy decides."""
        adapter = self._gateway.adapter
        finds = isinstance(adapter, FindsByOwnId)
        asked = [held for held in uncertain if finds and decider.can_be_asked(held[1])]
        self._recorder.record(
            [(held[0], decider.where_nobody_can_be_asked(held[1])) for held in uncertain if held not in asked]
        )
        if not (asked and isinstance(adapter, FindsByOwnId)):
            return
        own_ids = [material.own_id for _, material in asked]
        try:
            found = self._gateway.call("find", lambda _: adapter.find(own_ids))
        except CallFailed:
            # Not a look-up: nobody answered. It does not count towards "absent".
            self._recorder.settle([(held, decider.after_failed_look_up(held[1])) for held in asked])
            return
        self._recorder.settle(
            [(held, self._found(decider, held[1], found.get(held[1].own_id))) for held in asked],
            is_look_up=True,
        )

    def _found(
        self, decider: Decider, material: MessageMaterial, found: MessageFound | None
    ) -> MessageHappening | datetime:
        second_way = self._planner.second_way(material, pattern=material.pattern)
        return decider.after_look_up(material, found, second_way)
