"""How a vendor's office reads and writes messages: SOAP by its WSDL, REST with JSON."""

from dataclasses import dataclass
from typing import Any, Protocol

import orjson

from connector.simulator.exchange import Reply, Request
from connector.simulator.vendor.asking import Message
from connector.simulator.vendor.contract import VendorContract
from connector.simulator.vendor.plan import Planned
from connector.simulator.vendor.soap_wire import SoapBroken, read_soap, soap_answer, soap_failure
from connector.simulator.vendor.speech import Spoken

__all__ = ["RestWire", "SoapWire", "Wire"]


class Wire(Protocol):
    """The language of a vendor's office."""

    def read(self, request: Request) -> Message | Reply:
        """Return what a request asks, or what is answered to one that cannot be read."""
        ...

    def write(self, one: Planned, message: Message, said: Spoken) -> Reply:
        """Return an answer on the wire."""
        ...

    def body(self, message: Message, text: str, status: int) -> Reply:
        """Return an answer whose content somebody has written out."""
        ...

    def error(self, message: Message, text: str, status: int = 500) -> Reply:
        """Return an error of the transport's own kind; a status below 500 says that the caller is wrong."""
        ...


@dataclass(frozen=True)
class SoapWire:
    """SOAP 1.1 and 1.2, by the version of the request."""

    contract: VendorContract

    def read(self, request: Request) -> Message | Reply:
        """Return what the envelope asks."""
        if request.method != "POST":
            return Reply(405, b"", "text/plain", {"Allow": "POST"})
        try:
            return read_soap(request)
        except SoapBroken as broken:
            return self.error(Message(), str(broken), 400)

    def write(self, one: Planned, message: Message, said: Spoken) -> Reply:
        """Return the envelope around the operation's answer, or the fault."""
        if said.fault is not None:
            return soap_failure(message, *said.fault, status=said.status)
        if said.status in {401, 403, 429}:
            return Reply(said.status, b"", "text/plain")
        content: Any = said.data.get("reply") if isinstance(said.data, dict) else None
        call = one.step.call or one.request
        return soap_answer(message, self.contract.write(call, message.namespace, content or {}), said.status)

    def body(self, message: Message, text: str, status: int) -> Reply:
        """Return the envelope around this element."""
        return soap_answer(message, text, status)

    def error(self, message: Message, text: str, status: int = 500) -> Reply:
        """Return a fault."""
        return soap_failure(message, "Server" if status >= 500 else "Client", text)


@dataclass(frozen=True)
class RestWire:
    """JSON over HTTP."""

    def read(self, request: Request) -> Message | Reply:
        """Return what the JSON asks."""
        body = request.body.read()
        try:
            fields = orjson.loads(body) if body.strip() else None
        except orjson.JSONDecodeError:
            return Reply(400, orjson.dumps({"error": "not JSON"}))
        return Message(
            method=request.method,
            path=request.path,
            query=request.query,
            headers=request.headers,
            fields=fields,
        )

    def write(self, one: Planned, message: Message, said: Spoken) -> Reply:
        """Return the JSON."""
        content = said.data.get("reply") if isinstance(said.data, dict) else None
        return Reply(said.status, orjson.dumps({} if content is None else content))

    def body(self, message: Message, text: str, status: int) -> Reply:
        """Return this text."""
        return Reply(status, text.encode())

    def error(self, message: Message, text: str, status: int = 500) -> Reply:
        """Return an error that stands in no contract."""
        return Reply(status, orjson.dumps({"error": text}))
