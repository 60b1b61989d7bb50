"""Kannel's smsbox on loopback: its answers as they were seen from a real one, for what a real one cannot be made to do.

Everything comes in ``X-Kannel-`` headers and the body of a POST; user and password are looked at first.
"""

import hmac
from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Any, ClassVar, Final
from urllib.parse import parse_qsl, urlsplit

from connector.simulator.exchange import Reply
from connector.simulator.fault_kinds import Fault
from connector.simulator.gateways.book import Arrival, NumberKind, SentText, WrittenText
from connector.simulator.gateways.vendor import CallToUs, Heard, HttpVendor, Place, Trait

__all__ = ["KannelVendor"]

_USER: Final = "chapar"
_ONE: Final = "One call sends one text."


class KannelVendor(HttpVendor):
    """One smsbox with its sendsms-user."""

    adapter: ClassVar[str] = "kannel"
    exempt: ClassVar[Mapping[StrEnum, str]] = MappingProxyType(
        {
            Trait.BLACKLIST: "Kannel's own lists do not say why a number is on them.",
            Trait.HOURS: "Kannel knows no hours.",
            Trait.ACCOUNT: "Kannel has no account.",
            Trait.SPLITS: _ONE,
            Trait.ENTRIES: _ONE,
        }
    )
    codes: ClassVar[Mapping[Arrival, str]] = MappingProxyType(
        {
            Arrival.UNDERWAY: "8",
            Arrival.DELIVERED: "1",
            Arrival.UNDELIVERED: "2",
            Arrival.UNHEARD_OF: "99",
        }
    )

    def __init__(self, secret: str) -> None:
        """Bind the address."""
        super().__init__(secret)
        self.headers: list[Mapping[str, str]] = []
        """Of each call, names in lower case."""
        self._report_to: dict[str, str] = {}

    def settings(self, place: Place) -> Mapping[str, Any]:
        """Return the settings of an adapter that is connected to it."""
        return {
            "username": _USER,
            "password": place.secret,
            "receipt_secret": place.secret,
            "incoming_secret": place.secret,
            "http": {**place.http, "url": f"{place.url}/cgi-bin/sendsms"},
        }

    def answer(self, heard: Heard) -> Reply:
        """Answer one call."""
        headers = heard.request.headers
        self.headers.append(headers)
        if heard.request.query or headers.get("content-type") != "text/plain; charset=UTF-8":
            return _said(400, "Invalid content-type")
        password = headers.get("x-kannel-password", "")
        is_right = hmac.compare_digest(password.encode(), self.secret.encode())
        if headers.get("x-kannel-username") != _USER or not is_right:
            return _said(403, "Authorization failed for sendsms")
        mobile = headers.get("x-kannel-to", "")
        if not mobile:
            return self.around("credit", "", lambda: _said(400, "Missing receiver number, rejected"))
        return self.around("send", "", lambda: self._take(mobile, heard.body.decode(), headers))

    def words(self, fault: Fault) -> Reply | None:
        """Return the vendor's own words for a fault."""
        said = {
            Fault.BUSY: (503, "Temporal failure, try again later."),
            Fault.UNMAPPED_CODE: (202, "7: Who knows"),
            Fault.WRONG_PASSWORD: (403, "Authorization failed for sendsms"),
        }
        return _said(*said[fault]) if fault in said else None

    def reported(self, sent: SentText, arrival: Arrival) -> CallToUs:
        """Return the call of smsbox to the address that came with this text, its type filled in."""
        address = self._report_to[sent.reference].replace("%d", self.codes[arrival])
        query = dict(parse_qsl(urlsplit(address).query))
        return CallToUs(query=query, proof=frozenset({"proof"}))

    def brought(self, written: WrittenText) -> CallToUs:
        """Return the call of smsbox by a get-url with ``text=%b``: the text as the centre sent it, in UTF-16."""
        query = {
            "secret": self.secret,
            "id": written.key,
            "from": written.sender,
            "to": written.line,
            "coding": "2",
            "charset": "UTF-16BE",
            "text": written.text.encode("utf-16-be").decode("utf-8", "surrogateescape"),
            "time": f"{written.written_at:%Y-%m-%d %H:%M:%S}",
        }
        return CallToUs(query=query, proof=frozenset({"secret"}))

    def _take(self, mobile: str, text: str, headers: Mapping[str, str]) -> Reply:
        national = f"0{mobile[3:]}" if mobile.startswith("+98") else mobile
        kind = self.book.number(national)
        if kind is NumberKind.INVALID:
            return _said(400, "Number(s) has/have been denied by white- and/or black-lists.")
        if kind is NumberKind.STRANGE:
            return _said(202, "7: Who knows")
        report_to = headers.get("x-kannel-dlr-url", "")
        own_id = dict(parse_qsl(urlsplit(report_to).query)).get("id", "")
        line = headers.get("x-kannel-from", self.book.line)
        sent = self.book.take(national, text, own_id=int(own_id) if own_id.isdecimal() else None, line=line)
        self._report_to[sent.reference] = report_to
        return _said(202, "0: Accepted for delivery")


def _said(status: int, text: str) -> Reply:
    return Reply(status, text.encode(), "text/html")
