"""What a WSDL says of its services, read without its types: it can be told of every bundle, however broken.

WSDL 1.1 (W3C Note), with the SOAP 1.1 binding of that note and the SOAP 1.2 binding of its W3C submission.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from lxml import etree

from connector.transport.soap_envelope import SoapVersion
from connector.transport.wsdl_closure import Closure
from connector.transport.wsdl_documents import WSDL

__all__ = ["OperationOutline", "PortOutline", "read_ports"]

_BINDINGS: Final = {
    "http://schemas.xmlsoap.org/wsdl/soap/": SoapVersion.V11,
    "http://schemas.xmlsoap.org/wsdl/soap12/": SoapVersion.V12,
}


@dataclass(frozen=True, kw_only=True, slots=True)
class OperationOutline:
    """One operation, as its binding describes it."""

    name: str
    action: str
    style: str
    """document or rpc."""
    is_encoded: bool
    encoding_style: str
    namespace: str
    """rpc: the namespace of the operation's element."""
    headers: tuple[str, ...]
    """Names of the messages that go into the SOAP header."""
    element: str | None
    """document: the element in the body, as ``{namespace}name``, where the message has one."""

    @property
    def shape(self) -> str:
        """Return style and use in the words of everybody."""
        return f"{self.style}/{'encoded' if self.is_encoded else 'literal'}"


@dataclass(frozen=True, kw_only=True, slots=True)
class PortOutline:
    """One port of a service, with its operations."""

    service: str
    port: str
    binding: str
    version: SoapVersion
    operations: Mapping[str, OperationOutline]


def read_ports(closure: Closure) -> list[PortOutline]:
    """Return every SOAP port of a WSDL and of those that it imports, in the order of the documents.

    A binding that no service offers is a port without a service: vendors ship WSDLs in parts.
    """
    roots = [root for root in closure.documents.values() if root.tag == f"{{{WSDL}}}definitions"]
    messages = {_own(root, each): each for root in roots for each in root.iter(f"{{{WSDL}}}message")}
    port_types = {_own(root, each): each for root in roots for each in root.iter(f"{{{WSDL}}}portType")}
    bindings = {_own(root, each): each for root in roots for each in root.iter(f"{{{WSDL}}}binding")}
    ports = []
    offered = set()
    for root in roots:
        for service in root.iter(f"{{{WSDL}}}service"):
            for port in service.iterfind(f"{{{WSDL}}}port"):
                name = _qname(port, port.get("binding"))
                offered.add(name)
                ports.append((service.get("name") or "", port.get("name") or "", name))
    ports += [("", "", name) for name in bindings if name not in offered]
    found = []
    for service_name, port_name, name in ports:
        binding = bindings.get(name)
        soap = None if binding is None else _soap_of(binding)
        if binding is None or soap is None:
            continue
        operations = _operations(binding, soap, messages, port_types)
        found.append(
            PortOutline(
                service=service_name,
                port=port_name,
                binding=name,
                version=_BINDINGS[soap],
                operations={each.name: each for each in operations},
            )
        )
    return found


def _operations(
    binding: etree._Element,
    soap: str,
    messages: Mapping[str, etree._Element],
    port_types: Mapping[str, etree._Element],
) -> Iterator[OperationOutline]:
    usual = _child(binding, f"{{{soap}}}binding")
    port_type = port_types.get(_qname(binding, binding.get("type")))
    for operation in binding.iterfind(f"{{{WSDL}}}operation"):
        name = operation.get("name") or ""
        own = _child(operation, f"{{{soap}}}operation")
        written = _child(operation, f"{{{WSDL}}}input")
        body = next(written.iter(f"{{{soap}}}body"), None) if written is not None else None
        headers = [] if written is None else list(written.iter(f"{{{soap}}}header"))
        message = messages.get(_input_message(port_type, name))
        yield OperationOutline(
            name=name,
            action=_get(own, "soapAction"),
            style=_get(own, "style") or _get(usual, "style") or "document",
            is_encoded=_get(body, "use") == "encoded",
            encoding_style=_get(body, "encodingStyle"),
            namespace=_get(body, "namespace"),
            headers=tuple(_get(each, "message").rpartition(":")[2] for each in headers),
            element=_element_of(message),
        )


def _element_of(message: etree._Element | None) -> str | None:
    parts = (
        []
        if message is None
        else [part for part in message.iterfind(f"{{{WSDL}}}part") if part.get("element")]
    )
    return _qname(parts[0], parts[0].get("element")) if parts else None


def _input_message(port_type: etree._Element | None, name: str) -> str:
    for operation in () if port_type is None else port_type.iterfind(f"{{{WSDL}}}operation"):
        if operation.get("name") == name:
            written = _child(operation, f"{{{WSDL}}}input")
            return "" if written is None else _qname(written, written.get("message"))
    return ""


def _soap_of(binding: etree._Element) -> str | None:
    return next((soap for soap in _BINDINGS if _child(binding, f"{{{soap}}}binding") is not None), None)


def _child(element: etree._Element, tag: str) -> etree._Element | None:
    return element.find(tag)


def _get(element: etree._Element | None, name: str) -> str:
    return "" if element is None else element.get(name) or ""


def _own(root: etree._Element, element: etree._Element) -> str:
    return f"{{{root.get('targetNamespace') or ''}}}{element.get('name')}"


def _qname(element: etree._Element, name: str | None) -> str:
    prefix, _, local = (name or "").strip().rpartition(":")
    namespace = element.nsmap.get(prefix or None)
    if not prefix and namespace in {None, WSDL}:  # sloppy, and common: the document's own names are meant
        namespace = element.getroottree().getroot().get("targetNamespace")
    return f"{{{namespace or ''}}}{local}"
