"""A shipped profile compared with the vendor's own bundle: whatever our reduced contract says must stand there too.

The bundles are other people's files and are no part of the project. They are looked for in ``../shared/data/wsdl``
beside the project, or in the folder that ``CHAPAR_ORIGINAL_BUNDLES`` names; where there are none, the test is skipped.
Reading an extra field harms nobody; a misspelt one, another namespace or a forgotten required one does.
"""

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final

import pytest
from lxml import etree

from connector.mapping.fitting import every_step
from connector.mapping.located import load_located, validate
from connector.mapping.schema import OfficeMapping
from connector.mapping.schema_service import Service, SoapMode
from connector.mapping.soap_steps import service_name
from connector.testing.mapping_cases import example_credentials, play_cases
from connector.testing.played_office import SeenRequest
from connector.transport.soap import LoadedWsdl
from connector.transport.wsdl_check import wsdls_in
from connector.transport.wsdl_closure import Closure
from connector.transport.wsdl_documents import XSD
from connector.transport.wsdl_outline import OperationOutline, PortOutline
from tests.conftest import NOT_OURS

__all__ = ["differences", "misplaced", "original", "sent_messages", "strange_elements", "written_messages"]

ROOT: Final = Path(__file__).parents[3]
PROFILES: Final = ROOT / "mappings" / "offices"
BUNDLES: Final = Path(os.environ.get("CHAPAR_ORIGINAL_BUNDLES") or ROOT.parent / "shared" / "data" / "wsdl")


def original(name: str) -> Path:
    """Return a vendor's folder, or a WSDL in it. Skip the test where it is not there."""
    place = BUNDLES / name
    if not place.exists():
        pytest.skip(f"{NOT_OURS}: the vendor's bundle {name} is not in {BUNDLES}")
    return place


def differences(profile: str, place: Path) -> list[str]:
    """Return each way in which a profile's contract says other than the vendor's; empty where it tells the truth.

    Looked at is every operation that the profile calls in wsdl mode: version, SOAPAction, style, namespace and element;
    every field of the question (name, namespace, type, order, whether it is a list or may be nil, and that none is
    missing that the vendor requires), and every field of the answer. ``place`` is the vendor's folder or a WSDL in it.
    """
    path = PROFILES / f"{profile}.yaml"
    mapping = validate(OfficeMapping, load_located(path))
    theirs = [LoadedWsdl(Closure(wsdl)) for wsdl in wsdls_in(place)]
    found: list[str] = []
    for name, service in mapping.services.items():
        if service.mode is not SoapMode.WSDL or service.wsdl is None:
            continue
        ours = LoadedWsdl(Closure(path.parent / service.wsdl))
        calls = {step.call for _, step in every_step(mapping) if service_name(step, mapping) == name}
        found += _in_service(ours, service, theirs, sorted(call for call in calls if call))
    return found


def written_messages(profile: str) -> Iterator[bytes]:
    """Yield every message that the profile's cases send: for profiles that write their envelopes out."""
    yield from (request.body for request in sent_messages(profile))


def sent_messages(profile: str) -> Iterator[SeenRequest]:
    """Yield every request that the profile's cases send."""
    from adapters.offices.soap import OFFICE
    from connector.mapping.cases import load_cases
    from connector.mapping.load import cases_path

    path = PROFILES / f"{profile}.yaml"
    with example_credentials() as credentials:
        for run in play_cases(path, load_cases(cases_path(path))[0], OFFICE, credentials):
            yield from run.requests


def strange_elements(message: bytes, place: Path) -> list[str]:
    """Return the elements of a message that the vendor's schemas do not declare in that namespace.

    Where they stand is not looked at, so this says less than ``differences``. Envelope and header are passed over.
    """
    declared = {name for wsdl in wsdls_in(place) for name in _declared(Closure(wsdl))}
    root = etree.fromstring(message, etree.XMLParser(resolve_entities=False, no_network=True))
    body = next(child for child in root if etree.QName(child).localname == "Body")
    told = {str(each.tag) for each in body.iter() if each is not body and isinstance(each.tag, str)}
    return sorted(told - declared)


def misplaced(requests: Iterable[SeenRequest], wsdls: Iterable[LoadedWsdl]) -> list[str]:
    """Return what stands in written messages otherwise than the vendor's WSDLs want it.

    Looked at is what a message in template mode cannot be checked for when it is loaded: the SOAPAction, and of each
    element its namespace, its order, whether it is known there at all, its attributes, and whether one is missing that
    the vendor requires. What a simple type allows is not looked at.
    """
    asked: dict[str, tuple[str, Any]] = {}
    for loaded in wsdls:
        for port in loaded.ports:
            binding = loaded.client.wsdl.bindings[port.binding]
            for name, outline in port.operations.items():
                (part,) = binding.get(name).abstract.input_message.parts.values()
                asked[str(part.element.qname)] = (outline.action, part.element.type)
    found: set[str] = set()
    for request in requests:
        root = etree.fromstring(request.body, etree.XMLParser(resolve_entities=False, no_network=True))
        (message,) = next(child for child in root if etree.QName(child).localname == "Body")
        action, xsd_type = asked.get(str(message.tag), ("", None))
        if request.headers.get("soapaction") != f'"{action}"':
            found.add(f"{message.tag}: the SOAPAction is {request.headers.get('soapaction')}")
        if xsd_type is not None:
            found.update(_misplaced(message, xsd_type, etree.QName(message).localname))
    return sorted(found)


def _misplaced(element: Any, xsd_type: Any, way: str) -> Iterator[str]:
    known = {str(attribute.qname) for _, attribute in getattr(xsd_type, "attributes", ())}
    for name in element.attrib:
        if name not in known and not name.startswith("{http://www.w3.org/2001/XMLSchema-instance}"):
            yield f"{way}/@{name}: the vendor has no such attribute"
    if not hasattr(xsd_type, "elements"):
        return
    fields = {str(each.qname): (each, is_required) for each, is_required in _elements(xsd_type).values()}
    order = list(fields)
    came = [str(child.tag) for child in element]
    strange = [name for name in came if name not in fields]
    yield from (f"{way}/{name}: the vendor has no such element there" for name in strange)
    places = [order.index(name) for name in came if name in fields]
    if places != sorted(places):
        yield f"{way}: the order is not the vendor's"
    is_nil = element.get("{http://www.w3.org/2001/XMLSchema-instance}nil") == "true"
    for name, (field, is_required) in fields.items():
        if is_required and name not in came and field.qname is not None and not is_nil and "}" in name:
            yield f"{way}/{name}: the vendor requires it"
        if came.count(name) > 1 and not field.accepts_multiple:
            yield f"{way}/{name}: it stands there several times"
    for child in element:
        if str(child.tag) in fields:
            field = fields[str(child.tag)][0]
            yield from _misplaced(child, field.type, f"{way}/{etree.QName(child).localname}")


def _declared(closure: Closure) -> Iterator[str]:
    for document in closure.documents.values():
        for schema in document.iter(f"{{{XSD}}}schema"):
            namespace = schema.get("targetNamespace") or ""
            usual = schema.get("elementFormDefault") or "unqualified"
            for element in schema.iter(f"{{{XSD}}}element"):
                is_global = element.getparent() is schema
                is_qualified = is_global or (element.get("form") or usual) == "qualified"
                if element.get("name"):
                    yield (
                        f"{{{namespace}}}{element.get('name')}" if is_qualified else element.get("name") or ""
                    )


def _in_service(
    ours: LoadedWsdl, service: Service, theirs: list[LoadedWsdl], calls: list[str]
) -> Iterator[str]:
    port = ours.find_port(service.service, service.port)
    fitting = [(wsdl, each) for wsdl in theirs for each in wsdl.ports if each.binding == port.binding]
    if not fitting:
        known = ", ".join(sorted({each.binding for wsdl in theirs for each in wsdl.ports}))
        yield f"the vendor has no binding {port.binding}; known: {known}"
    for wsdl, other in fitting[:1]:
        for call in calls:
            yield from _in_operation(ours, port, wsdl, other, call)


def _in_operation(
    ours: LoadedWsdl, port: PortOutline, theirs: LoadedWsdl, other: PortOutline, call: str
) -> Iterator[str]:
    if call not in other.operations:
        yield f"the vendor has no operation {call}"
        return
    if port.version is not other.version:
        yield f"{call}: SOAP {port.version}, the vendor has {other.version}"
    told, wanted = _told(port.operations[call]), _told(other.operations[call])
    yield from (
        f"{call}: {name} is {told[name]!r}, the vendor has {wanted[name]!r}"
        for name in told
        if told[name] != wanted[name]
    )
    mine = ours.client.wsdl.bindings[port.binding].get(call).abstract
    yours = theirs.client.wsdl.bindings[other.binding].get(call).abstract
    is_encoded = other.operations[call].is_encoded
    question = _Messages(is_question=True, is_exact=is_encoded)
    yield from question.compare(mine.input_message, yours.input_message, f"{call}?")
    answer = _Messages(is_question=False, is_exact=False)
    yield from answer.compare(mine.output_message, yours.output_message, f"{call}!")


def _told(operation: OperationOutline) -> dict[str, Any]:
    names = ("action", "shape", "encoding_style", "namespace", "element")
    return {name: getattr(operation, name) for name in names}


class _Messages:
    """Compares two messages as zeep reads them: its abstract messages, elements and types.

    ``is_exact`` where the names of types go onto the wire.
    """

    def __init__(self, *, is_question: bool, is_exact: bool) -> None:
        self._is_question = is_question
        self._is_exact = is_exact
        self._seen: set[tuple[int, int]] = set()

    def compare(self, ours: Any, theirs: Any, way: str) -> Iterator[str]:
        if list(ours.parts) != list(theirs.parts):
            yield f"{way}: the parts are {list(ours.parts)}, the vendor has {list(theirs.parts)}"
            return
        for name, part in ours.parts.items():
            other = theirs.parts[name]
            if (part.element is None) != (other.element is None):
                yield f"{way}: the part {name} is an element with one, a type with the other"
            elif part.element is not None:
                yield from self._element(part.element, other.element, way)
            else:
                yield from self._type(part.type, other.type, f"{way}/{name}")

    def _element(self, ours: Any, theirs: Any, way: str) -> Iterator[str]:
        if ours.qname != theirs.qname:
            yield f"{way}: the element is {ours.qname}, the vendor has {theirs.qname}"
        if ours.accepts_multiple != theirs.accepts_multiple:
            yield f"{way}: it is {'a' if ours.accepts_multiple else 'no'} list, and the other way round at the vendor's"
        if self._is_question and ours.nillable and not theirs.nillable:
            yield f"{way}: it may be nil, and not at the vendor's"
        yield from self._type(ours.type, theirs.type, way)

    def _type(self, ours: Any, theirs: Any, way: str) -> Iterator[str]:
        if (id(ours), id(theirs)) in self._seen:
            return
        self._seen.add((id(ours), id(theirs)))
        if not hasattr(ours, "elements") or not hasattr(theirs, "elements"):
            # Theirs may be narrower than ours: a text with a pattern is a text.
            is_narrower = isinstance(theirs, type(ours)) and not self._is_exact
            if ours.qname != theirs.qname and not is_narrower:
                yield f"{way}: the type is {ours.qname}, the vendor has {theirs.qname}"
            return
        if self._is_exact and ours.qname != theirs.qname:
            yield f"{way}: the type is {ours.qname}, the vendor has {theirs.qname}"
        if (ours._array_type is None) != (theirs._array_type is None):
            yield f"{way}: it is an encoded array with one and none with the other"
        elif ours._array_type is not None:
            items = (ours._array_type.array_type, theirs._array_type.array_type)
            yield from self._type(*items, f"{way}[]")
            return
        yield from self._fields(ours, theirs, way)

    def _fields(self, ours: Any, theirs: Any, way: str) -> Iterator[str]:
        mine, yours = _elements(ours), _elements(theirs)
        for name, (element, _) in mine.items():
            if name in yours:
                yield from self._element(element, yours[name][0], f"{way}/{name}")
            else:
                yield f"{way}/{name}: the vendor has no such field"
        yield from self._attributes(ours, theirs, way)
        if not self._is_question:
            return
        order = [name for name in yours if name in mine]
        if [name for name in mine if name in yours] != order:
            yield f"{way}: the order is not the vendor's, {order}"
        for name, (_, is_required) in yours.items():
            if is_required and not mine.get(name, (None, False))[1]:
                yield f"{way}/{name}: the vendor requires it"

    def _attributes(self, ours: Any, theirs: Any, way: str) -> Iterator[str]:
        yours = {str(attribute.name): attribute for _, attribute in theirs.attributes}
        mine = {str(attribute.name): attribute for _, attribute in ours.attributes}
        yield from (f"{way}/@{name}: the vendor has no such attribute" for name in mine if name not in yours)
        for name, attribute in yours.items():
            if self._is_question and getattr(attribute, "required", False) and name not in mine:
                yield f"{way}/@{name}: the vendor requires it"


def _elements(xsd_type: Any) -> dict[str, tuple[Any, bool]]:
    """Return the fields of a type in order, each with whether it must stand there."""
    return dict(_walk(xsd_type._element, is_required=True)) if xsd_type._element is not None else {}


def _walk(inner: Any, *, is_required: bool) -> Iterator[tuple[str, tuple[Any, bool]]]:
    must = is_required and inner.min_occurs != 0
    if hasattr(inner, "qname") and hasattr(inner, "type"):
        yield etree.QName(inner.qname).localname if inner.qname else "#text", (inner, must)
        return
    must = must and type(inner).__name__ != "Choice"
    children = (
        [inner.child]
        if hasattr(inner, "child")
        else [each for _, each in getattr(inner, "elements_nested", ())]
    )
    for child in children:
        yield from _walk(child, is_required=must)
