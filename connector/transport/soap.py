"""SOAP by a vendor's WSDL: messages written and answers read, without ever fetching anything.

zeep writes and reads; sending is ours. The WSDL and all that it imports lie on disk, and the address always comes
from the configuration.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit
from urllib.request import url2pathname

import zeep
import zeep.exceptions
from lxml import etree

from connector.errors import MappingInvalid, NotPossible
from connector.transport.soap_answer import SoapFault, envelope_body
from connector.transport.soap_shape import Shape, message_shape, read_element
from connector.transport.well_known import WELL_KNOWN

__all__ = ["SoapContract", "SoapFault", "SoapMessage"]

_WSDL_LIMIT: Final = 16 * 1024 * 1024


@dataclass(frozen=True, kw_only=True, slots=True)
class SoapMessage:
    """A message, ready to be sent."""

    envelope: bytes
    headers: Mapping[str, str]


class _Offline(zeep.Transport):
    """Reads from disk only, and hands the finished message back instead of sending it."""

    def load(self, url: str) -> bytes:
        """Return a file of the bundle, or a well-known schema that vendors import from its home on the web."""
        place = str(url)
        if place in WELL_KNOWN:
            return WELL_KNOWN[place]
        parts = urlsplit(place)
        if parts.scheme not in {"", "file"}:
            raise _Remote(place)
        path = Path(url2pathname(parts.path) if parts.scheme else place)
        with path.open("rb") as stream:
            content = stream.read(_WSDL_LIMIT + 1)
        if len(content) > _WSDL_LIMIT:
            raise ValueError(f"{path.name} is larger than {_WSDL_LIMIT} bytes")
        return content

    def post_xml(self, address: str, envelope: Any, headers: Mapping[str, str]) -> SoapMessage:
        """Return the message; zeep returns it to the caller untouched."""
        content = etree.tostring(envelope, xml_declaration=True, encoding="UTF-8")
        return SoapMessage(envelope=content, headers=dict(headers))


class _Remote(Exception):
    pass


class SoapContract:
    """One port of a WSDL. Safe for many threads."""

    def __init__(self, wsdl: Path, *, service: str | None = None, port: str | None = None) -> None:
        """Load the WSDL from disk. Raise MappingInvalid when it cannot be loaded or has no such service or port."""
        self._path = wsdl
        self._settings = zeep.Settings(
            strict=True, raw_response=True, forbid_dtd=True, forbid_entities=True, xml_huge_tree=True
        )
        self._client = self._load()
        self._binding = self._find_binding(service, port)
        # The address is never used: sending is ours.
        self._proxy = self._client.create_service(self._binding.name, "http://office.invalid/")
        operations = self._binding.all()
        self._requests = {
            name: message_shape(each.abstract.input_message) for name, each in operations.items()
        }
        self._answers = {name: _answer_shape(name, each) for name, each in operations.items()}

    @property
    def operations(self) -> frozenset[str]:
        """The names of what can be called."""
        return frozenset(self._requests)

    def write(self, operation: str, values: Mapping[str, Any]) -> SoapMessage:
        """Return the message of a call. Raise NotPossible when the values do not fit the WSDL."""
        try:
            message: SoapMessage = self._proxy[operation](**values)
        except (zeep.exceptions.Error, TypeError, ValueError, AttributeError, ArithmeticError) as error:
            raise NotPossible(
                f"The letter does not fit {operation} of {self._path.name}: {_plainly(error)}"
            ) from None
        return message

    def read(self, operation: str, answer: bytes) -> Any:
        """Return the answer to a call as plain values: dicts, lists and text. See ``soap_shape``.

        Return a SoapFault where the office answers with one. Raise ValueError when it is no SOAP answer, and when
        it is not the answer to this call.
        """
        body = envelope_body(answer)
        if isinstance(body, SoapFault):
            return body
        content = next((child for child in body if isinstance(child.tag, str)), None)
        name, shape = self._answers[operation]
        if content is None or etree.QName(content).localname != name:
            raise ValueError("the answer to another call")
        return read_element(content, shape)

    def unknown_field(self, operation: str, fields: Any) -> tuple[tuple[str, ...], list[str]] | None:
        """Return the way to the first of these fields that the message does not have, and what it has there.

        ``fields`` is a tree of dicts; whatever is not a dict is passed over. None where all are known.
        """
        return _unknown(fields, self._requests[operation], ())

    def _load(self) -> Any:
        try:
            return zeep.Client(  # type: ignore[no-untyped-call]
                str(self._path),
                transport=_Offline(),  # type: ignore[no-untyped-call]
                settings=self._settings,
            )
        except _Remote as error:
            raise MappingInvalid(
                f"{self._path}: it imports {error}, which is not beside it.",
                next_step="Put the imported file beside the WSDL and point the import at it; nothing is fetched.",
            ) from None
        except (zeep.exceptions.Error, etree.LxmlError, OSError, ValueError, LookupError, TypeError, AttributeError,
                NotImplementedError, RecursionError) as error:  # fmt: skip
            raise MappingInvalid(
                f"{self._path}: the WSDL cannot be loaded: {_plainly(error)}",
                next_step="Ask the vendor for the whole WSDL with everything that it imports.",
            ) from None

    def _find_binding(self, service: str | None, port: str | None) -> Any:
        services = self._client.wsdl.services
        found = services.get(service) if service else next(iter(services.values()), None)
        ports = found.ports if found is not None else {}
        place = ports.get(port) if port else next(iter(ports.values()), None)
        if not services:
            raise MappingInvalid(
                f"{self._path}: this is not a WSDL: no service is described in it.",
                next_step="Put the WSDL itself there; what a browser saves is often a page about it.",
            )
        if place is None:
            known = ", ".join(f"{name}/{inner}" for name, each in services.items() for inner in each.ports)
            raise MappingInvalid(
                f"{self._path}: there is no service {service or '(first)'} with a SOAP port {port or '(first)'}.",
                next_step=f"Choose one of: {known or 'none of its services has a SOAP port'}.",
            )
        return place.binding


def _answer_shape(name: str, operation: Any) -> tuple[str, Shape]:
    message = operation.abstract.output_message
    if message is None:
        return f"{name}Response", Shape()
    elements = [part.element for part in message.parts.values() if part.element is not None]
    if len(elements) == 1:
        return etree.QName(elements[0].qname).localname, message_shape(message)
    return f"{name}Response", message_shape(message)


def _unknown(
    fields: Any, shape: Shape | None, way: tuple[str, ...]
) -> tuple[tuple[str, ...], list[str]] | None:
    if not isinstance(fields, dict) or shape is None or shape.is_open:
        return None
    for name, inner in fields.items():
        if name not in shape.elements:
            return (*way, name), sorted(shape.elements)
        found = _unknown(inner, shape.elements[name], (*way, name))
        if found:
            return found
    return None


def _plainly(error: Exception) -> str:
    if isinstance(error, OSError) and error.filename:
        return f"{error.filename} cannot be read ({error.strerror})."
    if isinstance(error, zeep.exceptions.DTDForbidden | zeep.exceptions.EntitiesForbidden):
        return "it has a document type or entities of its own, and those are not read."
    # What zeep says of names is useful; what others say may repeat values.
    if isinstance(error, zeep.exceptions.Error | TypeError) and str(error):
        return str(error).split(". Signature")[0].splitlines()[0][:300]
    return type(error).__name__
