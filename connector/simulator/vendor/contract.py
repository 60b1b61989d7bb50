"""A vendor's WSDL from the office's side: how its requests are called, and how its answers are written.

Only files on the disk are read. A WSDL whose schemas cannot be loaded is no hindrance: of it only the names are taken,
and answers are written by those, which whoever reads by local names does not notice.
"""

import warnings
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit
from urllib.request import url2pathname

import zeep
from lxml import etree

from connector.simulator.vendor.answers import Answer, declared, outline
from connector.simulator.vendor.plain_xml import parsed_xml
from connector.transport.well_known import WELL_KNOWN
from connector.transport.wsdl_contents import Stretched, contents_told, stretched_by

__all__ = ["VendorContract"]

_LIMIT: Final = 16 * 1024 * 1024
_FILLERS: Final = {
    "boolean": "false",
    "date": "2026-11-21",
    "dateTime": "2026-11-21T00:00:00",
    "decimal": "0",
    "double": "0",
    "float": "0",
    "int": "0",
    "integer": "0",
    "long": "0",
    "short": "0",
}
"""What stands in an element that the schema requires and nobody has a value for."""


class _Offline(zeep.Transport):
    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.documents: list[bytes] = []

    def load(self, url: str) -> bytes:
        if url in WELL_KNOWN:
            return WELL_KNOWN[url]
        parts = urlsplit(str(url))
        if parts.scheme not in {"", "file"}:
            raise ValueError(f"it imports {url}, which is not beside it")
        with Path(url2pathname(parts.path) if parts.scheme else url).open("rb") as stream:
            content = stream.read(_LIMIT + 1)
        if len(content) > _LIMIT:
            raise ValueError("a file of it is too large")
        self.documents.append(content)
        return content


@dataclass
class VendorContract:
    """The operations of some WSDLs, and how each is answered."""

    wsdls: Iterable[Path]
    undeclared: Collection[str] = ()
    """Elements that are written although the WSDL does not declare them: ``name`` or ``parent/name``."""
    answers: dict[str, Answer] = field(default_factory=dict, init=False)
    """By the operation's name."""
    complaints: list[str] = field(default_factory=list, init=False)
    """WSDLs that cannot be loaded, each with the reason."""

    def __post_init__(self) -> None:
        """Load what can be loaded."""
        for path in self.wsdls:
            before = len(self.answers)
            try:
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore")  # what is odd in a vendor's WSDL is no news to its caller
                    self._load(path)
            except Exception as error:  # noqa: BLE001 - vendors' WSDLs break their readers in every way there is
                lines = str(error).splitlines() or [type(error).__name__]
                self.complaints.append(f"{path}: only names are taken of it: {lines[0][:200]}")
                for name, answer in outline(path):
                    self.answers.setdefault(name, answer)
            else:
                if len(self.answers) == before:
                    self.complaints.append(f"{path}: no operation is described in it")

    def request_of(self, call: str) -> str:
        """Return how the element is called by which this operation is asked for."""
        return self.answers[call].request if call in self.answers else call

    def write(self, call: str, namespace: str, content: Mapping[str, Any]) -> etree._Element:
        """Return the element that answers this call. ``namespace`` is that of the request.

        What the WSDL does not declare is left out: an office does not invent what a mapping happens to read.
        """
        answer = self.answers.get(call)
        if answer is not None and answer.contents is not None:
            name = etree.QName(answer.element).localname
            content = declared(content, answer.contents, name, self.undeclared)
        if answer is None:
            element = etree.Element(f"{{{namespace}}}{call}Response" if namespace else f"{call}Response")
            _fill(element, None, content, namespace)
            return element
        if not answer.is_rpc:
            element = etree.Element(answer.element)
            _fill(element, answer.type, content, etree.QName(element).namespace or "")
            return element
        # Its namespace is that of the call; zeep does not keep what the binding says of answers.
        element = etree.Element(f"{{{namespace}}}{answer.element}" if namespace else answer.element)
        for name, kind in answer.parts:
            if name in content:
                _fill(etree.SubElement(element, name), kind, content[name], "")
        _rest(element, content, {name for name, _ in answer.parts}, "")
        return element

    def _load(self, path: Path) -> None:
        settings = zeep.Settings(strict=False, forbid_dtd=True, forbid_entities=True, xml_huge_tree=True)
        offline = _Offline()
        client = zeep.Client(str(path), transport=offline, settings=settings)  # type: ignore[no-untyped-call]
        stretched = stretched_by(parsed_xml(document) for document in offline.documents)
        for service in client.wsdl.services.values():
            for port in service.ports.values():
                for name, operation in port.binding.all().items():
                    self.answers.setdefault(name, _answer(name, operation, stretched))


def _answer(name: str, operation: Any, stretched: Stretched) -> Answer:
    asked, told = operation.abstract.input_message, operation.abstract.output_message
    request = next((part.element for part in asked.parts.values() if part.element is not None), None)
    request_name = name if request is None else etree.QName(request.qname).localname
    elements = [part.element for part in told.parts.values() if part.element is not None] if told else []
    contents = contents_told(told, stretched)
    if elements:
        element = elements[0]
        return Answer(request=request_name, element=str(element.qname), type=element.type, contents=contents)
    parts = tuple((part, each.type) for part, each in told.parts.items()) if told else ()
    return Answer(
        request=request_name, element=f"{name}Response", parts=parts, is_rpc=True, contents=contents
    )


def _fill(element: etree._Element, kind: Any, value: Any, namespace: str) -> None:
    if isinstance(
        value, list
    ):  # a SOAP-encoded array: what its items are called says nothing (SOAP 1.1, 5.4.2)
        for item in value:
            if item is not None:
                _fill(etree.SubElement(element, "item"), _item_type(kind), item, "")
        return
    if not isinstance(value, Mapping):
        element.text = _text(value)
        return
    for name, inner in value.items():
        if name.startswith("@"):
            element.set(name[1:], _text(inner))
    element.text = _text(value.get("#text")) if "#text" in value else None
    known = list(getattr(kind, "elements", None) or [])
    for _, particle in known:
        qname = getattr(particle, "qname", None)
        if qname is None:
            continue
        name = etree.QName(qname).localname
        if name in value:
            _add(element, str(qname), particle.type, value[name], namespace)
        elif particle.min_occurs and not getattr(particle.type, "elements", None):
            etree.SubElement(element, str(qname)).text = _filler(particle.type)
    names = {
        etree.QName(each.qname).localname for _, each in known if getattr(each, "qname", None) is not None
    }
    _rest(element, value, names, namespace)


def _rest(element: etree._Element, value: Mapping[str, Any], known: set[str], namespace: str) -> None:
    """Write what no schema knows: whoever reads by names finds it."""
    for name, inner in value.items():
        if name not in known and not name.startswith(("@", "#")):
            _add(element, f"{{{namespace}}}{name}" if namespace else name, None, inner, namespace)


def _add(parent: etree._Element, tag: str, kind: Any, value: Any, namespace: str) -> None:
    is_array = getattr(kind, "_array_type", None) is not None
    for item in value if isinstance(value, list) and not is_array else [value]:
        if item is not None:
            _fill(etree.SubElement(parent, tag), kind, item, namespace)


def _item_type(kind: Any) -> Any:
    array = getattr(kind, "_array_type", None)
    return None if array is None else array.array_type


def _filler(kind: Any) -> str:
    qname = getattr(kind, "_default_qname", None) or getattr(kind, "qname", None)
    name = etree.QName(qname).localname if qname is not None else ""
    return _FILLERS.get(name, "")


def _text(value: Any) -> str:
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)
