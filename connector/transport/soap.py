"""SOAP by a vendor's WSDL: messages written and answers read, without ever fetching anything.

zeep reads the WSDL and its schemas; how messages are written is compiled from them (``soap_compiler``), and sending is
ours. The WSDL and all that it imports lie on disk, and the address always comes from the configuration.
"""

import warnings
from collections.abc import Collection
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit
from urllib.request import url2pathname

import zeep
import zeep.exceptions
from lxml import etree

from connector.domain.text import forbidden_in_xml
from connector.errors import MappingInvalid, NotPossible
from connector.transport.soap_answer import SoapFault, envelope_body
from connector.transport.soap_compiler import MessageWriter, compile_message
from connector.transport.soap_envelope import SoapMessage, SoapVersion, enveloped
from connector.transport.soap_particles import Unfit
from connector.transport.soap_reading import AnswerReader
from connector.transport.soap_shape import Shape, message_shape
from connector.transport.well_known import WELL_KNOWN
from connector.transport.wsdl_closure import Closure
from connector.transport.wsdl_contents import Contents, contents_asked, contents_told, stretched_by
from connector.transport.wsdl_documents import DocumentBroken
from connector.transport.wsdl_outline import OperationOutline, PortOutline, read_ports

__all__ = ["LoadedWsdl", "SoapContract", "SoapFault", "SoapMessage", "load_contract"]

_ENCODINGS: Final = {
    SoapVersion.V11: "http://schemas.xmlsoap.org/soap/encoding/",
    SoapVersion.V12: "http://www.w3.org/2003/05/soap-encoding",
}
"""The encoding that each version describes (SOAP 1.1, section 5; 1.2 part 2, section 3), where the WSDL names none."""


class _Offline(zeep.Transport):
    """Fetches nothing: the documents are read already, and the schemas that everybody knows are ours."""

    def __init__(self, closure: Closure) -> None:
        """Keep the documents."""
        super().__init__()  # type: ignore[no-untyped-call]
        self._closure = closure

    def load(self, url: str) -> bytes:
        """Return a document with every import pointing into the bundle."""
        place = str(url)
        if place in WELL_KNOWN:
            return WELL_KNOWN[place]
        parts = urlsplit(place)
        return self._closure.content(Path(url2pathname(parts.path) if parts.scheme else place))


class LoadedWsdl:
    """A WSDL with its types, read once for all of its ports."""

    def __init__(self, closure: Closure) -> None:
        """Load it. Raise MappingInvalid when it cannot be loaded or something that it imports is nowhere."""
        self.path = closure.wsdl
        for missing in closure.missing[:1]:
            raise MappingInvalid(
                f"{missing.path}: line {missing.line} imports {missing.location or missing.namespace}, "
                "which is not beside it.",
                next_step="Put the imported file beside the WSDL, or gather all with: chapar wsdl bundle. "
                "Without it the service can be described in template mode.",
            )
        self.client = _load(closure)
        self.ports = read_ports(closure)
        self.stretched = stretched_by(closure.documents.values())

    def contract(self, port: PortOutline) -> "SoapContract":
        """Return the contract of one port."""
        return SoapContract(self, port)

    def find_port(self, service: str | None, port: str | None) -> PortOutline:
        """Return the port by its names, or the first. Raise MappingInvalid where there is none."""
        offered = [each for each in self.ports if each.service]
        if not offered and not self.client.wsdl.services:
            raise MappingInvalid(
                f"{self.path}: this is not a WSDL: no service is described in it.",
                next_step="Put the WSDL itself there; what a browser saves is often a page about it.",
            )
        for each in offered:
            if service in {None, each.service} and port in {None, each.port}:
                return each
        known = ", ".join(f"{each.service}/{each.port}" for each in offered)
        raise MappingInvalid(
            f"{self.path}: there is no service {service or '(first)'} with a SOAP port {port or '(first)'}.",
            next_step=f"Choose one of: {known or 'none of its services has a SOAP port'}.",
        )


def load_contract(wsdl: Path, *, service: str | None = None, port: str | None = None) -> "SoapContract":
    """Return the contract of one port of a WSDL on disk, the first unless they are named.

    Raise MappingInvalid when it cannot be loaded or has no such service or port.
    """
    try:
        loaded = LoadedWsdl(Closure(wsdl))
    except DocumentBroken as broken:
        raise _unloadable(wsdl, str(broken)) from None
    return loaded.contract(loaded.find_port(service, port))


class SoapContract:
    """One port of a WSDL. Safe for many threads."""

    def __init__(self, loaded: LoadedWsdl, outline: PortOutline) -> None:
        """Keep the port. Made by ``load_contract`` or ``LoadedWsdl.contract``."""
        self._path = loaded.path
        self._client = loaded.client
        self._stretched = loaded.stretched
        self._outline = outline
        self._binding = self._client.wsdl.bindings.get(outline.binding)
        self._writers: dict[str, MessageWriter] = {}
        self._shapes: dict[str, tuple[str, Shape]] = {}

    @property
    def operations(self) -> frozenset[str]:
        """The names of what can be called."""
        return (
            frozenset(self._binding.all()) & self._outline.operations.keys() if self._binding else frozenset()
        )

    @property
    def version(self) -> SoapVersion:
        """Return the version of SOAP that the port speaks."""
        return self._outline.version

    def outline(self, operation: str) -> OperationOutline:
        """Return how the operation's messages are made."""
        return self._outline.operations[operation]

    def write(self, operation: str, values: Any, *, header: str = "") -> SoapMessage:
        """Return the message of a call, with these blocks in its header.

        Raise NotPossible when the values do not fit the WSDL.
        """
        try:
            body, namespaces = self._writer(operation).write(values)
        except (Unfit, ValueError, TypeError, AttributeError, ArithmeticError) as error:
            what = str(error) if isinstance(error, Unfit) else type(error).__name__
            raise NotPossible(f"The letter does not fit {operation} of {self._path.name}: {what}.") from None
        if forbidden_in_xml(body):
            raise NotPossible(f"The letter holds characters that cannot be sent to {operation}.")
        try:
            envelope = enveloped(self.version, body, header=header, namespaces=namespaces)
        except UnicodeEncodeError:
            raise NotPossible(f"The letter holds characters that cannot be sent to {operation}.") from None
        return SoapMessage(envelope=envelope, version=self.version, action=self.outline(operation).action)

    def read(
        self, operation: str, answer: bytes | etree._Element, *, lists: Collection[str] = ()
    ) -> SoapFault | Any:
        """Return the answer to a call as plain values: dicts, lists and text. See ``soap_reading``.

        ``lists`` names elements that are lists besides those that the WSDL knows. Return a SoapFault where the office
        answers with one. Raise ValueError when it is no SOAP answer, and when it is not the answer to this call.
        """
        body = envelope_body(answer)
        if isinstance(body, SoapFault):
            return body
        content = next((child for child in body if isinstance(child.tag, str)), None)
        name, shape = self._answer(operation)
        if content is None:
            if self._has_answer(operation):
                raise ValueError("an empty answer")
            return {}
        self._refuse_other(operation, name, str(content.tag).rpartition("}")[2])
        return AnswerReader(body, lists).read(content, shape)

    def prepare(self, operation: str) -> None:
        """Compile the operation now. Raise MappingInvalid where its messages cannot be made from the WSDL."""
        try:
            self._writer(operation)
            self._answer(operation)
        except (
            zeep.exceptions.Error,
            ValueError,
            LookupError,
            TypeError,
            AttributeError,
            RecursionError,
        ) as error:
            raise MappingInvalid(
                f"{self._path}: the messages of {operation} cannot be made: {_plainly(error)}",
                next_step="Describe the service in template mode.",
            ) from None

    def asked(self, operation: str) -> Contents:
        """Return what a call may hold, for whoever checks a mapping."""
        return contents_asked(self._operation(operation).input.body, self._stretched)

    def told(self, operation: str) -> tuple[str, Contents]:
        """Return the local name of the element that answers a call and what it may hold, for the same."""
        message = self._operation(operation).abstract.output_message
        return self._answer(operation)[0], contents_told(message, self._stretched)

    def _refuse_other(self, operation: str, expected: str, name: str) -> None:
        if name == expected:
            return
        # In an rpc answer the name says nothing (SOAP 1.1, 7.1), unless it is that of another operation.
        other = name.removesuffix("Response")
        if self.outline(operation).style != "rpc" or (other != operation and other in self.operations):
            raise ValueError("the answer to another call")

    def _operation(self, name: str) -> Any:
        return self._binding.get(name)

    def _has_answer(self, operation: str) -> bool:
        message = self._operation(operation).abstract.output_message
        return message is not None and bool(message.parts)

    def _writer(self, operation: str) -> MessageWriter:
        writer = self._writers.get(operation)
        if writer is None:
            outline = self.outline(operation)
            writer = self._writers[operation] = compile_message(
                self._operation(operation).input.body,
                self._client.wsdl.types,
                is_encoded=outline.is_encoded,
                encoding_style=outline.encoding_style or _ENCODINGS[self.version],
            )
        return writer

    def _answer(self, operation: str) -> tuple[str, Shape]:
        if operation not in self._shapes:
            self._shapes[operation] = _answer_shape(operation, self._operation(operation))
        return self._shapes[operation]


def _load(closure: Closure) -> Any:
    settings = zeep.Settings(
        strict=True, raw_response=True, forbid_dtd=True, forbid_entities=True, xml_huge_tree=True
    )
    try:
        with warnings.catch_warnings():
            # What zeep passes over is missing among the operations, and told when it is called.
            warnings.simplefilter("ignore")
            return zeep.Client(  # type: ignore[no-untyped-call]
                str(closure.wsdl), transport=_Offline(closure), settings=settings
            )
    except (zeep.exceptions.Error, etree.LxmlError, OSError, ValueError, LookupError, TypeError, AttributeError,
            NotImplementedError, RecursionError) as error:  # fmt: skip
        raise _unloadable(closure.wsdl, _plainly(error)) from None


def _unloadable(wsdl: Path, why: str) -> MappingInvalid:
    return MappingInvalid(
        f"{wsdl}: the WSDL cannot be loaded: {why}",
        next_step="Ask the vendor for the whole WSDL with everything that it imports, "
        "or describe the service in template mode; chapar wsdl check says what is wrong.",
    )


def _answer_shape(name: str, operation: Any) -> tuple[str, Shape]:
    message = operation.abstract.output_message
    if message is None:
        return f"{name}Response", Shape()
    elements = [part.element for part in message.parts.values() if part.element is not None]
    if len(elements) == 1:
        return etree.QName(elements[0].qname).localname, message_shape(message)
    return f"{name}Response", message_shape(message)


def _plainly(error: Exception) -> str:
    if isinstance(error, OSError) and error.filename:
        return f"{error.filename} cannot be read ({error.strerror})."
    if isinstance(error, zeep.exceptions.DTDForbidden | zeep.exceptions.EntitiesForbidden):
        return "it has a document type or entities of its own, and those are not read."
    # What zeep says of names is useful; what others say may repeat values.
    if isinstance(error, zeep.exceptions.Error | TypeError) and str(error):
        return str(error).split(". Signature")[0].splitlines()[0][:300]
    return type(error).__name__
