"""IPPanel (FarazSMS and other resellers): the Edge interface of edge.ippanel.com.

The key stands in the header. Numbers are written with +98. Success has two levels: ``meta.status``, and an id for each
message. A batch is peer_to_peer, a pattern goes alone. It takes no id of ours: a lost answer stays lost.
"""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, Final

from adapters.gateways.ippanel.answers import incoming, outcomes, read
from adapters.gateways.ippanel.inbox import PAGE, inbox_page
from adapters.gateways.ippanel.settings import IpPanelSettings
from connector.errors import Misbehaved
from connector.mapping.gateway_answers import (
    GatewayAnswer,
    amount_of,
    outcomes_of_refusal,
    raise_unless_done,
)
from connector.mapping.gateway_codes import DeliveryClass, GatewayCodes, load_gateway_codes, state_of
from connector.ports.catalogue import AdapterKind, AdapterSite
from connector.ports.credit import Credit
from connector.ports.gateway import GatewayCapabilities, OutgoingMessage
from connector.ports.in_parts import in_parts, texts_then_patterns
from connector.ports.incoming import InboxPage, IncomingMessage
from connector.ports.outcomes import DeliveryState, SendOutcome, StillUnderway
from connector.ports.pattern import PatternRules
from connector.transport.json_bodies import as_json

__all__ = ["GATEWAY", "IpPanel"]

_LARGEST_ANSWER: Final = 1024 * 1024


class IpPanel:
    """One IPPanel account, connected."""

    def __init__(self, settings: IpPanelSettings, codes: GatewayCodes, pool_size: int) -> None:
        """Read the key and open the pool; nobody is called. Raise SecretMissing when there is no key."""
        from connector.transport.http import HttpClient  # whoever reads settings does without

        self._headers = {"Authorization": settings.key.reveal(), "Accept": "application/json"}
        self._sender = settings.sender
        self._codes = codes
        self._client = HttpClient(settings.http, pool_size)
        self.capabilities = GatewayCapabilities(
            batch_size=settings.batch_size,
            delivery_batch=1,
            patterns=PatternRules(longest_value=settings.longest_value),
            has_inbox=True,
            tells_credit=True,
            delivery_horizon=timedelta(hours=36),
            concurrency=2,
        )

    def send(self, messages: Sequence[OutgoingMessage]) -> list[SendOutcome]:
        """Send a batch: all free texts in one call, each pattern in a call of its own."""
        return in_parts(messages, texts_then_patterns(messages), self._send_part)

    def delivery(self, gateway_references: Sequence[str]) -> Mapping[str, DeliveryState]:
        """Ask for the handset's word first, and where there is none yet, whether the vendor gave the message up."""
        found = {}
        for reference in gateway_references:
            state = self._of_recipient(reference)
            if state is None or isinstance(state, StillUnderway):
                state = self._of_message(reference) or state
            if state is not None:
                found[reference] = state
        return found

    def credit(self) -> Credit:
        """Ask for what is left: rials, by the size of the vendor's examples."""
        data = self._told("GET", "api/payment/credit/mine")
        amount = amount_of(data.get("credit")) if isinstance(data, dict) else None
        if amount is None:
            raise Misbehaved("IPPanel's answer has no credit in it.", reason="unreadable_answer")
        return Credit(amount=amount, unit="rial")

    def inbox(self, cursor: str | None) -> InboxPage:
        """Return what came in after the cursor, one page of a hundred at a time."""
        return inbox_page(cursor, self._incoming)

    def check(self) -> str:
        """Ask for the credit: it needs the right key, and changes nothing."""
        return f"IPPanel answers; {self.credit().amount:.0f} rials of credit are left."

    def close(self) -> None:
        """Close the pool."""
        self._client.close()

    def _send_part(self, messages: Sequence[OutgoingMessage]) -> list[SendOutcome]:
        answer = self._ask("POST", "api/send", self._sending(messages), is_safe=False)
        refused = outcomes_of_refusal(self._codes, answer, "IPPanel", messages, self._send_part)
        return outcomes(answer.data, len(messages)) if refused is None else refused

    def _sending(self, messages: Sequence[OutgoingMessage]) -> dict[str, Any]:
        first = messages[0]
        if first.pattern is not None:
            return {
                "sending_type": "pattern",
                "from_number": self._sender,
                "code": first.pattern.code,
                "recipients": [_abroad(first.mobile)],
                "params": dict(first.pattern.values),
            }
        if len(messages) == 1:
            return {
                "sending_type": "webservice",
                "from_number": self._sender,
                "message": first.text,
                "params": {"recipients": [_abroad(first.mobile)]},
            }
        return {
            "sending_type": "peer_to_peer",
            "from_number": self._sender,
            "params": [
                {"recipients": [_abroad(message.mobile)], "message": message.text} for message in messages
            ],
        }

    def _of_recipient(self, reference: str) -> DeliveryState | None:
        """Return what the handset's network says; None where it says nothing, or nothing that the table has."""
        path = f"api/report/recipients?page=1&per_page=10&bulk_id={reference}"
        rows = self._asked_about(path)
        # Each of our messages has one recipient.
        if not isinstance(rows, list) or len(rows) != 1 or not isinstance(rows[0], dict):
            return None
        return state_of(self._codes, f"recipient {rows[0].get('message_status')}")

    def _of_message(self, reference: str) -> DeliveryState | None:
        data = self._asked_about(f"api/report/by_bulk?messages_outbox_id={reference}")
        state_id = data.get("state_id") if isinstance(data, dict) else None
        return None if state_id is None else state_of(self._codes, f"state {state_id}")

    def _asked_about(self, path: str) -> Any:
        answer = self._ask("GET", path, is_safe=True)
        if self._codes.delivery(answer.code) is DeliveryClass.ABSENT:
            return None
        raise_unless_done(self._codes, answer, "IPPanel")
        return answer.data

    def _incoming(self, after: int | None, page: int) -> Sequence[IncomingMessage]:
        filters = {} if after is None else {"from_id": after}
        body = {"page": page, "per_page": PAGE, "filters": filters}
        return incoming(self._told("POST", "api/report/messages-inbox", body))

    def _told(self, method: str, path: str, body: Any = None) -> Any:
        answer = self._ask(method, path, body, is_safe=True)
        raise_unless_done(self._codes, answer, "IPPanel")
        return answer.data

    def _ask(self, method: str, path: str, body: Any = None, *, is_safe: bool) -> GatewayAnswer:
        answer = self._client.request(
            method,
            path,
            headers=self._headers | ({} if body is None else {"Content-Type": "application/json"}),
            body=None if body is None else as_json(body),
            is_safe=is_safe,
            max_answer_bytes=_LARGEST_ANSWER,
        )
        return read(answer, self._codes)


def _abroad(mobile: str) -> str:
    return f"+98{mobile[1:]}"


def _build(settings: IpPanelSettings, site: AdapterSite) -> IpPanel:
    return IpPanel(settings, load_gateway_codes(site.mappings, "ippanel"), site.pool_size)


GATEWAY: Final = AdapterKind(
    summary="IPPanel (FarazSMS and others), Edge interface of edge.ippanel.com",
    settings=IpPanelSettings,
    build=_build,
)
