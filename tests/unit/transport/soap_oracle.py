"""zeep as the judge of what is written: sample values for any operation of any WSDL, and both messages compared."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import zeep
from lxml import etree
from zeep import xsd
from zeep.xsd.elements.any import Any as AnyElement
from zeep.xsd.elements.any import AnyAttribute
from zeep.xsd.elements.indicators import Choice, Group
from zeep.xsd.types import builtins
from zeep.xsd.types.collection import ListType

BUNDLES = Path(__file__).parents[4] / "shared" / "data" / "wsdl"
XSI = "{http://www.w3.org/2001/XMLSchema-instance}"
ENCODING = "{http://schemas.xmlsoap.org/soap/encoding/}"


def sample(xsd_type: Any, depth: int = 0) -> tuple[Any, Any]:
    """Return values of this type, as a mapping gives them and as zeep wants them."""
    if not isinstance(xsd_type, xsd.ComplexType):
        value = text_of(xsd_type)
        return value, value
    if xsd_type._array_type is not None:
        return [], []
    ours: dict[str, Any] = {}
    theirs: dict[str, Any] = {}
    for name, attribute in xsd_type.attributes:
        if isinstance(attribute, AnyAttribute) or not attribute.name or attribute.array_type is not None:
            continue
        ours[f"@{attribute.name}"] = theirs[name] = text_of(attribute.type)
    inner = xsd_type._element
    if isinstance(inner, xsd.Element):
        ours["#text"] = theirs["_value_1"] = text_of(inner.type)
    elif inner:
        fill(inner, ours, theirs, depth)
    return ours, theirs


def fill(indicator: Any, ours: dict[str, Any], theirs: dict[str, Any], depth: int) -> None:
    """Add the fields that stand in this order of elements; of a choice the first."""
    if isinstance(indicator, Group):
        fill(indicator.child, ours, theirs, depth)
        return
    if indicator.accepts_multiple and not isinstance(indicator, Choice):
        return
    for name, part in indicator.elements_nested:
        if isinstance(part, AnyElement):
            continue
        if isinstance(part, xsd.Element):
            if depth > 3 and part.is_optional:
                continue
            if depth > 8:
                raise RecursionError
            mine, his = sample(part.type, depth + 1)
            mine = [mine, mine] if part.accepts_multiple and mine not in ({}, []) else mine
            his = [his, his] if part.accepts_multiple and his not in ({}, []) else his
            if indicator.accepts_multiple:
                ours["_value_1"] = theirs["_value_1"] = []
                return
            ours[part.attr_name], theirs[name] = mine, his
        elif not part.accepts_multiple:
            fill(part, ours, theirs, depth)
        if isinstance(indicator, Choice):
            return


def text_of(xsd_type: Any) -> Any:
    """Return a value that this simple type takes."""
    if isinstance(xsd_type, ListType):
        return ["a", "b"]
    if isinstance(xsd_type, builtins.Boolean):
        return True
    if isinstance(xsd_type, builtins.Base64Binary):
        return b"\x00\xff<&>"
    if isinstance(xsd_type, builtins.Duration):
        return "PT5S"
    if isinstance(xsd_type, builtins.Integer | builtins.Decimal):
        return 7
    if isinstance(xsd_type, builtins.Float | builtins.Double):
        return "1.5"
    if isinstance(xsd_type, builtins.DateTime):
        return "2026-11-21T08:00:00"
    if isinstance(xsd_type, builtins.Date):
        return "2026-11-21"
    return "سلام <&> \"' ]]>\n"


def by_zeep(client: Any, binding: Any, operation: str, values: Any) -> etree._Element:
    """Return the content of the body that zeep writes."""
    values = values if isinstance(values, dict) else {"_value_1": values}
    message = client.create_message(
        client.create_service(binding.name, "http://office.invalid/"), operation, **values
    )
    body = message.find("{*}Body")
    assert body is not None
    return body


def written(element: Any) -> Any:
    """Return an element so that two of the same meaning are equal: whatever their prefixes, without encoded types."""
    attributes = {
        str(name): value
        for name, value in element.attrib.items()
        if not (
            str(name) == f"{XSI}type"
            or str(name).startswith((ENCODING, "{http://schemas.xmlsoap.org/soap/envelope/}"))
        )
    }
    children = [written(child) for child in element]
    return element.tag, attributes, (element.text or "") if not children else "", children


def differences(mine: Any, his: Any, way: str = "") -> Iterator[str]:
    """Yield where two written elements differ."""
    if mine[:3] != his[:3] or len(mine[3]) != len(his[3]):
        yield f"{way}/{mine[0]}: {mine[1:3]} {[c[0] for c in mine[3]]} and not {his[:3]} {[c[0] for c in his[3]]}"
        return
    for one, other in zip(mine[3], his[3], strict=True):
        yield from differences(one, other, f"{way}/{mine[0]}")


__all__ = ["BUNDLES", "by_zeep", "differences", "sample", "written", "zeep"]
