"""MeliPayamak, FaraPayamak and other resellers of payamak-panel: the REST interface of rest.payamak-panel.com.

User name and password stand in the body of every call. Success has two levels: ``RetStatus`` = 1, and a long number
in ``Value``. One call takes one text, so each message is a call. It takes no id of ours: a lost answer stays lost.
"""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, Final
from urllib.parse import urlencode

from adapters.gateways.melipayamak.answers import incoming, read, read_sending
from adapters.gateways.melipayamak.settings import MelipayamakSettings
from connector.errors import Misbehaved
from connector.mapping.gateway_answers import (
    GatewayAnswer,
    amount_of,
    is_reference,
    outcomes_of_refusal,
    raise_unless_done,
)
from connector.mapping.gateway_codes import GatewayCodes, load_gateway_codes, state_of
from connector.ports.catalogue import AdapterKind, AdapterSite
from connector.ports.credit import Credit
from connector.ports.gateway import GatewayCapabilities, OutgoingMessage
from connector.ports.incoming import InboxPage, IncomingMessage
from connector.ports.outcomes import Accepted, DeliveryState, SendOutcome, Unanswered
from connector.ports.pattern import PatternRules

__all__ = ["GATEWAY", "Melipayamak"]

SEPARATOR: Final = ";"
"""Joins the values of a pattern in their order."""
INBOX_PAGE: Final = 100
_NAME: Final = "payamak-panel"
_RECEIVED: Final = "1"
_NO_PATTERN: Final = "-4"
_LARGEST_ANSWER: Final = 1024 * 1024
_DEEPEST_ROW: Final = 5000
_DEEPEST_FIRST_ROW: Final = 500
"""Rows of the inbox that one walk looks at, and the very first one: an old panel has all that ever came."""

_CAPABILITIES: Final = GatewayCapabilities(
    delivery_batch=1,
    patterns=PatternRules(separator=SEPARATOR),
    has_inbox=True,
    tells_credit=True,
    delivery_horizon=timedelta(hours=36),
    concurrency=4,
)


class Melipayamak:
    """One account, connected."""

    capabilities = _CAPABILITIES

    def __init__(self, settings: MelipayamakSettings, codes: GatewayCodes, pool_size: int) -> None:
        """Read the password and open the pool; nobody is called. Raise SecretMissing when there is none."""
        from connector.transport.http import HttpClient  # whoever reads settings does without

        self._identity = {"username": settings.username, "password": settings.password.reveal()}
        self._sender = settings.sender
        self._codes = codes
        self._client = HttpClient(settings.http, pool_size)

    def send(self, messages: Sequence[OutgoingMessage]) -> list[SendOutcome]:
        """Send one message: a free text from our line, a pattern over the line that all customers share."""
        (message,) = messages
        method, form = self._sending(message)
        answer = read_sending(self._ask(method, form, is_safe=False))
        refused = outcomes_of_refusal(self._codes, answer, _NAME, messages, self.send)
        if refused is not None:
            return refused
        if answer.data is None:
            return [Unanswered(reason="no_reference", code=answer.code)]
        return [Accepted(gateway_reference=answer.data)]

    def delivery(self, gateway_references: Sequence[str]) -> Mapping[str, DeliveryState]:
        """Ask for the state of one message after the other; a code that nobody knows is left out."""
        found = {}
        for reference in gateway_references:
            document = self._told("GetDeliveries2", {"recID": reference})
            state = state_of(self._codes, str(document.get("Value")).strip())
            if state is not None:
                found[reference] = state
        return found

    def credit(self) -> Credit:
        """Ask for what is left: a number of messages by the vendor's account of this method."""
        amount = amount_of(self._told("GetCredit", {}).get("Value"))
        if amount is None:
            raise Misbehaved("payamak-panel's answer has no credit in it.", reason="unreadable_answer")
        return Credit(amount=amount, unit="message")

    def inbox(self, cursor: str | None) -> InboxPage:
        """Return the rows that are newer than the cursor, from the newest down, a hundred at a time.

        The cursor is the highest id seen, and while a walk goes deeper also the row where it goes on. A message that
        comes meanwhile pushes others down, so some are shown twice and none is missed.
        """
        seen, row, highest = _walk(cursor)
        form = {"location": _RECEIVED, "from": "", "index": str(row), "count": str(INBOX_PAGE)}
        rows = incoming(self._told("GetMessages", form))
        ids = [int(message.gateway_key) for message in rows if is_reference(message.gateway_key)]
        highest = max([highest, *ids])
        messages = tuple(message for message in rows if not _is_seen(message, seen))
        deeper = row + INBOX_PAGE
        is_over = len(rows) < INBOX_PAGE or any(each <= seen for each in ids)
        if is_over or deeper >= (_DEEPEST_ROW if seen else _DEEPEST_FIRST_ROW):
            return InboxPage(messages=messages, cursor=str(highest))
        return InboxPage(messages=messages, cursor=f"{seen} {deeper} {highest}", has_more=True)

    def check(self) -> str:
        """Ask for the credit: it needs the right user name and password, and changes nothing."""
        return f"payamak-panel answers; credit for {self.credit().amount:f} messages is left."

    def close(self) -> None:
        """Close the pool."""
        self._client.close()

    def _sending(self, message: OutgoingMessage) -> tuple[str, dict[str, str]]:
        if message.pattern is None:
            return "SendSMS", {
                "to": message.mobile,
                "from": self._sender,
                "text": message.text,
                "isFlash": "false",
            }
        if not is_reference(message.pattern.code):
            raise_unless_done(self._codes, GatewayAnswer(code=_NO_PATTERN), _NAME)
        values = SEPARATOR.join(message.pattern.values.values())
        return "BaseServiceNumber", {"text": values, "to": message.mobile, "bodyId": message.pattern.code}

    def _told(self, method: str, form: Mapping[str, str]) -> Mapping[str, Any]:
        answer = self._ask(method, form, is_safe=True)
        raise_unless_done(self._codes, answer, _NAME)
        return answer.data if isinstance(answer.data, dict) else {}

    def _ask(self, method: str, form: Mapping[str, str], *, is_safe: bool) -> GatewayAnswer:
        answer = self._client.request(
            "POST",
            method,
            headers={"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"},
            body=urlencode({**self._identity, **form}, errors="replace").encode("ascii"),
            is_safe=is_safe,
            max_answer_bytes=_LARGEST_ANSWER,
        )
        return read(answer, self._codes)


def _walk(cursor: str | None) -> tuple[int, int, int]:
    """Return the highest id of earlier walks, the row to go on at, and the highest id of this walk."""
    numbers = [int(part) for part in (cursor or "").split()[:3] if is_reference(part) or part == "0"]
    if len(numbers) == 3:
        return numbers[0], numbers[1], numbers[2]
    seen = numbers[0] if numbers else 0
    return seen, 0, seen


def _is_seen(message: IncomingMessage, seen: int) -> bool:
    # Its ids are ordered: the vendor's own GetMessagesAfterID goes by them.
    return is_reference(message.gateway_key) and int(message.gateway_key) <= seen


def _build(settings: MelipayamakSettings, site: AdapterSite) -> Melipayamak:
    return Melipayamak(settings, load_gateway_codes(site.mappings, "melipayamak"), site.pool_size)


GATEWAY: Final = AdapterKind(
    summary="MeliPayamak, FaraPayamak and others on payamak-panel, REST interface",
    settings=MelipayamakSettings,
    build=_build,
)
