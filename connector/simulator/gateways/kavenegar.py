"""Kavenegar on loopback, as its REST interface is documented.

The key is a part of the path; ``return.status`` in the body says how a call went; one bad number refuses the whole
call; fields are not repeated, arrays are JSON in one field each; 200 texts and 500 ids at most.
"""

import hmac
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Any, ClassVar, Final
from urllib.parse import parse_qs

import orjson

from connector.simulator.exchange import Reply
from connector.simulator.fault_kinds import Fault
from connector.simulator.gateways.book import Arrival, NumberKind, SentText, VendorPattern
from connector.simulator.gateways.vendor import Heard, HttpVendor, Place, Trait

__all__ = ["KavenegarVendor"]

_MOST_SENT: Final = 200
_MOST_ASKED: Final = 500
_MOST_SHOWN: Final = 100
_LONGEST: Final = 1800
_LONGEST_TOKEN: Final = 100
_SERVICE_LINE: Final = "10008663"
_SPACES: Final = {"token": 0, "token2": 0, "token3": 0, "token10": 5, "token20": 8}
_REFUSALS: Final = {NumberKind.INVALID: 411, NumberKind.STRANGE: 477}
_EXPIRES: Final = int(datetime(2027, 12, 28, 8, tzinfo=UTC).timestamp())

Form = Mapping[str, str]


class _Refused(Exception):
    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


class KavenegarVendor(HttpVendor):
    """One account of Kavenegar."""

    adapter: ClassVar[str] = "kavenegar"
    exempt: ClassVar[Mapping[StrEnum, str]] = MappingProxyType(
        {
            Trait.BLACKLIST: "Kavenegar documents no code for a blacklisted number at the sending.",
            Trait.HOURS: "Kavenegar documents no code for sending outside its hours.",
            Trait.CODE_EACH: "Kavenegar answers for the whole call, and not for each text.",
        }
    )
    codes: ClassVar[Mapping[Arrival, str]] = MappingProxyType(
        {
            Arrival.UNDERWAY: "5",
            Arrival.DELIVERED: "10",
            Arrival.UNDELIVERED: "11",
            Arrival.BLACKLISTED: "14",
            Arrival.FORGOTTEN: "100",
            Arrival.UNHEARD_OF: "77",
        }
    )
    pattern: ClassVar[VendorPattern | None] = VendorPattern(
        code="registered", places=("token", "token10"), words="نامهٔ شما با شمارهٔ {token} در {token10} ثبت شد."
    )

    def settings(self, place: Place) -> Mapping[str, Any]:
        """Return the settings of an adapter that is connected to it."""
        return {"key": place.secret, "sender": self.book.line, "http": place.http}

    def answer(self, heard: Heard) -> Reply:
        """Answer one call."""
        parts = heard.request.path.split("/")
        if len(parts) != 5 or parts[1] != "v1":
            return _written(404)
        if not hmac.compare_digest(parts[2].encode(), self.secret.encode()):
            return _written(403)
        deed, do = self._deeds().get(f"{parts[3]}/{parts[4]}", ("", None))
        if do is None:
            return _written(404)
        fields = parse_qs(heard.body.decode("utf-8"), keep_blank_values=True)
        if any(len(values) > 1 for values in fields.values()):
            return _written(400)
        form = {name: values[0] for name, values in fields.items()}
        return self.around(deed, _key_of(form), lambda: _carried(do, form))

    def words(self, fault: Fault) -> Reply | None:
        """Return the vendor's own words for a fault."""
        match fault:
            case Fault.BUSY:
                return _written(409)
            case Fault.UNMAPPED_CODE:
                return _written(999, http=200)
            case Fault.WRONG_PASSWORD:
                return _written(403)
            case Fault.TOO_MANY:
                return _written(451, http=200, headers={"Retry-After": "1"})
            case Fault.TOO_MANY_SILENT:
                return _written(429)
        return None

    def _deeds(self) -> dict[str, tuple[str, Callable[[Form], Any]]]:
        return {
            "sms/send.json": ("send", self._send),
            "sms/sendarray.json": ("send", self._send_array),
            "verify/lookup.json": ("send", self._lookup),
            "sms/statuslocalmessageid.json": ("find", self._status_by_local_id),
            "sms/status.json": ("delivery", self._status),
            "account/info.json": ("credit", self._account),
            "sms/receive.json": ("inbox", self._receive),
        }

    def _send(self, form: Form) -> list[Any]:
        receptors, text = _wanted(form, "receptor").split(","), _wanted(form, "message")
        own_ids = form["localid"].split(",") if form.get("localid") else [""] * len(receptors)
        if len(own_ids) != len(receptors):
            raise _Refused(419)
        sender = form.get("sender", self.book.line)
        return self._take(
            [(sender, each, text, own_id) for each, own_id in zip(receptors, own_ids, strict=True)]
        )

    def _send_array(self, form: Form) -> list[Any]:
        arrays = [_array(form, name) for name in ("sender", "receptor", "message")]
        own_ids = _array(form, "localmessageids") if "localmessageids" in form else [""] * len(arrays[0])
        if len({len(array) for array in (*arrays, own_ids)}) != 1:
            raise _Refused(419)
        return self._take([tuple(map(str, row)) for row in zip(*arrays, own_ids, strict=True)])

    def _take(self, rows: Sequence[tuple[str, ...]]) -> list[Any]:
        if len(rows) > min(_MOST_SENT, self.book.most_at_once or _MOST_SENT):
            raise _Refused(414)
        for sender, mobile, text, own_id in rows:
            if sender != self.book.line:
                raise _Refused(412)
            self._demand_number(mobile)
            if not text or len(text) > _LONGEST:
                raise _Refused(413)
            if own_id and not own_id.isdecimal():
                raise _Refused(400)
        if not self.book.can_pay(len(rows)):
            raise _Refused(418)
        taken = [
            self.book.take(mobile, text, own_id=int(own_id) if own_id else None, line=sender)
            for sender, mobile, text, own_id in rows
        ]
        entries = [_entry(sent) for sent in taken]
        if self.book.loses_reference():
            entries[0]["messageid"] = None
        return self.book.slipped(entries)

    def _lookup(self, form: Form) -> dict[str, Any]:
        mobile, template, _ = (_wanted(form, name) for name in ("receptor", "template", "token"))
        self._demand_number(mobile)
        pattern = self.book.patterns.get(template)
        if pattern is None:
            raise _Refused(424)
        values = {name: form[name] for name in _SPACES if name in form}
        if set(values) != set(pattern.places):
            raise _Refused(432)
        if any(
            value.count(" ") > _SPACES[name] or not 0 < len(value) <= _LONGEST_TOKEN
            for name, value in values.items()
        ):
            raise _Refused(431)
        if not self.book.can_pay():
            raise _Refused(418)
        # The vendor's own SDK reads one entry here, and not a list of them.
        return _entry(self.book.take(mobile, pattern.filled(values), pattern=template, line=_SERVICE_LINE))

    def _demand_number(self, mobile: str) -> None:
        if not (mobile.isascii() and mobile.isdecimal() and len(mobile) == 11 and mobile.startswith("09")):
            raise _Refused(411)
        refusal = _REFUSALS.get(self.book.number(mobile))
        if refusal is not None:
            raise _Refused(refusal)

    def _status(self, form: Form) -> list[Any]:
        return [
            {"messageid": int(wanted), **self._told(self.book.by_reference(wanted))}
            for wanted in _listed(form, "messageid")
        ]

    def _status_by_local_id(self, form: Form) -> list[Any]:
        entries = []
        for wanted in _listed(form, "localid"):
            sent = self.book.by_own_id(int(wanted))
            entries.append(
                {"messageid": int(sent.reference) if sent else 0, "localid": wanted, **self._told(sent)}
            )
        return entries

    def _told(self, sent: SentText | None) -> dict[str, Any]:
        arrival = Arrival.FORGOTTEN if sent is None else self.book.arrival(sent)
        return {"status": int(self.codes[arrival]), "statustext": str(arrival)}

    def _account(self, _: Form) -> dict[str, Any]:
        return {"remaincredit": self.book.credit, "expiredate": _EXPIRES, "type": "master"}

    def _receive(self, form: Form) -> list[Any]:
        if _wanted(form, "linenumber") != self.book.line:
            raise _Refused(412)
        if _wanted(form, "isread") != "0":
            raise _Refused(400)
        return [
            {
                "messageid": int(each.key),
                "message": each.text,
                "sender": each.sender,
                "receptor": each.line,
                "date": int(each.written_at.timestamp()),
            }
            for each in self.book.read_once(_MOST_SHOWN)
        ]


def _carried(do: Callable[[Form], Any], form: Form) -> Reply:
    try:
        return _written(200, do(form))
    except _Refused as refused:
        return _written(refused.status)


def _entry(sent: SentText) -> dict[str, Any]:
    return {
        "messageid": int(sent.reference),
        "message": sent.text,
        "status": 1,
        "statustext": "در صف ارسال",
        "sender": sent.line,
        "receptor": sent.mobile,
        "date": 1795000000,
        "cost": 120,
    }


def _key_of(form: Form) -> str:
    return form.get("localid") or form.get("localmessageids", "").strip("[]").partition(",")[0]


def _wanted(form: Form, name: str) -> str:
    if name not in form:
        raise _Refused(400)
    if not form[name]:
        raise _Refused(406)
    return form[name]


def _array(form: Form, name: str) -> list[Any]:
    try:
        values = orjson.loads(_wanted(form, name))
    except orjson.JSONDecodeError:
        raise _Refused(400) from None
    if not isinstance(values, list):
        raise _Refused(400)
    return values


def _listed(form: Form, name: str) -> list[str]:
    values = _wanted(form, name).split(",")
    if len(values) > _MOST_ASKED:
        raise _Refused(414)
    if not all(value.isdecimal() for value in values):
        raise _Refused(400)
    return values


def _written(
    status: int, entries: Any = None, *, http: int | None = None, headers: Mapping[str, str] | None = None
) -> Reply:
    body = orjson.dumps({"return": {"status": status, "message": "پاسخ سرور نمونه"}, "entries": entries})
    return Reply(http or status, body, headers=headers or {})
