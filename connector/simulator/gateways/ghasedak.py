"""Ghasedak on loopback, as the documents of gateway.ghasedak.me have it, with the statuses of the vendor's packages.

The key stands in ApiKey; ``isSuccess`` and ``statusCode`` say how a call went. No table of errors is published: every
refusal here is 400, and the statuses of HTTP besides. What a page of the inbox shows it marks as read.
"""

import hmac
from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from types import MappingProxyType
from typing import Any, ClassVar, Final

import orjson

from connector.simulator.exchange import Reply
from connector.simulator.fault_kinds import Fault
from connector.simulator.gateways.book import Arrival, NumberKind, SentText, VendorPattern, WrittenText
from connector.simulator.gateways.vendor import Heard, HttpVendor, Place, Trait

__all__ = ["GhasedakVendor"]

_MOST_ASKED: Final = 100
_MOST_READ: Final = 100
_MOST_PAGED: Final = 200
_BY_OWN_ID: Final = "2"
_SERVICE_LINE: Final = "210002100"

Body = Mapping[str, Any]
Query = Mapping[str, str]


class _Refused(Exception):
    pass


class GhasedakVendor(HttpVendor):
    """One account of Ghasedak."""

    adapter: ClassVar[str] = "ghasedak"
    exempt: ClassVar[Mapping[StrEnum, str]] = MappingProxyType(
        {
            Trait.ACCOUNT: "Ghasedak publishes no code for it.",
            Trait.BAD_NUMBERS: "Ghasedak publishes no code for it: 400 says that something is wrong, and not what.",
            Trait.BLACKLIST: "Ghasedak publishes no code for it at the sending.",
            Trait.HOURS: "Ghasedak publishes no code for it.",
            Trait.SPLITS: "Ghasedak states no limit for one call.",
            Trait.UNKNOWN_PATTERN: "Ghasedak publishes no code for it.",
            Trait.CODE_EACH: "Ghasedak gives each text an id, and no code of its own.",
        }
    )
    statuses: ClassVar[str] = "sdk"
    """Which of the two published lists it speaks."""
    codes: ClassVar[Mapping[Arrival, str]] = MappingProxyType(
        {
            Arrival.UNDERWAY: "10",
            Arrival.DELIVERED: "14",
            Arrival.UNDELIVERED: "13",
            Arrival.BLACKLISTED: "12",
            Arrival.FORGOTTEN: "",
            Arrival.UNHEARD_OF: "77",
        }
    )
    pattern: ClassVar[VendorPattern | None] = VendorPattern(
        code="registered", places=("Number", "Code"), words="نامهٔ شما با شمارهٔ {Number} ثبت شد؛ کد {Code}."
    )

    def settings(self, place: Place) -> Mapping[str, Any]:
        """Return the settings of an adapter that is connected to it."""
        known = {"key": place.secret, "sender": self.book.line, "http": place.http}
        return {**known, "statuses": self.statuses}

    def answer(self, heard: Heard) -> Reply:
        """Answer one call."""
        key = heard.request.headers.get("apikey", "")
        if not hmac.compare_digest(key.encode(), self.secret.encode()):
            return _written(None, 401)
        body, query = _json_of(heard), heard.request.query
        deeds: dict[str, tuple[str, Callable[[], Any]]] = {
            "POST SendPairToPairSMS": ("send", lambda: self._pairs(body)),
            "POST SendOtpSMS": ("send", lambda: self._by_template(body)),
            "GET CheckSmsStatus": (
                "find" if query.get("Type") == _BY_OWN_ID else "delivery",
                lambda: self._statuses(query),
            ),
            "GET GetAccountInformation": ("credit", self._account),
            "GET GetReceivedSmses": ("inbox", lambda: self._last(query)),
            "GET GetReceivedSmsesPaging": ("inbox", lambda: self._page(query)),
        }
        place = f"{heard.request.method} {heard.request.path.strip('/')}"
        if place not in deeds:
            return Reply(404, b"<html>404</html>", "text/html")
        deed, do = deeds[place]
        return self.around(deed, query.get("Ids", ""), lambda: _carried(do))

    def words(self, fault: Fault) -> Reply | None:
        """Return the vendor's own words for a fault."""
        match fault:
            case Fault.UNMAPPED_CODE:
                return _written(None, 477)
            case Fault.WRONG_PASSWORD:
                return _written(None, 401)
        return None

    def _pairs(self, body: Body) -> Any:
        rows = _listed(body, "items")
        for row in rows:
            if row.get("lineNumber") != self.book.line or not row.get("message"):
                raise _Refused
            self._demand_number(row.get("receptor"))
        self._demand_credit(len(rows))
        taken = [
            self.book.take(row["receptor"], row["message"], own_id=_own_id(row.get("clientReferenceId")))
            for row in rows
        ]
        return {"items": self._entries(taken)}

    def _by_template(self, body: Body) -> Any:
        pattern = self.book.patterns.get(str(body.get("templateName")))
        receptors, inputs = _listed(body, "receptors"), _listed(body, "inputs")
        values = {each.get("param"): each.get("value") for each in inputs}
        if pattern is None or set(values) != set(pattern.places) or not all(values.values()):
            raise _Refused
        for each in receptors:
            self._demand_number(each.get("mobile"))
        self._demand_credit(len(receptors))
        text = pattern.filled({str(name): str(value) for name, value in values.items()})
        taken = [
            self.book.take(
                each["mobile"],
                text,
                own_id=_own_id(each.get("clientReferenceId")),
                pattern=pattern.code,
                line=_SERVICE_LINE,
            )
            for each in receptors
        ]
        # The vendor's own example shows the receptors of the request from the last to the first.
        return {"items": self._entries(taken)[::-1], "totalCost": self.book.price * len(taken)}

    def _entries(self, taken: Sequence[SentText]) -> list[Any]:
        entries = [
            {
                "lineNumber": sent.line,
                "receptor": sent.mobile,
                "messageId": sent.reference,
                "cost": self.book.price,
                "clientReferenceId": "" if sent.own_id is None else str(sent.own_id),
                "sendDate": "2026-11-21T11:30:00.193563+03:30",
                "messageBody" if sent.pattern else "message": sent.text,
            }
            for sent in taken
        ]
        if self.book.loses_reference():
            entries[0]["messageId"] = None
        return self.book.slipped(entries)

    def _demand_number(self, mobile: Any) -> None:
        is_written = isinstance(mobile, str) and mobile.isascii() and mobile.isdecimal() and len(mobile) == 11
        if not is_written or self.book.number(mobile) is not NumberKind.GOOD:
            raise _Refused

    def _demand_credit(self, texts: int) -> None:
        if not self.book.can_pay(texts):
            raise _Refused

    def _statuses(self, query: Query) -> Any:
        ids = query.get("Ids", "").split(",")
        if len(ids) > _MOST_ASKED or not all(ids):
            raise _Refused
        by_own_id = query["Type"] == _BY_OWN_ID
        found = [self._by_own_id(each) if by_own_id else self.book.by_reference(each) for each in ids]
        return [
            {
                "messageId": sent.reference,
                "clientReferenceId": str(sent.own_id or ""),
                "message": sent.text,
                "receptor": sent.mobile,
                "status": int(self.codes[self.book.arrival(sent)]),
                "price": self.book.price,
                "sendDate": "2026-11-21T11:30:00.193563",
            }
            for sent in found
            if sent is not None
        ]

    def _by_own_id(self, text: str) -> SentText | None:
        return self.book.by_own_id(int(text)) if text.isdecimal() else None

    def _account(self) -> Any:
        return {"credit": self.book.credit, "expireDate": "2027-12-28T10:48:21+03:30", "plan": "نقره‌ای"}

    def _last(self, query: Query) -> Any:
        shown = self.book.written[: self.book.shown]
        unread = self.book.written[self.book.shown :]
        chosen = shown if query.get("isRead") == "true" else unread
        return {"items": [_brought(each) for each in chosen[-_MOST_READ:]]}

    def _page(self, query: Query) -> Any:
        if query.get("lineNumber") != self.book.line or query.get("isRead") != "false":
            raise _Refused
        size, number = min(int(query["pageSize"]), _MOST_PAGED), int(query["pageIndex"])
        total = len(self.book.written) - self.book.shown
        items = self.book.read_once(size) if number == 1 else []
        return {
            "pageIndex": number,
            "pageSize": size,
            "totalCount": total,
            "hasPreviousPage": number > 1,
            "hasNextPage": total > number * size,
            "items": [_brought(each) for each in items],
        }


def _brought(written: WrittenText) -> dict[str, Any]:
    return {
        "id": int(written.key),
        "message": written.text,
        "sender": written.sender,
        "lineNumber": written.line,
        "receiveDate": written.written_at.isoformat(),
    }


def _own_id(value: Any) -> int | None:
    return int(value) if isinstance(value, str) and value.isdecimal() else None


def _listed(body: Body, name: str) -> list[Any]:
    rows = body.get(name)
    if not isinstance(rows, list) or not rows or not all(isinstance(row, dict) for row in rows):
        raise _Refused
    return rows


def _json_of(heard: Heard) -> Body:
    try:
        document = orjson.loads(heard.body or b"{}")
    except orjson.JSONDecodeError:
        return {}
    return document if isinstance(document, dict) else {}


def _carried(do: Callable[[], Any]) -> Reply:
    try:
        return _written(do())
    except _Refused:
        return _written(None, 400)


def _written(data: Any, status: int = 200) -> Reply:
    message = "با موفقیت انجام شد" if status == 200 else "پارامترهای ورودی نامعتبر است"
    body = {"isSuccess": status == 200, "statusCode": status, "message": message, "data": data}
    return Reply(status, orjson.dumps(body))
