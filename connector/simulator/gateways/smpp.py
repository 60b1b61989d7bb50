"""A message centre that speaks SMPP 3.4, on loopback: written from the specification, apart from the adapter.

It binds transceivers, takes texts and their parts, answers query_sm, and brings what citizens wrote and its receipts as
deliver_sm, at most ten unanswered at once; what is not acknowledged it brings again.
"""

import threading
from collections.abc import Mapping
from enum import StrEnum
from typing import Any, ClassVar, Final
from urllib.parse import urlsplit

from connector.domain.gsm_alphabet import from_gsm
from connector.simulator.fault_kinds import Fault
from connector.simulator.gateways.book import Arrival, NumberKind, SentText, WrittenText
from connector.simulator.gateways.centre_line import CENTRE_USER, Centre, CentreListener
from connector.simulator.gateways.centre_units import (
    Submitted,
    c_octets,
    deliver_body,
    submitted,
)
from connector.simulator.gateways.vendor import Place, Trait

__all__ = ["SmppVendor"]

_ONE: Final = "One unit takes one text."
_EXEMPT: Final[Mapping[StrEnum, str]] = {
    Trait.BLACKLIST: "The specification has no status for: takes no advertising.",
    Trait.HOURS: "The specification knows no hours.",
    Trait.ACCOUNT: "The specification knows no account.",
    Trait.SPLITS: _ONE,
    Trait.ENTRIES: _ONE,
    Arrival.BLACKLISTED: "The specification has no state for it.",
    Fault.HTTP_502: "No proxy speaks SMPP.",
    Fault.HTTP_503: "No proxy speaks SMPP.",
    Fault.WRONG_CONTENT_TYPE: "Units have no labels.",
}
_STATES: Final = {
    Arrival.UNDERWAY: (1, "ENROUTE"),
    Arrival.DELIVERED: (2, "DELIVRD"),
    Arrival.UNDELIVERED: (5, "UNDELIV"),
    Arrival.UNHEARD_OF: (99, "LOSTBAG"),
}
_NUMBERS: Final = {NumberKind.INVALID: 0x0B, NumberKind.STRANGE: 0x4FE}


class SmppVendor(Centre):
    """One centre with one account."""

    adapter: ClassVar[str] = "smpp"

    def __init__(self, secret: str) -> None:
        """Bind the address."""
        super().__init__(secret)
        self._shown = 0
        self._parts: dict[tuple[str, int, int], dict[int, str]] = {}
        self._server = CentreListener(("127.0.0.1", 0), self)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self.url = f"smpp://127.0.0.1:{self._server.server_address[1]}"

    def start(self) -> None:
        """Take connections until stopped."""
        self._thread.start()

    def stop(self) -> None:
        """Hang up and take none any more."""
        self.faults.disarm()
        if self._thread.is_alive():
            self._server.shutdown()
            self._thread.join()
        self.hang_up()
        self._server.server_close()

    def hang_up(self) -> None:
        """Break every session."""
        for session in list(self.sessions):
            session.hang_up()

    def settings(self, place: Place) -> Mapping[str, Any]:
        """Return the settings of an adapter that is connected to it."""
        scheme = "smpps" if self.context else "smpp"
        address = f"{scheme}://{urlsplit(place.url).netloc}"
        link = {"address": address, "answer_within": place.answer_within}
        return {"link": link, "system_id": CENTRE_USER, "password": place.secret, "sender": self.book.line}

    def lacks(self, need: StrEnum) -> str | None:
        """Return why this centre cannot do or play it."""
        return _EXEMPT.get(need)

    def bring(self, body: bytes) -> None:
        """Bring this deliver_sm, now or to whoever binds."""
        self.waiting.append(body)
        for session in list(self.sessions):
            session.bring()

    def bring_receipt(self, sent: SentText, arrival: Arrival, *, message_id: str | None = None) -> None:
        """Bring the receipt of a text."""
        number, word = _STATES[arrival]
        name = message_id or sent.reference
        text = f"id:{name} sub:001 dlvrd:001 submit date:2611212030 done date:2611212031 stat:{word} err:000 text:"
        extras = {0x001E: c_octets(name), 0x0427: bytes((number,))} if message_id is None else {}
        self.bring(
            deliver_body(f"98{sent.mobile[1:]}", self.book.line, text.encode(), esm_class=4, extras=extras)
        )

    def look_for_written(self) -> None:
        """Queue what citizens wrote since the last look."""
        for each in self.book.written[self._shown :]:
            self._shown += 1
            self.waiting += _texts(each)

    def take(self, body: bytes) -> tuple[int, bytes]:
        """Take one submit_sm; return status and body of the answer."""
        self.submits.append(body)
        asked = submitted(body)
        status = self.statuses.pop(0) if self.statuses else 0
        if status:
            return status, b""
        mobile = f"0{asked.destination[2:]}"
        refused = self._refusal(asked, mobile)
        if refused is not None:
            return refused, b""
        text = from_gsm(asked.content) if asked.data_coding == 0 else asked.content.decode("utf-16-be")
        reference, total, number = asked.place
        parts = self._parts.setdefault((mobile, reference, total), {})
        parts[number] = text
        if len(parts) < total:
            return 0, c_octets(f"{reference}-{number}")
        del self._parts[mobile, reference, total]
        whole = "".join(part for _, part in sorted(parts.items()))
        return 0, c_octets(self.book.take(mobile, whole, line=asked.source).reference)

    def _refusal(self, asked: Submitted, mobile: str) -> int | None:
        """Return the status of a text that is not taken."""
        bits = len(asked.content) * (7 if asked.data_coding == 0 else 8) + asked.header_bits
        reasons = (
            (asked.source != self.book.line, 0x0A),
            (not (asked.destination.isdecimal() and len(asked.destination) == 12), 0x0B),
            (asked.data_coding not in {0, 8}, 0x04),
            (bits > 1120 and not asked.is_payload, 0x01),
        )
        found = next((status for is_so, status in reasons if is_so), None)
        return found or _NUMBERS.get(self.book.number(mobile))

    def tell(self, body: bytes) -> tuple[int, bytes]:
        """Answer one query_sm."""
        if not self.can_be_asked:
            return 0x03, b""
        reference = body[: body.index(b"\0")].decode()
        sent = self.book.by_reference(reference)
        if sent is None:
            return 0x67, b""
        return 0, c_octets(reference) + c_octets("") + bytes((_STATES[self.book.arrival(sent)][0], 0))


def _texts(written: WrittenText) -> list[bytes]:
    """Return the deliver_sm of what a citizen wrote: Latin digits in GSM, all else in UCS-2, long ones in parts."""
    if written.text.isascii() and written.text.isalnum():
        return [deliver_body(written.sender, written.line, written.text.encode(), esm_class=0)]
    octets = written.text.encode("utf-16-be")
    if len(octets) <= 140:
        return [deliver_body(written.sender, written.line, octets, esm_class=0, data_coding=8)]
    pieces = [octets[start : start + 134] for start in range(0, len(octets), 134)]
    heads = [
        bytes((5, 0, 3, int(written.key) % 256, len(pieces), number + 1)) for number in range(len(pieces))
    ]
    return [
        deliver_body(written.sender, written.line, head + piece, esm_class=0x40, data_coding=8)
        for head, piece in zip(heads, pieces, strict=True)
    ]
