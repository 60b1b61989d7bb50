"""What can be done with a WSDL, told without a network: each operation by the WSDL or written out, and why."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

from lxml import etree

from connector.errors import MappingInvalid
from connector.transport.soap import LoadedWsdl
from connector.transport.wsdl_closure import Closure
from connector.transport.wsdl_documents import XSD, DocumentBroken
from connector.transport.wsdl_folder import Missing
from connector.transport.wsdl_outline import OperationOutline, PortOutline, read_ports

__all__ = ["CheckedOperation", "CheckedWsdl", "Usable", "check_wsdl", "wsdls_in"]

_NOTHING: Final = "no service and no binding stand in it: it is a part of other WSDLs."


class Usable(StrEnum):
    """How a service or an operation can be used."""

    WSDL = "wsdl"
    TEMPLATE = "template"
    PART = "part"
    """It describes nothing that could be called; other documents import it."""
    NOT = "not"


@dataclass(frozen=True, kw_only=True, slots=True)
class CheckedOperation:
    """One operation of one port."""

    service: str
    port: str
    name: str
    version: str
    shape: str
    """Style and use, such as document/literal."""
    usable: Usable
    why: str | None = None
    """Why not by the WSDL."""
    header: tuple[str, ...] = ()
    """Messages that belong into the SOAP header."""


@dataclass(frozen=True, kw_only=True, slots=True)
class CheckedWsdl:
    """One WSDL."""

    file: Path
    usable: Usable
    why: str | None
    operations: tuple[CheckedOperation, ...] = ()


def wsdls_in(place: Path) -> list[Path]:
    """Return the WSDLs at this place: the file itself, or all in the folder and below it."""
    return sorted(place.rglob("*.wsdl")) if place.is_dir() else [place]


def check_wsdl(path: Path) -> CheckedWsdl:
    """Return what can be done with this WSDL."""
    try:
        closure = Closure(path)
    except DocumentBroken as broken:
        return CheckedWsdl(file=path, usable=Usable.NOT, why=str(broken))
    ports = read_ports(closure)
    operations, why = _operations(closure, ports)
    if operations:
        by_wsdl = [each for each in operations if each.usable is Usable.WSDL]
        usable = Usable.WSDL if by_wsdl else Usable.TEMPLATE
        return CheckedWsdl(file=path, usable=usable, why=why, operations=tuple(operations))
    if etree.QName(closure.documents[closure.wsdl]).localname != "definitions":
        return CheckedWsdl(file=path, usable=Usable.NOT, why="it is not a WSDL.")
    return CheckedWsdl(file=path, usable=Usable.PART, why=_NOTHING)


def _operations(closure: Closure, ports: list[PortOutline]) -> tuple[list[CheckedOperation], str | None]:
    why = _missing(closure.missing) if closure.missing else None
    loaded = None
    if why is None:
        try:
            loaded = LoadedWsdl(closure)
        except MappingInvalid as error:
            why = error.sentence.removeprefix(f"{closure.wsdl}: ")
    checked = []
    for port in ports:
        for operation in port.operations.values():
            reason = why
            if loaded is not None:
                reason = _why_not(closure, loaded, port, operation)
            checked.append(_told(port, operation, reason))
    reasons = list(dict.fromkeys(each.why for each in checked if each.why))
    return checked, why or _in_short(reasons)


def _told(port: PortOutline, operation: OperationOutline, why: str | None) -> CheckedOperation:
    return CheckedOperation(
        service=port.service,
        port=port.port,
        name=operation.name,
        version=str(port.version),
        shape=operation.shape,
        usable=Usable.WSDL if why is None else Usable.TEMPLATE,
        why=why,
        header=operation.headers,
    )


def _why_not(
    closure: Closure, loaded: LoadedWsdl, port: PortOutline, operation: OperationOutline
) -> str | None:
    if not port.service:
        return "no service offers its binding; the address and the port are not told."
    try:
        contract = loaded.contract(port)
        if operation.name in contract.operations:
            contract.prepare(operation.name)
            return None
    except MappingInvalid as error:
        return error.sentence
    if operation.element is not None and not _is_declared(closure, operation.element):
        return f"the element {operation.element} is declared nowhere in the bundle."
    return "its messages name elements or types that are nowhere in the bundle."


def _is_declared(closure: Closure, element: str) -> bool:
    name = etree.QName(element)
    for root in closure.documents.values():
        for schema in root.iter(f"{{{XSD}}}schema"):
            if (schema.get("targetNamespace") or None) == name.namespace:
                found: Iterator[etree._Element] = schema.iterfind(f"{{{XSD}}}element")
                if any(each.get("name") == name.localname for each in found):
                    return True
    return False


def _missing(missing: list[Missing]) -> str:
    first = missing[0]
    more = f" (and {len(missing) - 1} more)" if len(missing) > 1 else ""
    wanted = first.location or first.namespace
    return f"{first.path.name}, line {first.line}: imports {wanted}, which is not there{more}."


def _in_short(reasons: list[str]) -> str | None:
    more = f" (and {len(reasons) - 1} more reasons, see --operations)" if len(reasons) > 1 else ""
    return f"{reasons[0]}{more}" if reasons else None
