"""Ghasedak: the web service of gateway.ghasedak.me, version 1.

The key stands in the header ApiKey. Success has two levels: ``isSuccess`` with ``statusCode``, and an id for each
message. Our id goes along as ``clientReferenceId`` and can be asked for, also for a text that was sent by a template.
"""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, Final
from urllib.parse import urlencode

from adapters.gateways.ghasedak.answers import field_of, incoming, outcomes, read, rows_of
from adapters.gateways.ghasedak.settings import GhasedakSettings
from connector.errors import Misbehaved
from connector.mapping.gateway_answers import (
    GatewayAnswer,
    amount_of,
    is_reference,
    iso_instant,
    outcomes_of_refusal,
    raise_unless_done,
)
from connector.mapping.gateway_codes import GatewayCodes, load_gateway_codes, state_of
from connector.ports.catalogue import AdapterKind, AdapterSite
from connector.ports.credit import Credit
from connector.ports.gateway import GatewayCapabilities, OutgoingMessage
from connector.ports.in_parts import in_parts, texts_then_patterns
from connector.ports.incoming import InboxPage
from connector.ports.outcomes import DeliveryState, MessageFound, SendOutcome, StillUnderway
from connector.ports.pattern import PatternRules
from connector.ports.shown_once import Look, ShownOnceInbox
from connector.transport.json_bodies import as_json

__all__ = ["GATEWAY", "Ghasedak"]

STATUS_BATCH: Final = 100
"""Ids of one status call, by the vendor's documents."""
INBOX_PAGE: Final = 100
"""Messages of one page of the inbox: as many as can be had again when its answer is lost; 200 are allowed."""
_BY_MESSAGE_ID: Final = "1"
_BY_OWN_ID: Final = "2"
_LARGEST_ANSWER: Final = 1024 * 1024


class Ghasedak:
    """One Ghasedak account, connected."""

    def __init__(self, settings: GhasedakSettings, codes: GatewayCodes, pool_size: int) -> None:
        """Read the key and open the pool; nobody is called. Raise SecretMissing when there is no key."""
        from connector.transport.http import HttpClient  # whoever reads settings does without

        self._headers = {"ApiKey": settings.key.reveal(), "Accept": "application/json"}
        self._settings = settings
        self._codes = codes
        self._client = HttpClient(settings.http, pool_size)
        self._inbox = ShownOnceInbox(queue=self._unread, again=self._read)
        self.capabilities = GatewayCapabilities(
            batch_size=settings.batch_size,
            find_by_own_id=True,
            delivery_batch=STATUS_BATCH,
            patterns=PatternRules(can_be_found=True),
            has_inbox=True,
            inbox_reads_once=True,
            tells_credit=True,
            delivery_horizon=timedelta(hours=36),
            concurrency=2,
        )

    def send(self, messages: Sequence[OutgoingMessage]) -> list[SendOutcome]:
        """Send a batch: all free texts in one call, each template in a call of its own."""
        return in_parts(messages, texts_then_patterns(messages), self._send_part)

    def find(self, own_ids: Sequence[int]) -> Mapping[int, MessageFound]:
        """Ask by our own ids, one in each call.

        How several ids are written differs between the vendor's documents and its packages, and a list that is not
        understood would look like absence: then a text would go twice.
        """
        found = {}
        for own_id in own_ids:
            for row in self._statuses([str(own_id)], _BY_OWN_ID):
                reference = field_of(row, "messageId")
                if str(field_of(row, "clientReferenceId")) == str(own_id) and is_reference(reference):
                    state = self._state(row) or StillUnderway()
                    found[own_id] = MessageFound(gateway_reference=str(reference), state=state)
        return found

    def delivery(self, gateway_references: Sequence[str]) -> Mapping[str, DeliveryState]:
        """Ask for the states of up to 100 messages; a status that our list does not have is left out."""
        found = {}
        for row in self._statuses(gateway_references, _BY_MESSAGE_ID):
            reference, state = str(field_of(row, "messageId")), self._state(row)
            if reference in gateway_references and state is not None:
                found[reference] = state
        return found

    def credit(self) -> Credit:
        """Ask for what is left, in rials, and the end of the account's plan."""
        data = self._told("GetAccountInformation", {})
        amount = amount_of(field_of(data, "credit"))
        if amount is None:
            raise Misbehaved("Ghasedak's answer has no credit in it.", reason="unreadable_answer")
        until = iso_instant(field_of(data, "expireDate"))
        return Credit(amount=amount, unit="rial", runs_until=until.date() if until else None)

    def inbox(self, cursor: str | None) -> InboxPage:
        """Return what citizens wrote: the unread, which become read by being shown, and the last hundred read ones
        where the last page may not have been stored.
        """
        return self._inbox.page(cursor)

    def check(self) -> str:
        """Ask for the account and say how much credit is left."""
        credit = self.credit()
        sentence = f"Ghasedak answers; {credit.amount:.0f} rials of credit are left"
        return (
            f"{sentence}, the plan runs until {credit.runs_until}." if credit.runs_until else f"{sentence}."
        )

    def close(self) -> None:
        """Close the pool."""
        self._client.close()

    def _send_part(self, messages: Sequence[OutgoingMessage]) -> list[SendOutcome]:
        method, body = self._sending(messages)
        answer = self._ask("POST", method, body, is_safe=False)
        refused = outcomes_of_refusal(self._codes, answer, "Ghasedak", messages, self._send_part)
        return outcomes(answer.data, messages) if refused is None else refused

    def _sending(self, messages: Sequence[OutgoingMessage]) -> tuple[str, dict[str, Any]]:
        first = messages[0]
        if first.pattern is not None:
            values = [{"param": place, "value": value} for place, value in first.pattern.values.items()]
            return "SendOtpSMS", {
                "receptors": [{"mobile": first.mobile, "clientReferenceId": str(first.own_id)}],
                "templateName": first.pattern.code,
                "inputs": values,
                "udh": False,
            }
        items = [
            {
                "lineNumber": self._settings.sender,
                "receptor": message.mobile,
                "message": message.text,
                "clientReferenceId": str(message.own_id),
            }
            for message in messages
        ]
        return "SendPairToPairSMS", {"items": items, "udh": False}

    def _unread(self) -> Look:
        data = self._shown("GetReceivedSmsesPaging", is_read=False, pageIndex="1", pageSize=str(INBOX_PAGE))
        if not rows_of(data) and field_of(data, "totalCount") not in {None, 0}:
            # The first page is 1 by the documents, and 0 by the vendor's packages.
            data = self._shown(
                "GetReceivedSmsesPaging", is_read=False, pageIndex="0", pageSize=str(INBOX_PAGE)
            )
        return tuple(incoming(data)), field_of(data, "hasNextPage") is True

    def _read(self, _number: int) -> Look:
        return tuple(incoming(self._shown("GetReceivedSmses", is_read=True))), False

    def _shown(self, method: str, *, is_read: bool, **paging: str) -> Any:
        fields = {"lineNumber": self._settings.sender, "isRead": str(is_read).lower(), **paging}
        # Never repeated by itself: what an answer shows may be shown only once.
        return self._told(method, fields, is_safe=False)

    def _statuses(self, ids: Sequence[str], kind: str) -> Sequence[Mapping[str, Any]]:
        return rows_of(self._told("CheckSmsStatus", {"Ids": ",".join(ids), "Type": kind}))

    def _state(self, row: Mapping[str, Any]) -> DeliveryState | None:
        return state_of(self._codes, f"{self._settings.statuses} {field_of(row, 'status')}")

    def _told(self, method: str, fields: Mapping[str, str], *, is_safe: bool = True) -> Any:
        path = f"{method}?{urlencode(fields, safe=',')}" if fields else method
        answer = self._ask("GET", path, is_safe=is_safe)
        raise_unless_done(self._codes, answer, "Ghasedak")
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


def _build(settings: GhasedakSettings, site: AdapterSite) -> Ghasedak:
    return Ghasedak(settings, load_gateway_codes(site.mappings, "ghasedak"), site.pool_size)


GATEWAY: Final = AdapterKind(
    summary="Ghasedak, web service of gateway.ghasedak.me, version 1",
    settings=GhasedakSettings,
    build=_build,
)
