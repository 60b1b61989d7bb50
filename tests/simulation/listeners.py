"""The gateway with the handsets behind it, and the portal: who is told."""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field
from datetime import timedelta

from connector.domain.text import to_ascii_digits
from connector.ports.gateway import GatewayCapabilities, OutgoingMessage
from connector.ports.outcomes import (
    Accepted,
    Delivered,
    DeliveryState,
    MessageFound,
    NotSent,
    Rejected,
    SendOutcome,
    Unanswered,
)
from connector.ports.portal import PortalCapabilities, Publication
from tests.simulation.outside import EFFECT_FATES, Line

__all__ = [
    "GATEWAYS",
    "PUBLISH_FATES",
    "SEND_FATES",
    "Handset",
    "SimulatedGateway",
    "SimulatedPortal",
    "Text",
]

GATEWAYS: dict[str, GatewayCapabilities] = {
    "can be asked": GatewayCapabilities(batch_size=2, find_by_own_id=True, delivery_batch=10),
    "cannot be asked": GatewayCapabilities(batch_size=2, delivery_horizon=timedelta(hours=1)),
}
SEND_FATES = (*EFFECT_FATES, "first_only", "first_unanswered", "rejected", "short_answer")
PUBLISH_FATES = tuple(fate for fate in EFFECT_FATES if fate not in {"late", "slow"})


@dataclass(frozen=True, slots=True)
class Text:
    """One SMS as the citizen has it."""

    own_id: int
    mobile: str
    words: str
    gateway: str = "sms"


@dataclass(eq=False)
class Handset:
    """What reached the citizens, in the order of reaching."""

    texts: list[Text] = field(default_factory=list)


class SimulatedGateway:
    """Takes a message as often as it is sent."""

    def __init__(
        self,
        capabilities: GatewayCapabilities,
        handset: Handset,
        line: Line,
        *,
        name: str = "sms",
        away: Set[str] = frozenset(),
    ) -> None:
        self.capabilities = capabilities
        self._name = name
        self._away = away
        self._handset = handset
        self._line = line

    def send(self, messages: Sequence[OutgoingMessage]) -> Sequence[SendOutcome]:
        fate = "unavailable" if self._name in self._away else self._line.fate()
        if fate in {"late", "slow"} and not self.capabilities.find_by_own_id:
            fate = "done_unanswered"  # the order of what comes late and cannot be asked is nobody's promise
        taken = messages[:1] if fate in {"first_only", "first_unanswered"} else messages
        taken = [] if fate == "rejected" else taken

        def effect() -> None:
            for each in taken:
                self._handset.texts.append(
                    Text(each.own_id, each.mobile, to_ascii_digits(each.text), self._name)
                )

        def answer(fate: str) -> Sequence[SendOutcome]:
            accepted: list[SendOutcome] = [
                Accepted(gateway_reference=f"ref-{each.own_id}") for each in messages
            ]
            match fate:
                case "first_only":
                    return accepted[:1] + [NotSent(reason="queue_full") for _ in messages[1:]]
                case "first_unanswered":
                    lost: list[SendOutcome] = [Unanswered(reason="timeout")]
                    return lost + [NotSent(reason="queue_full") for _ in messages[1:]]
                case "rejected":
                    return [Rejected(code="411", reason="no such number") for _ in messages]
                case "short_answer":
                    return []
            return accepted

        return self._line.tell([each.own_id for each in messages], effect, answer, fate)

    def find(self, own_ids: Sequence[int]) -> Mapping[int, MessageFound]:
        return self._line.ask(lambda: self._found(own_ids))

    def delivery(self, gateway_references: Sequence[str]) -> Mapping[str, DeliveryState]:
        def look() -> Mapping[str, DeliveryState]:
            there = {f"ref-{own_id}" for own_id in self._there()}
            return {each: Delivered() for each in gateway_references if each in there}

        return self._line.ask(look)

    def check(self) -> str:
        return "The gateway is in this process."

    def close(self) -> None:
        return None

    def _there(self) -> set[int]:
        """Return what this gateway brought to a handset; of another one's texts it knows nothing."""
        return {each.own_id for each in self._handset.texts if each.gateway == self._name}

    def _found(self, own_ids: Sequence[int]) -> Mapping[int, MessageFound]:
        there = self._there()
        return {
            own_id: MessageFound(gateway_reference=f"ref-{own_id}") for own_id in own_ids if own_id in there
        }


class SimulatedPortal:
    """Keeps the highest position of each submission, and the order in which it heard."""

    capabilities = PortalCapabilities(publishes=True)

    def __init__(self, told: dict[str, list[Publication]], line: Line) -> None:
        self._told = told
        self._line = line

    def publish(self, publication: Publication) -> None:
        def effect() -> None:
            self._told.setdefault(publication.submission_id, []).append(publication)

        self._line.tell(publication.submission_id, effect, lambda _: None, self._line.fate())

    def check(self) -> str:
        return "The portal is in this process."

    def close(self) -> None:
        return None
