"""An office that has one answer to each call, ready before it is asked: it costs the caller nothing but the call.

Run as a process of its own: ``python canned_office.py``; it prints its port.
"""

import asyncio
import sys
from typing import Final

_HEAD: Final = '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>'
_REGISTRATION: Final = (
    "<number>000123</number><year>1405</year><date>1405/08/30</date><documentId>D000123</documentId>"
)
_ANSWERS: Final = {
    b"LetterProgress": "<letters><letter><key>K1</key><statusCode>4</statusCode>" + _REGISTRATION
    + "<referrals><referral><id>1</id><unit>امور مالی</unit><date>1405/08/30</date><confidential>false</confidential>"
    "</referral></referrals></letter></letters>",
    b"RegisterLetter": f"<resultCode>0</resultCode><resultText>ثبت شد</resultText>{_REGISTRATION}",
}  # fmt: skip


def _answer(name: bytes, content: str) -> bytes:
    spelt = name.decode()
    answer = f'<{spelt}Response xmlns="urn:chapar:simulated-office:1">{content}</{spelt}Response>'
    written = f"{_HEAD}{answer}</s:Body></s:Envelope>".encode()
    head = (
        f"HTTP/1.1 200 OK\r\nContent-Type: text/xml; charset=utf-8\r\nContent-Length: {len(written)}\r\n\r\n"
    )
    return head.encode() + written


class _Office(asyncio.Protocol):
    def __init__(self) -> None:
        self._ready = {name: _answer(name, content) for name, content in _ANSWERS.items()}
        self._head = b""
        self._left = 0
        self._reply = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        if self._left == 0:
            self._head += data
            head, gap, rest = self._head.partition(b"\r\n\r\n")
            if not gap:
                return
            fields = dict(line.lower().split(b": ", 1) for line in head.split(b"\r\n")[1:])
            self._left = int(fields.get(b"content-length", b"0"))
            self._reply = next(
                reply for name, reply in self._ready.items() if name.lower() in fields[b"soapaction"]
            )
            self._head, data = b"", rest
        self._left -= len(data)
        if self._left <= 0:
            self._transport.write(self._reply)  # type: ignore[attr-defined]


async def _serve() -> None:
    server = await asyncio.get_running_loop().create_server(_Office, "127.0.0.1", 0)
    sys.stdout.write(f"{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_serve())
