"""The simulated office over SOAP 1.1: document/literal wrapped, HTTP Basic; its mapping holds the WSDL."""

import base64
import hmac
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from lxml import etree

from connector.simulator.book import ResultCode
from connector.simulator.counter import Counter, Fields
from connector.simulator.desk import ContractBroken, read_call, read_search
from connector.simulator.envelope import Element, EnvelopeBroken, read_envelope, soap_fault, soap_reply
from connector.simulator.records import AttachmentMark
from connector.simulator.serving import Reply, Request

__all__ = ["NAMESPACE", "SoapDoor"]

NAMESPACE: Final = "urn:chapar:simulated-office:1"
_NAMES: Final[Any] = {None: NAMESPACE}
XML: Final = "text/xml; charset=utf-8"

_ITEM_OF: Final = {"letters": "letter", "referrals": "referral"}
"""How the elements of a list are called inside the list's own element."""


@dataclass
class SoapDoor:
    """Answers requests to the SOAP side of the office. Give it to a LoopbackServer."""

    counter: Counter
    user: str
    password: str

    def __call__(self, request: Request) -> Reply:
        """Answer one request: 401 without the password, a Client fault for one that breaks the contract."""
        wanted = base64.b64encode(f"{self.user}:{self.password}".encode())
        if not hmac.compare_digest(request.headers.get("authorization", "").encode(), b"Basic " + wanted):
            return Reply(401, b"", "text/plain", {"WWW-Authenticate": 'Basic realm="office"'})
        if request.method != "POST":
            return Reply(405, b"", "text/plain", {"Allow": "POST"})
        try:
            return self._dispatch(read_envelope(request.body))
        except (EnvelopeBroken, ContractBroken) as broken:
            return Reply(500, soap_fault("Client", str(broken)), XML)

    def _dispatch(self, operation: Element) -> Reply:
        if operation.namespace != NAMESPACE:
            raise ContractBroken("the operation is not in the office's namespace")
        values = operation.values()
        match operation.name:
            case "RegisterLetter":
                return self.counter.register(read_call(values, _marks(operation)), _Voice("RegisterLetter"))
            case "FindLetter":
                if not values.get("key") or not values.get("secretariat"):
                    raise ContractBroken("key and secretariat are required")
                return self.counter.find(values["key"], values["secretariat"], _Voice("FindLetter"))
            case "SearchLetters":
                return self.counter.search(read_search(values), _Voice("SearchLetters"))
            case "LetterProgress":
                keys = operation.one("keys")
                asked = [] if keys is None else [key.text for key in keys.all("key")]
                return self.counter.progress(asked, _Voice("LetterProgress"))
            case "Ping":
                return self.counter.ping(_Voice("Ping"))
        raise ContractBroken("no such operation")


def _marks(operation: Element) -> Iterable[AttachmentMark]:
    listed = operation.one("attachments")
    for attachment in [] if listed is None else listed.all("attachment"):
        values, content = attachment.values(), attachment.one("content")
        if not values.get("name") or not values.get("mediaType") or content is None or content.digest is None:
            raise ContractBroken("an attachment has name, mediaType and content")
        yield content.digest.mark(values["name"])


@dataclass(frozen=True, slots=True)
class _Voice:
    operation: str

    def answer(self, fields: Fields) -> Reply:
        response = etree.Element(f"{{{NAMESPACE}}}{self.operation}Response", nsmap=_NAMES)
        _write(response, fields)
        return Reply(200, soap_reply(response), XML)

    def under_200(self, fields: Fields) -> Reply:
        return self.answer(fields)

    def error(self, text: str, code: ResultCode | None = None) -> Reply:
        return Reply(500, soap_fault("Server", text), XML)


def _write(parent: etree._Element, fields: Fields) -> None:
    for name, value in fields.items():
        child = etree.SubElement(parent, f"{{{NAMESPACE}}}{name}")
        if isinstance(value, list):
            for item in value:
                _write(etree.SubElement(child, f"{{{NAMESPACE}}}{_ITEM_OF[name]}"), item)
        elif isinstance(value, bool):
            child.text = "true" if value else "false"
        else:
            child.text = str(value)
