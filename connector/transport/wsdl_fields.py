"""The fields of a bundle's schemas, laid out flat, so that two versions of a contract can be compared."""

from collections.abc import Iterator, Mapping
from typing import Final

from lxml import etree

from connector.transport.wsdl_closure import Closure
from connector.transport.wsdl_documents import XSD

__all__ = ["fields_of"]

_NAMED: Final = ("element", "complexType", "simpleType", "group", "attributeGroup", "attribute")
_DEEPEST: Final = 60


def fields_of(closure: Closure) -> Mapping[str, str]:
    """Return every field by its way, with type and number: ``{namespace}Type/field`` to ``string, 0..1``.

    Fields of types without a name are told under the field that holds them; attributes are called ``@name``; a list of
    allowed values is told under ``=``.
    """
    fields: dict[str, str] = {}
    for root in closure.documents.values():
        for schema in root.iter(f"{{{XSD}}}schema"):
            namespace = schema.get("targetNamespace") or ""
            for kind in _NAMED:
                for component in schema.iterfind(f"{{{XSD}}}{kind}"):
                    way = f"{{{namespace}}}{component.get('name')}"
                    if kind in {"element", "attribute"}:
                        fields[way] = _number(component) if kind == "attribute" else _type_of(component)
                    fields.update(_inside(component, way, 0))
    return fields


def _inside(component: etree._Element, way: str, depth: int) -> Iterator[tuple[str, str]]:
    allowed = []
    for child in component if depth < _DEEPEST else ():
        name = etree.QName(child).localname if isinstance(child.tag, str) else ""
        if name in {"element", "attribute"}:
            mark = "@" if name == "attribute" else ""
            inner = f"{way}/{mark}{child.get('name') or _local(child.get('ref'))}"
            yield inner, _number(child)
            yield from _inside(child, inner, depth + 1)
        elif name in {"group", "attributeGroup"} and child.get("ref"):
            yield f"{way}/({_local(child.get('ref'))})", "group"
        elif name in {"any", "anyAttribute"}:
            yield f"{way}/(any)", _number(child)
        elif name == "enumeration":
            allowed.append(child.get("value") or "")
        else:
            if name in {"extension", "restriction"}:
                yield f"{way}/(base)", _local(child.get("base"))
            yield from _inside(child, way, depth + 1)
    if allowed:
        yield f"{way}/=", " | ".join(sorted(allowed))


def _number(field: etree._Element) -> str:
    if etree.QName(field).localname == "attribute":
        return f"{_type_of(field)}, {field.get('use') or 'optional'}"
    least, most = field.get("minOccurs") or "1", field.get("maxOccurs") or "1"
    nil = ", may be nil" if field.get("nillable") in {"true", "1"} else ""
    return f"{_type_of(field)}, {least}..{'n' if most == 'unbounded' else most}{nil}"


def _type_of(field: etree._Element) -> str:
    return _local(field.get("type") or field.get("ref")) or "own"


def _local(name: str | None) -> str:
    # Without its prefix: that is the document's own affair and changes without meaning anything.
    return (name or "").rpartition(":")[2]
