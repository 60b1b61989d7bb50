"""An SMTP server on a raw TLS socket that answers each word exactly as told, and breaks where it is told to."""

import contextlib
import socket
import ssl
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

CUT = b"cut"
"""Instead of an answer: hang up."""
SILENCE = b"silence"
"""Instead of an answer: say nothing until the client goes away."""

ANSWERS: Mapping[str, bytes] = {
    "greeting": b"220 ready\r\n",
    "EHLO": b"250-office\r\n250-SIZE 1000000\r\n250 AUTH PLAIN LOGIN\r\n",
    "AUTH": b"235 2.7.0 welcome\r\n",
    "MAIL": b"250 ok\r\n",
    "RCPT": b"250 ok\r\n",
    "DATA": b"354 go on\r\n",
    "end": b"250 2.0.0 taken\r\n",
}


@dataclass
class ScriptedSmtp:
    port: int
    words: list[str] = field(default_factory=list)
    mails: list[bytes] = field(default_factory=list)
    """Content as it went over the wire, dots and all; only of those that were ended."""
    gone: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))


@contextmanager
def scripted_smtp(
    tls: ssl.SSLContext, answers: Mapping[str, bytes] | None = None, *, starttls: bool = False
) -> Iterator[ScriptedSmtp]:
    listener = socket.create_server(("127.0.0.1", 0))
    server = ScriptedSmtp(listener.getsockname()[1])
    said = {**ANSWERS, **(answers or {})}
    if starttls:
        said["STARTTLS"] = b"220 go on\r\n"

    def answer(connection: socket.socket, word: str) -> bool:
        told = said.get(word, b"250 ok\r\n")
        if told == CUT:
            return False
        if told == SILENCE:
            while connection.recv(4096):
                pass
            return False
        connection.sendall(told)
        return True

    def converse(connection: socket.socket, opened: contextlib.ExitStack) -> None:
        opened.enter_context(contextlib.suppress(OSError))
        opened.enter_context(connection)
        if not starttls:
            connection = opened.enter_context(tls.wrap_socket(connection, server_side=True))
        if not answer(connection, "greeting"):
            return
        file = opened.enter_context(connection.makefile("rb"))
        while line := file.readline():
            word = line.decode("latin-1").split(" ")[0].strip().upper()
            server.words.append(line.decode("latin-1").strip())
            if not answer(connection, word):
                return
            if word == "STARTTLS" and starttls:
                connection = opened.enter_context(tls.wrap_socket(connection, server_side=True))
                file = opened.enter_context(connection.makefile("rb"))
            if word == "DATA" and said["DATA"].startswith(b"354"):
                content = b""
                while not content.endswith(b"\r\n.\r\n"):
                    piece = file.readline()
                    if not piece:
                        return
                    content += piece
                server.mails.append(content.removesuffix(b".\r\n"))
                if not answer(connection, "end"):
                    return

    def serve() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with contextlib.suppress(OSError), contextlib.ExitStack() as opened:
                converse(connection, opened)
            server.gone.release()

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(5)
