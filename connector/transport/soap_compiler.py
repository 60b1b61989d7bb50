"""From a WSDL's types to a writer of messages: compiled once, so that a call costs little more than its text.

zeep reads the schemas; how they are written is ours, for three reasons. A message becomes text directly and not a tree
first. What zeep leaves out is written: the types and lengths of SOAP-encoded messages (SOAP 1.1 section 5), derived
types by ``@xsi:type``. And attributes and text beside them are called as they are called in answers: ``@name`` and
``#text``.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from lxml import etree
from zeep import exceptions, xsd
from zeep.xsd.elements.any import Any as AnyElement
from zeep.xsd.elements.any import AnyAttribute
from zeep.xsd.elements.indicators import Choice as ZeepChoice
from zeep.xsd.elements.indicators import Group, OrderIndicator
from zeep.xsd.types.any import AnyType
from zeep.xsd.types.simple import AnySimpleType

from connector.transport.soap_answer import parsed
from connector.transport.soap_particles import (
    Array,
    Choice,
    Complex,
    Content,
    Element,
    InOrder,
    Particle,
    Simple,
    Unfit,
    quoted,
)
from connector.transport.soap_values import text_by

__all__ = ["MessageWriter", "compile_message"]

_XSI: Final = "http://www.w3.org/2001/XMLSchema-instance"
_XSD: Final = "http://www.w3.org/2001/XMLSchema"
_ENCODING: Final = "http://schemas.xmlsoap.org/soap/encoding/"
_ENCODING_12: Final = "http://www.w3.org/2003/05/soap-encoding"


class MessageWriter:
    """Writes the content of the SOAP body for one operation. Safe for many threads."""

    def __init__(self, element: Element | None, parts: InOrder | None, names: "_Names") -> None:
        """Keep what is written: one element, or bare parts beside each other, or nothing."""
        self._element = element
        self._parts = parts
        self._names = names

    def write(self, values: Any) -> tuple[str, str]:
        """Return the content and the declarations of the prefixes in it. Raise Unfit where the values do not fit."""
        out: list[str] = []
        if self._element is not None:
            try:
                self._element.write_value(values if values is not None else {}, out)
            except Unfit as unfit:
                del unfit.way[:1]  # the mapping does not name the operation's own element
                raise
        elif self._parts is not None:
            if not isinstance(values, dict) or not values.keys() <= self._parts.names:
                raise Unfit(f"the fields here are {', '.join(sorted(self._parts.names))}")
            self._parts.write(values, out)
        return "".join(out), self._names.declarations()


def compile_message(body: Any, schema: Any, *, is_encoded: bool, encoding_style: str = "") -> MessageWriter:
    """Return the writer of a message. ``body`` is the element that zeep holds for it, None for an empty body.

    ``encoding_style`` is the URI of the encoding where the message is encoded: that of SOAP 1.1 or of 1.2.
    """
    names = _Names()
    if body is None:
        return MessageWriter(None, None, names)
    compiler = _Compiler(schema, names, encoding_style if is_encoded else None)
    if etree.QName(body.qname).localname == "Body" and "soap" in (etree.QName(body.qname).namespace or ""):
        return MessageWriter(None, compiler.in_order(body.type._element), names)
    element = compiler.element(body)
    if is_encoded:
        element = compiler.wrapper(body, f' soap:encodingStyle="{quoted(encoding_style)}"')
    return MessageWriter(element, None, names)


class _Names:
    """Prefixes of namespaces, given as they are met."""

    def __init__(self) -> None:
        self._prefixes: dict[str, str] = {}

    def tag(self, qname: Any) -> str:
        name = etree.QName(qname)
        return f"{self.prefix(name.namespace)}:{name.localname}" if name.namespace else name.localname

    def prefix(self, namespace: str) -> str:
        known = {_XSI: "xsi", _XSD: "xsd", _ENCODING: "soapenc", _ENCODING_12: "enc"}.get(namespace)
        return self._prefixes.setdefault(namespace, known or f"n{len(self._prefixes)}")

    def declarations(self) -> str:
        # A derived type may have brought new ones while a message was written in another thread.
        return "".join(f' xmlns:{prefix}="{namespace}"' for namespace, prefix in list(self._prefixes.items()))


class _Compiler:
    def __init__(self, schema: Any, names: _Names, encoding: str | None) -> None:
        self._schema = schema
        self._names = names
        self._is_encoded = encoding is not None
        self._has_sizes = encoding == _ENCODING_12
        self._contents: dict[int, Content] = {}
        self._derived: dict[tuple[str, int], Content] = {}
        self._keep: list[Any] = []  # ids stay theirs only while the types live

    def element(self, element: Any) -> Element:
        return Element(
            element.attr_name or etree.QName(element.qname).localname,
            self._names.tag(element.qname),
            self.content(element.type),
            least=element.min_occurs,
            most=None if element.max_occurs == "unbounded" else element.max_occurs,
            nil=f' {self._names.prefix(_XSI)}:nil="true"' if element.nillable else None,
            default=element.default,
        )

    def wrapper(self, element: Any, encoding_style: str) -> Element:
        content = Complex(self.derived(element.type))
        content.particle = self.in_order(element.type._element)
        content.type_attribute = encoding_style
        tag = self._names.tag(element.qname)
        return Element(element.name, tag, content, least=1, most=1, nil=None)

    def content(self, xsd_type: Any) -> Content:
        if id(xsd_type) in self._contents:
            return self._contents[id(xsd_type)]
        self._keep.append(xsd_type)
        if not isinstance(xsd_type, xsd.ComplexType):
            content: Content = Simple(text_by(xsd_type), self.type_attribute(xsd_type))
            self._contents[id(xsd_type)] = content
            return content
        if xsd_type._array_type is not None and self._is_encoded:
            return self.array(xsd_type)
        whole = self._contents[id(xsd_type)] = Complex(self.derived(xsd_type))
        self.fill(whole, xsd_type)
        return whole

    def fill(self, whole: Complex, xsd_type: Any) -> None:
        whole.type_attribute = self.type_attribute(xsd_type)
        inner = xsd_type._element
        if isinstance(inner, xsd.Element) and isinstance(inner.type, AnySimpleType):
            whole.text = text_by(inner.type)
        elif isinstance(inner, xsd.Element):
            whole.particle = InOrder([self.element(inner)], is_optional=False)
        elif inner:
            whole.particle = self.particle(inner, "_value_1")
        whole.attributes = {
            f"@{attribute.name}": (
                self._names.tag(attribute.qname),
                text_by(attribute.type),
                attribute.default,
                attribute.required,
            )
            for _, attribute in xsd_type.attributes
            if not isinstance(attribute, AnyAttribute) and attribute.name and attribute.array_type is None
        }

    def particle(self, inner: Any, repeats_as: str) -> Particle:
        name = repeats_as if inner.accepts_multiple else None
        if isinstance(inner, Group):
            parts = [self.particle(inner.child, "_value_1")]
            return InOrder(parts, is_optional=inner.min_occurs == 0, repeats_as=name)
        if isinstance(inner, ZeepChoice):
            return Choice(self.parts(inner), repeats_as=name)
        return InOrder(self.parts(inner), is_optional=inner.min_occurs == 0, repeats_as=name)

    def in_order(self, inner: Any) -> InOrder:
        return InOrder(self.parts(inner) if inner else [], is_optional=False)

    def parts(self, inner: OrderIndicator) -> list[Particle]:
        parts: list[Particle] = []
        for name, part in inner.elements_nested:
            if isinstance(part, AnyElement):
                parts.append(_AnyXml(part.min_occurs))
            elif isinstance(part, xsd.Element):
                parts.append(self.element(part))
            else:
                parts.append(self.particle(part, name or "_value_1"))
        return parts

    def array(self, xsd_type: Any) -> Content:
        item_type = xsd_type._array_type.array_type
        inner = [part for _, part in xsd_type.elements if isinstance(part, xsd.Element)]
        tag = self._names.tag(inner[0].qname) if inner else "item"
        named = (
            f"{self._names.prefix(_XSD)}:anyType" if item_type is None else self._names.tag(item_type.qname)
        )
        attribute = self._array_attribute(named)
        # The array may hold itself by way of its items: it is known before they are.
        array = self._contents[id(xsd_type)] = Array(tag, Simple(text_by(None)), attribute)
        if item_type is not None:
            array.item = self.content(item_type)
        return array

    def _array_attribute(self, named: str) -> str:
        """Return how an array tells of itself, with a place for its length (SOAP 1.1, 5.4.2; 1.2 part 2, 3.1.6)."""
        if self._has_sizes:
            enc = self._names.prefix(_ENCODING_12)
            return f' {enc}:itemType="{named}" {enc}:arraySize="{{}}"'
        xsi, soapenc = self._names.prefix(_XSI), self._names.prefix(_ENCODING)
        return f' {xsi}:type="{soapenc}:Array" {soapenc}:arrayType="{named}[{{}}]"'

    def type_attribute(self, xsd_type: Any) -> str:
        # The ur-type says nothing; a type without a name cannot be named.
        is_named = getattr(xsd_type, "is_global", False) and xsd_type.qname is not None
        if not self._is_encoded or not is_named or type(xsd_type) is AnyType:
            return ""
        return f' {self._names.prefix(_XSI)}:type="{self._names.tag(xsd_type.qname)}"'

    def derived(self, base: Any) -> Callable[[str], Content]:
        """Return how a derived type is found: by ``{namespace}name``, or by its name in the namespace of its base."""

        def content_of(name: str) -> Content:
            if (name, id(base)) not in self._derived:
                self._derived[name, id(base)] = self.typed(name, base)
            return self._derived[name, id(base)]

        return content_of

    def typed(self, name: str, base: Any) -> Content:
        home = None if base.qname is None else etree.QName(base.qname).namespace
        qname = etree.QName(name) if name.startswith("{") else etree.QName(home, name)
        try:
            xsd_type = self._schema.get_type(qname)
        except (exceptions.Error, ValueError):
            raise Unfit(f"there is no type {name!r}") from None
        attribute = f' {self._names.prefix(_XSI)}:type="{self._names.tag(xsd_type.qname)}"'
        if not isinstance(xsd_type, xsd.ComplexType):
            return Simple(text_by(xsd_type), attribute)
        whole = Complex(self.derived(xsd_type))
        self.fill(whole, xsd_type)
        whole.type_attribute = attribute
        return whole


class _AnyXml:
    """A place where the schema allows any element: XML that the mapping writes, under ``#any``."""

    names = frozenset({"#any"})

    def __init__(self, least: int) -> None:
        self._least = least

    def write(self, fields: Mapping[str, Any], out: list[str]) -> None:
        text = fields.get("#any")
        if text is None:
            if self._least:
                raise Unfit("XML is wanted here, under #any")
            return
        try:
            parsed(f"<a>{text}</a>".encode())
        except ValueError:
            raise Unfit("what stands under #any is not XML") from None
        out.append(str(text))

    def score(self, fields: Mapping[str, Any]) -> int:
        return int(fields.get("#any") is not None)
