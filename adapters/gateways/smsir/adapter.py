"""SMS.ir: the REST interface of api.sms.ir, version 1.

Success is ``status`` = 1 in the body, and then an id at the place of each message. Free texts go as one pack of up to
100, a pattern goes alone over the vendor's service line. SMS.ir takes no id of ours: a lost answer stays lost.
"""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, Final

from adapters.gateways.smsir.answers import incoming, outcomes, read, states
from adapters.gateways.smsir.settings import SmsIrSettings
from connector.errors import CallFailed, Misbehaved
from connector.mapping.gateway_answers import (
    GatewayAnswer,
    amount_of,
    is_reference,
    outcomes_of_refusal,
    raise_unless_done,
)
from connector.mapping.gateway_codes import DeliveryClass, GatewayCodes, load_gateway_codes
from connector.ports.catalogue import AdapterKind, AdapterSite
from connector.ports.credit import Credit
from connector.ports.gateway import GatewayCapabilities, OutgoingMessage
from connector.ports.in_parts import in_parts, texts_then_patterns
from connector.ports.incoming import InboxPage
from connector.ports.outcomes import Accepted, DeliveryState, SendOutcome, Unanswered
from connector.ports.pattern import PatternRules, PatternUse
from connector.ports.shown_once import Look, ShownOnceInbox
from connector.transport.json_bodies import as_json

__all__ = ["GATEWAY", "SmsIr"]

SEND_BATCH: Final = 100
"""Numbers of one call by the vendor's own account (codes 105 and 106)."""
LONGEST_VALUE: Final = 25
"""Characters of one value of a pattern (code 114)."""
INBOX_PAGE: Final = 100
_LARGEST_ANSWER: Final = 1024 * 1024
_NO_PATTERN: Final = "113"

_CAPABILITIES: Final = GatewayCapabilities(
    batch_size=SEND_BATCH,
    delivery_batch=20,
    patterns=PatternRules(longest_value=LONGEST_VALUE),
    has_inbox=True,
    inbox_reads_once=True,
    tells_credit=True,
    delivery_horizon=timedelta(hours=36),
    concurrency=2,
)


class SmsIr:
    """One SMS.ir account, connected."""

    capabilities = _CAPABILITIES

    def __init__(self, settings: SmsIrSettings, codes: GatewayCodes, pool_size: int) -> None:
        """Read the key and open the pool; nobody is called. Raise SecretMissing when there is no key."""
        from connector.transport.http import HttpClient  # whoever reads settings does without

        self._headers = {"X-API-KEY": settings.key.reveal(), "Accept": "application/json"}
        self._sender = int(settings.sender)
        self._codes = codes
        self._client = HttpClient(settings.http, pool_size)
        self._inbox = ShownOnceInbox(queue=self._latest, again=self._of_the_day)

    def send(self, messages: Sequence[OutgoingMessage]) -> list[SendOutcome]:
        """Send up to 100 messages: all free texts in one call, each pattern in a call of its own."""
        return in_parts(messages, texts_then_patterns(messages), self._send_part)

    def delivery(self, gateway_references: Sequence[str]) -> Mapping[str, DeliveryState]:
        """Ask for the states, a whole pack in one call where messages went together."""
        packs: dict[str, dict[str, str]] = {}
        for reference in gateway_references:
            message_id, _, pack = reference.partition("@")
            packs.setdefault(f"pack/{pack}" if pack else message_id, {})[message_id] = reference
        found: dict[str, DeliveryState] = {}
        for place, wanted in packs.items():
            try:
                found |= self._states(place, wanted)
            except CallFailed:
                if not found:
                    raise
                break  # what is known is told; the others are asked about again
        return found

    def credit(self) -> Credit:
        """Ask for what is left: a number of messages by the vendor's examples."""
        amount = amount_of(self._told("credit"))
        if amount is None:
            raise Misbehaved("SMS.ir's answer has no credit in it.", reason="unreadable_answer")
        return Credit(amount=amount, unit="message")

    def inbox(self, cursor: str | None) -> InboxPage:
        """Return what citizens wrote: of ``receive/latest``, which forgets what it has shown, and of ``receive/live``,
        which shows the day, where the last page may not have been stored.
        """
        return self._inbox.page(cursor)

    def check(self) -> str:
        """Ask for credit and lines, and say whether the line that we send from is among them."""
        sentence = f"SMS.ir answers; credit for {self.credit().amount:f} messages is left"
        lines = self._told("line")
        known = {str(line) for line in lines} if isinstance(lines, list) else set()
        if str(self._sender) in known:
            return f"{sentence}, and the line {self._sender} is the account's."
        return f"{sentence}, but the line {self._sender} is not among the account's lines: free texts will be refused."

    def close(self) -> None:
        """Close the pool."""
        self._client.close()

    def _send_part(self, messages: Sequence[OutgoingMessage]) -> list[SendOutcome]:
        if messages[0].pattern is not None:
            return self._send_pattern(messages[0], messages[0].pattern)
        body = {
            "lineNumber": self._sender,
            "messageTexts": [message.text for message in messages],
            "mobiles": [message.mobile for message in messages],
        }
        answer = self._ask("POST", "send/likeToLike", body, is_safe=False)
        refused = outcomes_of_refusal(self._codes, answer, "SMS.ir", messages, self._send_part)
        return outcomes(answer.data, len(messages), self._codes) if refused is None else refused

    def _send_pattern(self, message: OutgoingMessage, pattern: PatternUse) -> list[SendOutcome]:
        if not is_reference(pattern.code):
            raise_unless_done(self._codes, GatewayAnswer(code=_NO_PATTERN), "SMS.ir")
        values = [{"name": place.strip("#"), "value": value} for place, value in pattern.values.items()]
        body = {"mobile": message.mobile, "templateId": int(pattern.code), "parameters": values}
        answer = self._ask("POST", "send/verify", body, is_safe=False)
        refused = outcomes_of_refusal(self._codes, answer, "SMS.ir", [message], self._send_part)
        if refused is not None:
            return refused
        reference = answer.data.get("messageId") if isinstance(answer.data, dict) else None
        if not is_reference(reference):
            return [Unanswered(reason="no_reference")]
        return [Accepted(gateway_reference=str(reference))]

    def _states(self, place: str, wanted: Mapping[str, str]) -> dict[str, DeliveryState]:
        answer = self._ask("GET", f"send/{place}", is_safe=True)
        if self._codes.delivery(answer.code) is DeliveryClass.ABSENT:
            return {}
        raise_unless_done(self._codes, answer, "SMS.ir")
        return states(answer.data, wanted, self._codes)

    def _told(self, path: str) -> Any:
        answer = self._ask("GET", path, is_safe=True)
        raise_unless_done(self._codes, answer, "SMS.ir")
        return answer.data

    def _latest(self) -> Look:
        return self._incoming(f"receive/latest?count={INBOX_PAGE}")

    def _of_the_day(self, number: int) -> Look:
        path = f"receive/live?pageSize={INBOX_PAGE}&pageNumber={number}&sortByNewest=true"
        return self._incoming(path)

    def _incoming(self, path: str) -> Look:
        # Never repeated by itself: each answer of the queue is the only one.
        answer = self._ask("GET", path, is_safe=False)
        raise_unless_done(self._codes, answer, "SMS.ir")
        messages = incoming(answer.data)
        return tuple(messages), len(messages) >= INBOX_PAGE

    def _ask(self, method: str, path: str, body: Any = None, *, is_safe: bool) -> GatewayAnswer:
        has_body = body is not None
        answer = self._client.request(
            method,
            path,
            headers=self._headers | ({"Content-Type": "application/json"} if has_body else {}),
            body=as_json(body) if has_body else None,
            is_safe=is_safe,
            max_answer_bytes=_LARGEST_ANSWER,
        )
        return read(answer, self._codes)


def _build(settings: SmsIrSettings, site: AdapterSite) -> SmsIr:
    return SmsIr(settings, load_gateway_codes(site.mappings, "smsir"), site.pool_size)


GATEWAY: Final = AdapterKind(
    summary="SMS.ir, REST interface of api.sms.ir, version 1", settings=SmsIrSettings, build=_build
)
