"""payamak-panel on loopback (MeliPayamak, FaraPayamak and others), as its REST interface is documented.

User name and password stand in the form of each call; HTTP is always 200. ``RetStatus`` says how a call went, and
``Value`` holds an id, or a code where the call went well and the message did not.
"""

import hmac
from collections.abc import Callable, Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Any, ClassVar, Final
from urllib.parse import parse_qs

import orjson

from connector.simulator.exchange import Reply
from connector.simulator.fault_kinds import Fault
from connector.simulator.gateways.book import Arrival, NumberKind, VendorPattern, WrittenText
from connector.simulator.gateways.vendor import Heard, HttpVendor, Place, Trait

__all__ = ["MelipayamakVendor"]

_USER: Final = "chapar"
_MOST: Final = 100
_FILTERED: Final = "قمار"
"""Stands for the words that the vendor's filter knows."""
_LINKS: Final = ("http://", "https://", "www.")
_REFUSALS: Final = {NumberKind.INVALID: "18", NumberKind.STRANGE: "77"}
_SHARED_LINE: Final = "90004568"

Form = Mapping[str, str]


class _Refused(Exception):
    def __init__(self, value: str, status: int = 1) -> None:
        super().__init__(value)
        self.value = value
        self.status = status


class MelipayamakVendor(HttpVendor):
    """One account of payamak-panel."""

    adapter: ClassVar[str] = "melipayamak"
    exempt: ClassVar[Mapping[StrEnum, str]] = MappingProxyType(
        {
            Trait.HOURS: "payamak-panel documents no code for sending outside a line's hours.",
            Trait.SPLITS: "payamak-panel takes one text in a call.",
            Trait.NUMBERS_SHOWN: "payamak-panel answers with one id, without the number.",
        }
    )
    codes: ClassVar[Mapping[Arrival, str]] = MappingProxyType(
        {
            Arrival.UNDERWAY: "8",
            Arrival.DELIVERED: "1",
            Arrival.UNDELIVERED: "2",
            Arrival.BLACKLISTED: "35",
            Arrival.FORGOTTEN: "100",
            Arrival.UNHEARD_OF: "77",
        }
    )
    pattern: ClassVar[VendorPattern | None] = VendorPattern(
        code="12345", places=("number", "code"), words="نامهٔ شما با شمارهٔ {number} ثبت شد؛ کد {code}."
    )

    def settings(self, place: Place) -> Mapping[str, Any]:
        """Return the settings of an adapter that is connected to it."""
        return {"username": _USER, "password": place.secret, "sender": self.book.line, "http": place.http}

    def answer(self, heard: Heard) -> Reply:
        """Answer one call."""
        fields = parse_qs(heard.body.decode("utf-8", "replace"), keep_blank_values=True)
        form = {name.lower(): values[0] for name, values in fields.items()}
        is_secret = hmac.compare_digest(form.get("password", "").encode(), self.secret.encode())
        if heard.request.method != "POST" or form.get("username") != _USER or not is_secret:
            return _written("0", 35)
        deed, do = self._deeds().get(heard.request.path.strip("/"), ("", None))
        if do is None:
            return Reply(404, b"<html>404</html>", "text/html")
        return self.around(deed, form.get("to", ""), lambda: _carried(do, form))

    def words(self, fault: Fault) -> Reply | None:
        """Return the vendor's own words for a fault."""
        match fault:
            case Fault.BUSY:
                return _written("6")
            case Fault.UNMAPPED_CODE:
                return _written("77")
            case Fault.WRONG_PASSWORD:
                return _written("0", 35)
            case Fault.TOO_MANY | Fault.TOO_MANY_SILENT:
                return _written("", 4)
        return None

    def _deeds(self) -> dict[str, tuple[str, Callable[[Form], Any]]]:
        return {
            "SendSMS": ("send", self._send),
            "BaseServiceNumber": ("send", self._by_pattern),
            "GetDeliveries2": ("delivery", self._delivery),
            "GetCredit": ("credit", lambda _: _value(f"{self.book.credit}.00")),
            "GetMessages": ("inbox", self._messages),
        }

    def _send(self, form: Form) -> Any:
        mobiles, text = form.get("to", "").split(","), form.get("text", "")
        if len(mobiles) > _MOST:
            raise _Refused("-2")
        if len(mobiles) > 1 and "لغو11" not in text:
            raise _Refused("15")
        if form.get("from") != self.book.line:
            raise _Refused("5")
        if not text:
            raise _Refused("17")
        if _FILTERED in text:
            raise _Refused("7")
        if any(mark in text for mark in _LINKS):
            raise _Refused("14")
        for mobile in mobiles:
            self._demand_number(mobile)
            if self.book.number(mobile) is NumberKind.BLACKLISTED:
                raise _Refused("", 35)
        if not self.book.can_pay(len(mobiles)):
            raise _Refused("2")
        sent = [self.book.take(mobile, text) for mobile in mobiles]
        return self._taken(sent[0].reference)

    def _by_pattern(self, form: Form) -> Any:
        mobile, values = form.get("to", ""), form.get("text", "").split(";")
        if "," in mobile:
            raise _Refused("-2")
        pattern = self.book.patterns.get(form.get("bodyid", ""))
        if pattern is None:
            raise _Refused("-4")
        if len(values) != len(pattern.places) or not all(values):
            raise _Refused("-5")
        if any(mark in value for value in values for mark in _LINKS):
            raise _Refused("-10")
        self._demand_number(mobile)
        if not self.book.can_pay():
            raise _Refused("2")
        text = pattern.filled(dict(zip(pattern.places, values, strict=True)))
        return self._taken(self.book.take(mobile, text, pattern=pattern.code, line=_SHARED_LINE).reference)

    def _taken(self, reference: str) -> Any:
        return _value("1" if self.book.loses_reference() else reference)

    def _demand_number(self, mobile: str) -> None:
        is_written = mobile.isascii() and mobile.isdecimal() and len(mobile) == 11 and mobile.startswith("09")
        if not mobile:
            raise _Refused("16")
        if not is_written or self.book.number(mobile) in _REFUSALS:
            raise _Refused(_REFUSALS.get(self.book.number(mobile), "18"))

    def _delivery(self, form: Form) -> Any:
        sent = self.book.by_reference(form.get("recid", ""))
        return _value(self.codes[Arrival.FORGOTTEN if sent is None else self.book.arrival(sent)])

    def _messages(self, form: Form) -> Any:
        if form.get("location") != "1":
            return {"MyBase": _value(""), "Data": []}
        index, count = int(form.get("index", "0")), min(int(form.get("count", "0")), _MOST)
        newest = self.book.written[::-1]
        return {"MyBase": _value(""), "Data": [_row(each) for each in newest[index : index + count]]}


def _row(written: WrittenText) -> dict[str, Any]:
    return {
        "MsgID": int(written.key),
        "Body": written.text,
        "Sender": written.sender,
        "Receiver": written.line,
        "SendDate": f"/Date({int(written.written_at.timestamp())}000+0330)/",
        "IsRead": False,
    }


def _value(value: str, status: int = 1) -> dict[str, Any]:
    return {"Value": value, "RetStatus": status, "StrRetStatus": "Ok" if status == 1 else "InvalidData"}


def _carried(do: Callable[[Form], Any], form: Form) -> Reply:
    try:
        return Reply(200, orjson.dumps(do(form)))
    except _Refused as refused:
        return _written(refused.value, refused.status)


def _written(value: str, status: int = 1) -> Reply:
    return Reply(200, orjson.dumps(_value(value, status)))
