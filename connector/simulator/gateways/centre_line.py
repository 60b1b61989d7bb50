"""The line of a simulated message centre: sessions, windows, and what goes wrong on them."""

import hmac
import socket
import socketserver
import ssl
import struct
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final

from connector.simulator.fault_kinds import Fault
from connector.simulator.faults import FaultPlan, Injection
from connector.simulator.gateways.book import VendorBook
from connector.simulator.gateways.centre_units import Unit, c_octets, heard_unit, submitted, unit_octets

__all__ = ["CENTRE_USER", "Centre", "CentreListener"]

CENTRE_USER: Final = "agency"
_WINDOW: Final = 10
_STATUSES: Final = {
    Fault.SERVER_ERROR: 0x08,
    Fault.ERROR_AFTER: 0x08,
    Fault.BUSY: 0x14,
    Fault.UNMAPPED_CODE: 0x4FF,
    Fault.WRONG_PASSWORD: 0x0E,
    Fault.TOO_MANY: 0x58,
    Fault.TOO_MANY_SILENT: 0x58,
}
_CUT: Final = frozenset({Fault.RESET_IN_BODY, Fault.TRUNCATED})
_SILENT: Final = frozenset({Fault.LOSE_ANSWER, Fault.LOSE_REQUEST})


class Centre(ABC):
    """What a centre keeps, and what it does with units."""

    def __init__(self, secret: str) -> None:
        """Know the account's password."""
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

    @abstractmethod
    def take(self, body: bytes) -> tuple[int, bytes]:
        """Take one submit_sm; return status and body of the answer."""

    @abstractmethod
    def tell(self, body: bytes) -> tuple[int, bytes]:
        """Answer one query_sm."""

    @abstractmethod
    def look_for_written(self) -> None:
        """Queue what citizens wrote since the last look."""


class CentreListener(socketserver.ThreadingTCPServer):
    """Takes connections for a centre."""

    allow_reuse_address = True
    daemon_threads = True
    block_on_close = False

    def __init__(self, address: tuple[str, int], centre: Centre) -> None:
        """Bind the address."""
        self.centre = centre
        super().__init__(address, _Talk)

    def get_request(self) -> tuple[socket.socket, Any]:
        """Take a connection, over TLS where the centre wants it."""
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
        self._centre: Centre = server.centre
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
        status = self._centre.bind_status or (0x0F if user != CENTRE_USER else 0 if is_right else 0x0E)
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
        with self._centre.news:
            self._centre.news.notify_all()
