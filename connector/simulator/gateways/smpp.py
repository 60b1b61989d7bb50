"""A message centre that speaks SMPP 3.4, on loopback: written from the specification, apart from the adapter.

It binds transceivers, takes texts and their parts, answers query_sm, and brings what citizens wrote and its receipts as
deliver_sm, at most ten unanswered at once; what is not acknowledged it brings again.
"""

import hmac
import socket
import socketserver
import ssl
import struct
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from enum import StrEnum
from typing import Any, ClassVar, Final
from urllib.parse import urlsplit

from connector.domain.gsm_alphabet import from_gsm
from connector.simulator.fault_kinds import Fault
from connector.simulator.faults import FaultPlan, Injection
from connector.simulator.gateways.book import Arrival, NumberKind, SentText, VendorBook, WrittenText
from connector.simulator.gateways.centre_units import (
    Submitted,
    Unit,
    c_octets,
    deliver_body,
    heard_unit,
    submitted,
    unit_octets,
)
from connector.simulator.gateways.vendor import CallToUs, Place, Trait

__all__ = ["SmppVendor"]

_USER: Final = "agency"
_WINDOW: Final = 10
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
_STATUSES: Final = {
    Fault.SERVER_ERROR: 0x08,
    Fault.ERROR_AFTER: 0x08,
    Fault.BUSY: 0x14,
    Fault.UNMAPPED_CODE: 0x4FF,
    Fault.WRONG_PASSWORD: 0x0E,
    Fault.TOO_MANY: 0x58,
    Fault.TOO_MANY_SILENT: 0x58,
}
_NUMBERS: Final = {NumberKind.INVALID: 0x0B, NumberKind.STRANGE: 0x4FE}
_CUT: Final = frozenset({Fault.RESET_IN_BODY, Fault.TRUNCATED})
_SILENT: Final = frozenset({Fault.LOSE_ANSWER, Fault.LOSE_REQUEST})


class SmppVendor:
    """One centre with one account."""

    adapter: ClassVar[str] = "smpp"

    def __init__(self, secret: str) -> None:
        """Bind the address."""
        self.secret = secret
        self.book = VendorBook()
        self.faults = FaultPlan()
        self.can_be_asked = True
        """Whether it knows query_sm."""
        self.waiting: list[bytes] = []
        """Bodies of deliver_sm that are still to be brought."""
        self.statuses: list[int] = []
        """What the coming submits are answered with in place of being taken; 0 takes one."""
        self.bind_status = 0
        self.context: ssl.SSLContext | None = None
        """For a line over TLS."""
        self.goodbyes = 0
        self.answers: list[int] = []
        """The status of each deliver_sm_resp, in order."""
        self.binds: list[Unit] = []
        self.submits: list[bytes] = []
        self.news = threading.Condition()
        self.sessions: list[_Talk] = []
        self._shown = 0
        self._parts: dict[tuple[str, int, int], dict[int, str]] = {}
        self._server = _Listener(("127.0.0.1", 0), self)
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
        return {"link": link, "system_id": _USER, "password": place.secret, "sender": self.book.line}

    def reported(self, sent: SentText, arrival: Arrival) -> CallToUs:
        """A centre calls no web address."""
        raise NotImplementedError

    def brought(self, written: WrittenText) -> CallToUs:
        """A centre calls no web address."""
        raise NotImplementedError

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


class _Listener(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    block_on_close = False

    def __init__(self, address: tuple[str, int], centre: SmppVendor) -> None:
        self.centre = centre
        super().__init__(address, _Talk)

    def get_request(self) -> tuple[socket.socket, Any]:
        line, address = super().get_request()
        context = self.centre.context
        return (line if context is None else context.wrap_socket(line, server_side=True)), address

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A line that breaks is no error of ours."""


class _Talk(socketserver.BaseRequestHandler):
    """One connection."""

    def setup(self) -> None:
        self._lock = threading.RLock()
        self._out: dict[int, bytes] = {}
        self._later: dict[int, Injection] = {}
        self._number = 0
        self._is_bound = False
        server: Any = self.server
        self._centre: SmppVendor = server.centre
        self._centre.sessions.append(self)

    def handle(self) -> None:
        with suppress(OSError, struct.error):
            while (unit := heard_unit(self.request)) is not None:
                if not self._answered(unit):
                    return

    def finish(self) -> None:
        with self._centre.news:
            self._centre.sessions.remove(self)
            self._centre.waiting[:0] = self._out.values()
            self._centre.news.notify_all()

    def hang_up(self) -> None:
        with suppress(OSError):
            self.request.shutdown(2)

    def bring(self) -> None:
        """Bring what waits, as far as the window allows."""
        with self._lock:
            while self._is_bound and self._centre.waiting and len(self._out) < _WINDOW:
                self._number += 1
                self._out[self._number] = body = self._centre.waiting.pop(0)
                self.request.sendall(unit_octets(5, 0, self._number, body))

    def _answered(self, unit: Unit) -> bool:
        """Answer one unit; return False where the line is to be closed."""
        centre = self._centre
        deeds: dict[int, tuple[str, Callable[[], tuple[int, bytes]]]] = {
            4: ("send", lambda: centre.take(unit.body)),
            3: ("delivery", lambda: centre.tell(unit.body)),
            0x15: ("inbox", lambda: (0, b"")),
        }
        if unit.command == 9:
            return self._bind(unit)
        if unit.command == 0x80000005:
            self._acknowledged(unit)
            return True
        if unit.command == 6 or not self._is_bound:
            centre.goodbyes += self._is_bound
            self._say(unit, 0 if self._is_bound else 4)
            return False
        if unit.command not in deeds:
            return True
        deed, do = deeds[unit.command]
        if deed == "inbox":
            centre.look_for_written()
            self.bring()
        injection = self._drawn(deed, unit)
        if injection is not None:
            return self._spoiled(unit, injection, do)
        if deed in centre.book.swollen:
            self.request.sendall(struct.pack(">IIII", 5_000_000, unit.command | 1 << 31, 0, unit.sequence))
        self._say(unit, *do())
        return True

    def _drawn(self, deed: str, unit: Unit) -> Injection | None:
        """Draw a fault once for each text; where the text is taken all the same, it is played at its last part."""
        _, total, number = submitted(unit.body).place if deed == "send" else (0, 1, 1)
        injection = self._later.pop(total, None) if 1 < number == total else None
        if number > 1:
            return injection
        with self._centre.news:
            self._centre.book.calls.append(deed)
            self._centre.news.notify_all()
        injection = self._centre.faults.draw(deed)
        if injection is not None and injection.play.is_done and total > 1:
            self._later[total] = injection
            return None
        return injection

    def _bind(self, unit: Unit) -> bool:
        self._centre.binds.append(unit)
        user, password = (part.decode() for part in unit.body.split(b"\0")[:2])
        is_right = hmac.compare_digest(password, self._centre.secret)
        status = self._centre.bind_status or (0x0F if user != _USER else 0 if is_right else 0x0E)
        self._say(unit, status, c_octets("centre") if status == 0 else b"")
        self._is_bound = status == 0
        self.bring()
        return self._is_bound

    def _acknowledged(self, unit: Unit) -> None:
        with self._centre.news, self._lock:
            body = self._out.pop(unit.sequence, b"")
            if unit.status:
                self._centre.waiting.append(body)
            self._centre.answers.append(unit.status)
            self._centre.news.notify_all()
        if not unit.status:
            self.bring()

    def _spoiled(self, unit: Unit, injection: Injection, do: Callable[[], tuple[int, bytes]]) -> bool:
        fault = injection.fault
        if fault is Fault.STALL_BEFORE:
            injection.stall()
        status, body = do() if injection.play.is_done else (0, b"")
        if fault is Fault.STALL:
            injection.stall()
        if fault in _SILENT:
            return False
        if fault is Fault.GARBAGE:
            self.request.sendall(b"\xff<html>not a unit</html>\xff")
            return True
        if fault in _CUT:
            whole = unit_octets(unit.command | 1 << 31, status, unit.sequence, body)
            self.request.sendall(whole[: len(whole) // 2])
            return False
        if fault in _STATUSES:
            status, body = _STATUSES[fault], b""
        self._say(unit, status, body)
        return True

    def _say(self, unit: Unit, status: int, body: bytes = b"") -> None:
        with self._lock:
            self.request.sendall(unit_octets(unit.command | 1 << 31, status, unit.sequence, body))
