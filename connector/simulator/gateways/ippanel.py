"""IPPanel on loopback, as its Edge interface is documented.

The key stands in Authorization, bare; numbers are E.164; ``meta`` says how a call went beside the HTTP status, and
``meta.errors`` names the fields at fault. A text without credit is taken, and reported as not sent (state 8).
"""

import hmac
import re
from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from types import MappingProxyType
from typing import Any, ClassVar, Final

import orjson

from connector.simulator.exchange import Reply
from connector.simulator.fault_kinds import Fault
from connector.simulator.gateways.book import Arrival, NumberKind, SentText, VendorPattern, WrittenText
from connector.simulator.gateways.vendor import Heard, HttpVendor, Place, Trait

__all__ = ["IpPanelVendor"]

_NUMBER: Final = re.compile(r"\+989[0-9]{9}")
_LONGEST_VALUE: Final = 40
_SENT: Final = 6
_NO_CREDIT: Final = 8

Body = Mapping[str, Any]


class _Refused(Exception):
    def __init__(self, http: int, code: str, *fields: str) -> None:
        super().__init__(code)
        self.http = http
        self.code = code
        self.fields = fields


class IpPanelVendor(HttpVendor):
    """One account of IPPanel."""

    adapter: ClassVar[str] = "ippanel"
    exempt: ClassVar[Mapping[StrEnum, str]] = MappingProxyType(
        {
            Trait.ACCOUNT: "IPPanel documents no word for it at the sending: it takes the text and reports state 8.",
            Trait.BLACKLIST: "IPPanel documents no code for a blacklisted number at the sending.",
            Trait.HOURS: "IPPanel documents no code for sending outside a line's hours.",
            Trait.SPLITS: "IPPanel states no limit for one call.",
            Trait.CODE_EACH: "IPPanel gives each text an id, and no code of its own.",
            Trait.NUMBERS_SHOWN: "IPPanel answers with ids alone: another order cannot be seen.",
        }
    )
    codes: ClassVar[Mapping[Arrival, str]] = MappingProxyType(
        {
            Arrival.UNDERWAY: "1",
            Arrival.DELIVERED: "2",
            Arrival.UNDELIVERED: "3",
            Arrival.BLACKLISTED: "4",
            Arrival.FORGOTTEN: "404",
            Arrival.UNHEARD_OF: "77",
        }
    )
    pattern: ClassVar[VendorPattern | None] = VendorPattern(
        code="jhaskdab45s6f4sfw",
        places=("number", "code"),
        words="نامهٔ شما با شمارهٔ {number} ثبت شد؛ کد {code}.",
    )

    def __init__(self, secret: str) -> None:
        """Bind the address."""
        super().__init__(secret)
        self.book.line = "+9830001234"
        self.unpaid: set[str] = set()
        """Ids of texts that were taken and never sent, for want of credit."""

    def settings(self, place: Place) -> Mapping[str, Any]:
        """Return the settings of an adapter that is connected to it."""
        return {"key": place.secret, "sender": self.book.line, "http": place.http}

    def answer(self, heard: Heard) -> Reply:
        """Answer one call."""
        key = heard.request.headers.get("authorization", "")
        if not hmac.compare_digest(key.encode(), self.secret.encode()):
            return _refusal(401, "400-1")
        body, query = _json_of(heard), heard.request.query
        deeds: dict[str, tuple[str, Callable[[], Any]]] = {
            "POST api/send": ("send", lambda: self._send(body)),
            "GET api/report/recipients": ("delivery", lambda: self._recipients(query)),
            "GET api/report/by_bulk": ("delivery", lambda: self._by_bulk(query)),
            "GET api/payment/credit/mine": ("credit", self._credit),
            "POST api/report/messages-inbox": ("inbox", lambda: self._inbox(body)),
        }
        place = f"{heard.request.method} {heard.request.path.strip('/')}"
        if place not in deeds:
            return _refusal(404, "400-1")
        deed, do = deeds[place]
        return self.around(deed, str(query.get("bulk_id", "")), lambda: _carried(do))

    def words(self, fault: Fault) -> Reply | None:
        """Return the vendor's own words for a fault."""
        match fault:
            case Fault.UNMAPPED_CODE:
                return _refusal(400, "400-77")
            case Fault.WRONG_PASSWORD:
                return _refusal(401, "400-1")
        return None

    def _send(self, body: Body) -> Any:
        kinds = {"webservice": self._webservice, "peer_to_peer": self._peer_to_peer, "pattern": self._pattern}
        kind = kinds.get(str(body.get("sending_type")))
        if kind is None:
            raise _Refused(422, "400-2", "sending_type")
        if body.get("from_number") != self.book.line:
            raise _Refused(422, "400-2", "from_number")
        if "send_time" in body:
            raise _Refused(422, "400-2", "send_time")
        ids: list[Any] = [int(sent.reference) for sent in kind(body)]
        if self.book.loses_reference():
            ids[0] = None
        return {"message_outbox_ids": self.book.slipped(ids)}

    def _webservice(self, body: Body) -> list[SentText]:
        params = body.get("params")
        recipients = params.get("recipients") if isinstance(params, dict) else None
        return self._take([(recipients, body.get("message"), "params.recipients")])

    def _peer_to_peer(self, body: Body) -> list[SentText]:
        rows = body.get("params")
        if not isinstance(rows, list) or not rows or not all(isinstance(row, dict) for row in rows):
            raise _Refused(422, "400-2", "params")
        named = enumerate(rows)
        return self._take(
            [
                (row.get("recipients"), row.get("message"), f"params.{place}.recipients")
                for place, row in named
            ]
        )

    def _take(self, rows: Sequence[tuple[Any, Any, str]]) -> list[SentText]:
        for recipients, text, field in rows:
            if not isinstance(text, str) or not text:
                raise _Refused(422, "400-2", "message")
            self._demand_numbers(recipients, field)
        return [self._taken(recipients[0], text) for recipients, text, _ in rows]

    def _pattern(self, body: Body) -> list[SentText]:
        pattern = self.book.patterns.get(str(body.get("code")))
        if pattern is None:
            raise _Refused(422, "400-2", "code")
        self._demand_numbers(body.get("recipients"), "recipients")
        values = body.get("params")
        if not isinstance(values, dict) or set(values) != set(pattern.places):
            raise _Refused(422, "400-2", "params")
        if any(not isinstance(value, str) or len(value) > _LONGEST_VALUE for value in values.values()):
            raise _Refused(422, "400-2", "params")
        return [self._taken(body["recipients"][0], pattern.filled(values), pattern.code)]

    def _demand_numbers(self, recipients: Any, field: str) -> None:
        if not isinstance(recipients, list) or len(recipients) != 1:
            raise _Refused(422, "400-2", field)
        number = recipients[0]
        is_written = isinstance(number, str) and _NUMBER.fullmatch(number) is not None
        if not is_written or self.book.number(f"0{number[3:]}") is NumberKind.INVALID:
            raise _Refused(422, "400-2", f"{field}.0")

    def _taken(self, recipient: str, text: str, pattern: str | None = None) -> SentText:
        is_paid = self.book.can_pay()
        sent = self.book.take(f"0{recipient[3:]}", text, pattern=pattern)
        if not is_paid:
            self.book.credit += self.book.price
            self.unpaid.add(sent.reference)
        return sent

    def _known(self, reference: str) -> SentText:
        sent = self.book.by_reference(reference)
        if sent is None:
            raise _Refused(404, "400-1")
        return sent

    def _recipients(self, query: Mapping[str, str]) -> Any:
        if not query.get("bulk_id"):
            raise _Refused(422, "400-2", "bulk_id")
        sent = self._known(query["bulk_id"])
        if sent.reference in self.unpaid:
            return []
        status = self.codes[self.book.arrival(sent)]
        row = {
            "recipient": f"+98{sent.mobile[1:]}",
            "message": sent.text,
            "msg_parts": "1",
            "is_readable": True,
        }
        return [row | {"message_status": status}]

    def _by_bulk(self, query: Mapping[str, str]) -> Any:
        sent = self._known(query.get("messages_outbox_id", ""))
        state = _NO_CREDIT if sent.reference in self.unpaid else _SENT
        return {"messages_outbox_id": sent.reference, "rcpts_count": "1", "cost": 120, "state_id": state}

    def _credit(self) -> Any:
        return {"credit": float(self.book.credit), "gift": 0, "updated_at": "2026-11-21 08:00:00"}

    def _inbox(self, body: Body) -> Any:
        page, size = int(body.get("page", 1)), min(int(body.get("per_page", 10)), 100)
        after = (body.get("filters") or {}).get("from_id", 0)
        newer = [each for each in self.book.written[::-1] if int(each.key) > int(after)]
        return [_brought(each) for each in newer[(page - 1) * size : page * size]]


def _brought(written: WrittenText) -> dict[str, Any]:
    return {
        "messages_inbox_id": int(written.key),
        "from": written.sender,
        "number": written.line,
        "message": written.text,
        "type": "normal",
        "time": int(written.written_at.timestamp()),
        "seen": "0",
    }


def _json_of(heard: Heard) -> Body:
    try:
        document = orjson.loads(heard.body or b"{}")
    except orjson.JSONDecodeError:
        return {}
    return document if isinstance(document, dict) else {}


def _carried(do: Callable[[], Any]) -> Reply:
    try:
        meta = {"status": True, "message": "انجام شد", "message_code": "200-1"}
        return Reply(200, orjson.dumps({"data": do(), "meta": meta}))
    except _Refused as refused:
        return _refusal(refused.http, refused.code, *refused.fields)


def _refusal(http: int, code: str, *fields: str) -> Reply:
    meta = {"status": False, "message": "خطا", "message_parameters": [], "message_code": code}
    errors = {field: ["تکمیل گزینه الزامی است"] for field in fields}
    return Reply(http, orjson.dumps({"data": None, "meta": {**meta, "errors": errors}}))
