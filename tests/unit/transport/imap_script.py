"""An IMAP server on a raw TLS socket that answers each command exactly as told, and breaks where it is told to."""

import contextlib
import re
import socket
import ssl
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

CUT = b"cut"
"""Instead of an answer: hang up."""

ANSWERS: Mapping[str, bytes] = {
    "greeting": b"* OK ready\r\n",
    "CAPABILITY": b"* CAPABILITY IMAP4rev1 AUTH=PLAIN MOVE\r\n",
    "SELECT": b"* 2 EXISTS\r\n* OK [UIDVALIDITY 7] .\r\n* OK [UIDNEXT 12] .\r\n",
    "UID SEARCH": b"* SEARCH 10 11\r\n",
}
"""What is said before the OK of each command; an answer that begins with NO or BAD stands for the OK."""


@dataclass
class ScriptedImap:
    port: int
    commands: list[str] = field(default_factory=list)
    connections: int = 0


@contextmanager
def scripted_imap(
    tls: ssl.SSLContext, answers: Mapping[str, bytes] | None = None, *, starttls: bool = False
) -> Iterator[ScriptedImap]:
    listener = socket.create_server(("127.0.0.1", 0))
    server = ScriptedImap(listener.getsockname()[1])
    said = {**ANSWERS, **(answers or {})}

    def answer(connection: socket.socket, tag: bytes, command: str) -> bool:
        told = said.get(command, b"")
        if told == CUT:
            return False
        if told.startswith((b"NO", b"BAD")):
            connection.sendall(tag + b" " + told)
        else:
            connection.sendall(told + tag + b" OK done\r\n")
        return True

    def converse(connection: socket.socket, opened: contextlib.ExitStack) -> None:
        opened.enter_context(contextlib.suppress(OSError))
        opened.enter_context(connection)
        if not starttls:
            connection = opened.enter_context(tls.wrap_socket(connection, server_side=True))
        connection.sendall(said["greeting"])
        file = opened.enter_context(connection.makefile("rb"))
        while line := file.readline():
            tag, _, rest = line.strip().partition(b" ")
            command = (re.match(r"(UID )?\w+", rest.decode("latin-1")) or [""])[0].upper()
            server.commands.append(command)
            if command == "AUTHENTICATE":
                connection.sendall(b"+ \r\n")
                file.readline()
            if not answer(connection, tag, command):
                return
            if command == "STARTTLS":
                connection = opened.enter_context(tls.wrap_socket(connection, server_side=True))
                file = opened.enter_context(connection.makefile("rb"))

    def serve() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            server.connections += 1
            accepted.append(connection.dup())
            with contextlib.suppress(OSError), contextlib.ExitStack() as opened:
                converse(connection, opened)
            with contextlib.suppress(OSError):
                accepted[-1].shutdown(socket.SHUT_RDWR)

    accepted: list[socket.socket] = []
    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        for each in accepted:
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()
        thread.join(5)
