"""Magfa on loopback, as version 2 of its HTTP interface is documented.

A Basic user ``username/domain``; arrays as long as the recipients (one message for many is allowed); 100 recipients at
most; ``status`` 0 of the call, and one for each message; credit is spent message by message.
"""

import base64
import hmac
from collections.abc import Callable, Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Any, ClassVar, Final

import orjson

from connector.domain.calendar import local_time
from connector.domain.segments import segments
from connector.simulator.exchange import Reply
from connector.simulator.fault_kinds import Fault
from connector.simulator.gateways.book import Arrival, NumberKind
from connector.simulator.gateways.vendor import Heard, HttpVendor, Place

__all__ = ["MagfaVendor"]

_MOST: Final = 100
_MOST_PARTS: Final = 256
_USER: Final = "agency/magfa"
_REFUSALS: Final = {NumberKind.INVALID: 1, NumberKind.BLACKLISTED: 27, NumberKind.STRANGE: 77}
_LENGTHS: Final = {"senders": 103, "messages": 101, "encodings": 109, "udhs": 104, "uids": 110}
"""The codes for arrays that are not as long as the recipients; for uids none is documented, and 110 stands in."""

Answer = Mapping[str, Any]


class MagfaVendor(HttpVendor):
    """One account of Magfa."""

    adapter: ClassVar[str] = "magfa"
    exempt: ClassVar[Mapping[StrEnum, str]] = MappingProxyType(
        {Arrival.BLACKLISTED: "Magfa tells a blacklisted number at the sending."}
    )
    codes: ClassVar[Mapping[Arrival, str]] = MappingProxyType(
        {
            Arrival.UNDERWAY: "8",
            Arrival.DELIVERED: "1",
            Arrival.UNDELIVERED: "2",
            Arrival.FORGOTTEN: "-1",
            Arrival.UNHEARD_OF: "77",
        }
    )

    def settings(self, place: Place) -> Mapping[str, Any]:
        """Return the settings of an adapter that is connected to it."""
        return {
            "username": "agency",
            "domain": "magfa",
            "password": place.secret,
            "sender": self.book.line,
            "http": place.http,
        }

    def answer(self, heard: Heard) -> Reply:
        """Answer one call."""
        request = heard.request
        right = "Basic " + base64.b64encode(f"{_USER}:{self.secret}".encode()).decode()
        if not hmac.compare_digest(request.headers.get("authorization", "").encode(), right.encode()):
            return _written({"status": 18})
        deed, _, rest = request.path.strip("/").partition("/")
        if request.method == "POST" and deed == "send":
            document = _document(heard.body)
            key = str((document.get("uids") or [""])[0])
            return self.around("send", key, lambda: _written(self._send(document)))
        asked: dict[str, tuple[str, Callable[[str], Answer]]] = {
            "mid": ("find", self._mid),
            "statuses": ("delivery", self._statuses),
            "balance": ("credit", lambda _: {"status": 0, "balance": self.book.credit}),
            "messages": ("inbox", self._messages),
        }
        if request.method != "GET" or deed not in asked:
            return _written({"status": 25})
        name, do = asked[deed]
        return self.around(name, rest, lambda: _written(do(rest)))

    def words(self, fault: Fault) -> Reply | None:
        """Return the vendor's own words for a fault."""
        codes = {Fault.BUSY: 23, Fault.UNMAPPED_CODE: 999, Fault.WRONG_PASSWORD: 18}
        return _written({"status": codes[fault]}) if fault in codes else None

    def _send(self, document: Mapping[str, Any]) -> Answer:
        recipients = document.get("recipients")
        if not isinstance(recipients, list) or not recipients:
            return {"status": 106}
        if len(recipients) > min(_MOST, self.book.most_at_once or _MOST):
            return {"status": 107}
        for name, code in _LENGTHS.items():
            array = document.get(name)
            if array is None and name in {"encodings", "udhs", "uids"}:
                continue
            if not isinstance(array, list) or len(array) not in {
                len(recipients),
                1 if name == "messages" else -1,
            }:
                return {"status": code}
        if self.book.is_outside_hours:
            return {"status": 8}
        texts = document["messages"] * (len(recipients) if len(document["messages"]) == 1 else 1)
        uids = document.get("uids") or [0] * len(recipients)
        rows = zip(document["senders"], recipients, texts, uids, strict=True)
        entries = [self._one(*row) for row in rows]
        if self.book.loses_reference():
            entries[0]["id"] = None
        return {"status": 0, "messages": self.book.slipped(entries)}

    def _one(self, sender: Any, mobile: Any, text: Any, uid: Any) -> dict[str, Any]:
        failed = self._refusal(sender, mobile, text, uid)
        if failed is not None:
            return {"status": failed, "id": 0, "userId": uid, "recipient": mobile}
        sent = self.book.take(mobile, text, own_id=uid or None, line=sender)
        counted = segments(text)
        return {
            "status": 0,
            "id": int(sent.reference),
            "userId": uid,
            "parts": counted.parts,
            "tariff": float(self.book.price),
            "alphabet": "DEFAULT" if text.isascii() else "UCS2",
            "recipient": f"98{mobile[1:]}",
        }

    def _refusal(self, sender: Any, mobile: Any, text: Any, uid: Any) -> int | None:
        if not isinstance(mobile, str) or not (
            mobile.isdecimal() and len(mobile) == 11 and mobile[:2] == "09"
        ):
            return 1
        if not isinstance(text, str) or not text:
            return 13
        refusals = (
            (sender != self.book.line, 20),
            (segments(text).parts > _MOST_PARTS, 30),
            (not isinstance(uid, int) or not 0 <= uid < 2**63, 31),
            (not self.book.can_pay(), 14),
        )
        failed = next((code for is_so, code in refusals if is_so), None)
        return failed or _REFUSALS.get(self.book.number(mobile))

    def _mid(self, rest: str) -> Answer:
        sent = self.book.by_own_id(int(rest)) if rest.isdecimal() else None
        return {"status": 0, "mid": int(sent.reference)} if sent else {"status": 24, "mid": None}

    def _statuses(self, rest: str) -> Answer:
        wanted = rest.split(",")
        if len(wanted) > _MOST or not all(each.isdecimal() for each in wanted):
            return {"status": 110}
        return {"status": 0, "dlrs": [self._dlr(each) for each in wanted]}

    def _dlr(self, reference: str) -> Answer:
        sent = self.book.by_reference(reference)
        arrival = Arrival.FORGOTTEN if sent is None else self.book.arrival(sent)
        return {"mid": int(reference), "status": int(self.codes[arrival]), "date": "2026-11-21 11:30:00"}

    def _messages(self, rest: str) -> Answer:
        if not rest.isdecimal() or not 1 <= int(rest) <= _MOST:
            return {"status": 31}
        entries = [
            {
                "body": each.text,
                "senderNumber": each.sender,
                "recipientNumber": each.line,
                "date": f"{local_time(each.written_at):%Y-%m-%d %H:%M:%S}",
            }
            for each in self.book.read_once(int(rest))
        ]
        return {"status": 0, "messages": entries}


def _document(body: bytes) -> dict[str, Any]:
    try:
        document = orjson.loads(body)
    except orjson.JSONDecodeError:
        return {}
    return document if isinstance(document, dict) else {}


def _written(answer: Answer) -> Reply:
    return Reply(200, orjson.dumps(answer))
