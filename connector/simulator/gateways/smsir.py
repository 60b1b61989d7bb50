"""SMS.ir on loopback, as version 1 of its REST interface is documented.

The key stands in X-API-KEY; ``status`` in the envelope says how a call went, beside HTTP 200, 400, 401, 429 and 500;
a pack has an id for each number by position, 0 for a blacklisted one and null for one that cannot be sent to.
"""

import hmac
from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from types import MappingProxyType
from typing import Any, ClassVar, Final
from uuid import UUID

import orjson

from connector.simulator.exchange import Reply
from connector.simulator.fault_kinds import Fault
from connector.simulator.gateways.book import Arrival, NumberKind, SentText, VendorPattern, WrittenText
from connector.simulator.gateways.vendor import Heard, HttpVendor, Place, Trait

__all__ = ["SmsIrVendor"]

_MOST: Final = 100
_LONGEST: Final = 1000
"""Characters of a text; the vendor documents that there is a bound and not which."""
_LONGEST_VALUE: Final = 25
_NO_ID: Final = ""
_SERVICE_LINE: Final = "300000000000"

Body = Any


class _Refused(Exception):
    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


class SmsIrVendor(HttpVendor):
    """One account of SMS.ir."""

    adapter: ClassVar[str] = "smsir"
    exempt: ClassVar[Mapping[StrEnum, str]] = MappingProxyType(
        {
            Trait.HOURS: "SMS.ir documents no code for sending outside a line's hours.",
            Trait.CODE_EACH: "SMS.ir gives each text an id, 0 or null, and no code of its own.",
            Trait.NUMBERS_SHOWN: "SMS.ir answers with ids alone: another order cannot be seen.",
        }
    )
    codes: ClassVar[Mapping[Arrival, str]] = MappingProxyType(
        {
            Arrival.UNDERWAY: "5",
            Arrival.DELIVERED: "1",
            Arrival.UNDELIVERED: "2",
            Arrival.BLACKLISTED: "7",
            Arrival.FORGOTTEN: "111",
            Arrival.UNHEARD_OF: "77",
        }
    )
    pattern: ClassVar[VendorPattern | None] = VendorPattern(
        code="123456", places=("NUMBER", "CODE"), words="نامهٔ شما با شمارهٔ {NUMBER} ثبت شد؛ کد {CODE}."
    )

    def __init__(self, secret: str) -> None:
        """Bind the address."""
        super().__init__(secret)
        self.packs: dict[str, list[str]] = {}
        """The ids of each pack that was sent."""

    def settings(self, place: Place) -> Mapping[str, Any]:
        """Return the settings of an adapter that is connected to it."""
        return {"key": place.secret, "sender": self.book.line, "http": place.http}

    def answer(self, heard: Heard) -> Reply:
        """Answer one call."""
        key = heard.request.headers.get("x-api-key", "")
        if not hmac.compare_digest(key.encode(), self.secret.encode()):
            return _written(10, http=401)
        place = f"{heard.request.method} {heard.request.path.strip('/')}"
        query = heard.request.query
        if (posted := self._posted().get(place)) is not None:
            body = _json_of(heard)
            return self.around("send", _key_of(body), lambda: _carried(lambda: posted(body)))
        deed, do = self._asked(place, query)
        return self.around(deed, place, lambda: _carried(do)) if deed else Reply(404, b"{}")

    def words(self, fault: Fault) -> Reply | None:
        """Return the vendor's own words for a fault."""
        match fault:
            case Fault.UNMAPPED_CODE:
                return _written(999, http=400)
            case Fault.WRONG_PASSWORD:
                return _written(10, http=401)
            case Fault.TOO_MANY:
                return _written(20, http=429, headers={"Retry-After": "1"})
            case Fault.TOO_MANY_SILENT:
                return _written(20, http=429)
        return None

    def _posted(self) -> dict[str, Callable[[Body], Any]]:
        return {
            "POST send/likeToLike": self._like_to_like,
            "POST send/bulk": self._bulk,
            "POST send/verify": self._verify,
        }

    def _asked(self, place: str, query: Mapping[str, str]) -> tuple[str, Callable[[], Any]]:
        simple: dict[str, tuple[str, Callable[[], Any]]] = {
            "GET credit": ("credit", lambda: float(self.book.credit)),
            "GET line": ("line", lambda: [int(self.book.line), 300012345678]),
            "GET receive/latest": ("inbox", lambda: self._latest(query)),
            "GET receive/live": ("inbox", lambda: self._live(query)),
        }
        if place in simple:
            return simple[place]
        if place.startswith("GET send/pack/"):
            return "delivery", lambda: self._pack(place.rpartition("/")[2])
        if place.startswith("GET send/"):
            return "delivery", lambda: self._report(place.rpartition("/")[2])
        return "", lambda: None

    def _like_to_like(self, body: Body) -> Any:
        texts, mobiles = _list(body, "messageTexts", 108), _list(body, "mobiles", 107)
        most = self.book.most_at_once or _MOST
        if len(mobiles) > most or len(texts) > most:
            raise _Refused(105 if len(mobiles) > most else 106)
        if len(texts) != len(mobiles):
            raise _Refused(110)
        return self._take(body, list(zip(mobiles, texts, strict=True)))

    def _bulk(self, body: Body) -> Any:
        mobiles, text = _list(body, "mobiles", 107), body.get("messageText")
        if len(mobiles) > (self.book.most_at_once or _MOST):
            raise _Refused(105)
        return self._take(body, [(mobile, text) for mobile in mobiles])

    def _take(self, body: Body, rows: Sequence[tuple[Any, Any]]) -> Any:
        if type(body.get("lineNumber")) is not int or str(body["lineNumber"]) != self.book.line:
            raise _Refused(101)
        if body.get("sendDateTime") is not None:
            raise _Refused(109)
        if not all(isinstance(text, str) and text for _, text in rows):
            raise _Refused(103)
        if not any(self._is_number(mobile) for mobile, _ in rows):
            raise _Refused(104)
        ids: list[Any] = [self._refusal(mobile, text) for mobile, text in rows]
        if not self.book.can_pay(ids.count(_NO_ID)):
            raise _Refused(102)
        for place, (mobile, text) in enumerate(rows):
            if ids[place] == _NO_ID:
                ids[place] = int(self.book.take(mobile, text).reference)
        pack = str(UUID(int=len(self.packs) + 1))
        self.packs[pack] = [str(each) for each in ids if each]
        if self.book.loses_reference():
            ids[0] = _NO_ID
        return {"packId": pack, "messageIds": self.book.slipped(ids), "cost": float(len(rows))}

    def _refusal(self, mobile: Any, text: str) -> Any:
        """Return 0 or null for a number that gets nothing, and no id yet for one that does."""
        if not self._is_number(mobile) or len(text) > _LONGEST:
            return None
        return 0 if self.book.number(mobile) is NumberKind.BLACKLISTED else _NO_ID

    def _is_number(self, mobile: Any) -> bool:
        is_written = isinstance(mobile, str) and mobile.isascii() and mobile.isdecimal() and len(mobile) == 11
        return is_written and mobile.startswith("09") and self.book.number(mobile) is not NumberKind.INVALID

    def _verify(self, body: Body) -> Any:
        template, parameters = body.get("templateId"), body.get("parameters")
        pattern = self.book.patterns.get(str(template)) if type(template) is int else None
        if pattern is None:
            raise _Refused(113)
        if not self._is_number(body.get("mobile")):
            raise _Refused(104)
        values = {}
        for each in parameters if isinstance(parameters, list) else ():
            name, value = each.get("name"), each.get("value")
            if not name or "#" in name:
                raise _Refused(116)
            if len(value) > _LONGEST_VALUE:
                raise _Refused(114)
            values[name.upper()] = value
        if set(values) != set(pattern.places):
            raise _Refused(117)
        if not self.book.can_pay():
            raise _Refused(102)
        sent = self.book.take(
            body["mobile"], pattern.filled(values), pattern=pattern.code, line=_SERVICE_LINE
        )
        return {"messageId": _NO_ID if self.book.loses_reference() else int(sent.reference), "cost": 1.0}

    def _report(self, message_id: str) -> Any:
        sent = self.book.by_reference(message_id)
        if sent is None:
            raise _Refused(111)
        return self._told(sent)

    def _pack(self, pack: str) -> Any:
        found = [self.book.by_reference(each) for each in self.packs.get(pack, ())]
        if not any(found):
            raise _Refused(111)
        return [self._told(sent) for sent in found if sent is not None]

    def _told(self, sent: SentText) -> dict[str, Any]:
        return {
            "messageId": int(sent.reference),
            "mobile": int(sent.mobile),
            "messageText": sent.text,
            "sendDateTime": 1795000000,
            "lineNumber": int(sent.line),
            "cost": 1.0,
            "deliveryState": int(self.codes[self.book.arrival(sent)]),
            "deliveryDateTime": None,
        }

    def _latest(self, query: Mapping[str, str]) -> Any:
        shown = self.book.read_once(min(int(query.get("count", "100")), _MOST))
        return [{"receiveReturnId": int(each.key), **_brought(each)} for each in shown]

    def _live(self, query: Mapping[str, str]) -> Any:
        size, number = min(int(query.get("pageSize", "100")), _MOST), int(query.get("pageNumber", "1"))
        day = self.book.written[::-1] if query.get("sortByNewest") == "true" else self.book.written
        return [_brought(each) for each in day[(number - 1) * size : number * size]]


def _brought(written: WrittenText) -> dict[str, Any]:
    # All that receive/live documents; receive/latest has an id beside it.
    return {
        "messageText": written.text,
        "number": _number(written.line),
        "mobile": _number(written.sender),
        "receivedDateTime": int(written.written_at.timestamp()),
    }


def _number(text: str) -> int | str:
    # Numbers are whole numbers here: 0912… loses its zero.
    return int(text) if text.isascii() and text.isdigit() else text


def _list(body: Body, name: str, refusal: int) -> list[Any]:
    values = body.get(name)
    if not isinstance(values, list) or not values:
        raise _Refused(refusal)
    return values


def _json_of(heard: Heard) -> Body:
    try:
        document = orjson.loads(heard.body)
    except orjson.JSONDecodeError:
        return {}
    return document if isinstance(document, dict) else {}


def _key_of(body: Body) -> str:
    mobiles = body.get("mobiles")
    return str(mobiles[0] if isinstance(mobiles, list) and mobiles else body.get("mobile"))


def _carried(do: Callable[[], Any]) -> Reply:
    try:
        return _written(1, do())
    except _Refused as refused:
        return _written(refused.status, http=400)


def _written(
    status: int, data: Any = None, *, http: int = 200, headers: Mapping[str, str] | None = None
) -> Reply:
    body = orjson.dumps({"status": status, "message": "پاسخ سرور نمونه", "data": data})
    return Reply(http, body, headers=headers or {})
