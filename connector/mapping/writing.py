"""What is sent, worked out from a letter: the ``send`` tree of a step, compiled."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from connector.domain.text import (
    code_point,
    forbidden_in_xml,
    to_arabic_letters,
    to_persian_letters,
)
from connector.errors import NotPossible
from connector.mapping.complaints import Complaints
from connector.mapping.expressions import CompiledExpression, Known
from connector.mapping.functions import OfficeFunctions
from connector.mapping.inner_xml import xml_complaint
from connector.mapping.located import Located, Location
from connector.mapping.schema import Letters, Text
from connector.mapping.schema_parts import As, Each, Leaf, Send, TooLong
from connector.mapping.templates import Spelling
from connector.mapping.xml_samples import complaint_about

__all__ = [
    "ContentMark",
    "Document",
    "Scope",
    "Writer",
    "compile_send",
    "packed_mark",
    "spelling_of",
    "turner",
]

Writer = Callable[[Mapping[str, Any]], Any]
"""Works out one value from the data of the operation. Raises NotPossible where the letter does not fit."""

_SPELLINGS: Final[dict[Letters, Spelling]] = {
    Letters.PERSIAN: to_persian_letters,
    Letters.ARABIC: to_arabic_letters,
}
_ELLIPSIS: Final = "…"
_LONGEST_XML: Final = 256 * 1024
"""Characters of XML inside a text; the content of attachments is not among them."""
_ABSENT: Final = object()


class ContentMark(bytes):
    """Stands for the content of an attachment until the message is sent; the streams take its place on the wire.

    Bytes, because a SOAP library encodes bytes as base64; as text it is the mark itself.
    """

    def __str__(self) -> str:
        """Return the mark as text."""
        return self.decode("ascii")


def packed_mark(mark: bytes) -> bytes:
    """Return the mark of the same content as a gzip file. Neither mark stands in the other."""
    return b"packed" + mark[len(b"packed") :]


class Document(str):
    """A written text that is sent as an attachment is. Marks of contents may stand in it."""

    __slots__ = ("media_type",)
    media_type: str


def _document(text: str, media_type: str) -> Document:
    document = Document(text)
    document.media_type = media_type
    return document


@dataclass(frozen=True, kw_only=True, slots=True)
class Scope:
    """What is needed to compile any part of one mapping."""

    located: Located
    functions: OfficeFunctions
    complaints: Complaints
    text: Text
    known: Known = field(default_factory=dict)
    """The names that expressions may use at this place."""

    def expression(self, source: str, where: str) -> CompiledExpression:
        """Return the expression that stands at this place."""
        return self.complaints.expression(source, where=where, functions=self.functions, known=self.known)


def compile_send(send: Send, location: Location, scope: Scope) -> Writer:
    """Return the writer of this tree. Raise MappingInvalid with file, line and path when a part does not compile.

    Keys whose value is null are left out, unless null is a constant written as ``$value``.
    """
    writer = _compile(send, location, scope)

    def write(data: Mapping[str, Any]) -> Any:
        value = writer(data)
        return None if value is _ABSENT else value

    return write


def _compile(send: Send, location: Location, scope: Scope) -> Writer:
    tree = send.root
    if isinstance(tree, dict):
        return _fields({key: _compile(inner, (*location, key), scope) for key, inner in tree.items()})
    if isinstance(tree, list):
        return _list([(inner, _compile(inner, (*location, at), scope)) for at, inner in enumerate(tree)])
    if isinstance(tree, Each):
        return _each(tree, location, scope)
    if isinstance(tree, Leaf):
        return _leaf(tree, location, scope)
    if isinstance(tree, str):
        return _picked(tree, location, scope)
    return lambda _data: tree


def _list(items: Sequence[tuple[Send, Writer]]) -> Writer:
    def write(data: Mapping[str, Any]) -> list[Any]:
        written: list[Any] = []
        for send, writer in items:
            value = writer(data)
            if isinstance(send.root, Each) and value is not _ABSENT:
                written.extend(value)  # a list in a list adds its items
            elif value is not _ABSENT:
                written.append(value)
        return written

    return write


def _fields(writers: Mapping[str, Writer]) -> Writer:
    def write(data: Mapping[str, Any]) -> dict[str, Any]:
        written = ((key, writer(data)) for key, writer in writers.items())
        return {key: value for key, value in written if value is not _ABSENT}

    return write


def _each(each: Each, location: Location, scope: Scope) -> Writer:
    where = scope.located.where((*location, "$each"))
    items = scope.expression(each.each, where)
    inner = replace(scope, known={**scope.known, "item": None, "index": None})
    give = _compile(each.give, (*location, "$give"), inner)

    def write(data: Mapping[str, Any]) -> list[Any]:
        found = items.search(data)
        if not isinstance(found, list):
            raise NotPossible(f"{where}: this is no list.")
        return [give({**data, "item": item, "index": index}) for index, item in enumerate(found, start=1)]

    return write


def _leaf(leaf: Leaf, location: Location, scope: Scope) -> Writer:
    if leaf.pick is not None:
        inner = _picked(leaf.pick, (*location, "$pick"), scope)
    elif leaf.write is not None:
        inner = _written(leaf, (*location, "$write"), scope)
    elif leaf.xml is not None:
        inner = _written_xml(leaf, (*location, "$xml"), scope)
    else:
        return lambda _data: leaf.value
    if leaf.longest is not None:
        inner = _bounded(leaf, inner, scope.located.where(location))
    if leaf.as_ is As.DOCUMENT:
        return lambda data: _document(inner(data), leaf.media_type)
    return inner


def _bounded(leaf: Leaf, inner: Writer, where: str) -> Writer:
    longest = leaf.longest or 0

    def write(data: Mapping[str, Any]) -> Any:
        value = inner(data)
        if not isinstance(value, str) or len(value) <= longest:
            return value
        if leaf.too_long is TooLong.REFUSE:
            raise NotPossible(
                f"{where}: the text is longer than the {longest} characters that the office takes.",
                longest=longest,
                length=len(value),
            )
        return value[: longest - len(_ELLIPSIS)] + _ELLIPSIS

    return write


def _picked(source: str, location: Location, scope: Scope) -> Writer:
    where = scope.located.where(location)
    expression = scope.expression(source, where)
    turn = turner(scope.text, where)

    def write(data: Mapping[str, Any]) -> Any:
        value = expression.search(data)
        return _ABSENT if value is None else turn(value)

    return write


def _written(leaf: Leaf, location: Location, scope: Scope) -> Writer:
    where = scope.located.where(location)
    further, known = _further(leaf, location, scope)
    template = scope.complaints.template(leaf.write or "", where=where, known=known)
    turn = turner(scope.text, where)
    return lambda data: turn(template.render(further(data)))


def _written_xml(leaf: Leaf, location: Location, scope: Scope) -> Writer:
    where = scope.located.where(location)
    further, known = _further(leaf, location, scope)
    template = scope.complaints.template(
        leaf.xml or "", where=where, limit=_LONGEST_XML, style="xml", known=known
    )
    complaint = complaint_about(template, xml_complaint)
    if complaint:
        scope.complaints.add(f"{where}: {complaint}.", next_step="Correct the template at this place.")
    turn = turner(scope.text, where)

    def write(data: Mapping[str, Any]) -> Any:
        text = turn(template.render(further(data)))
        complaint = xml_complaint(text)
        if complaint:
            raise NotPossible(f"{where}: {complaint}.")
        return text

    return write


def _further(leaf: Leaf, location: Location, scope: Scope) -> tuple[Writer, Known]:
    """Return what gives a template its values, with those of ``$with``, and the names that it may use."""
    with_ = {
        name: scope.expression(source, scope.located.where((*location[:-1], "$with", name)))
        for name, source in leaf.with_.items()
    }
    if not with_:
        return (lambda data: data), scope.known
    known = {**scope.known, **dict.fromkeys(with_)}
    return (lambda data: {**data, **{name: each.search(data) for name, each in with_.items()}}), known


def spelling_of(text: Text) -> Spelling | None:
    """Return what turns a text to the letters that the office stores; None where they are kept."""
    return _SPELLINGS.get(text.letters)


def turner(text: Text, where: str) -> Callable[[Any], Any]:
    """Return what turns the letters of every text in a value. It raises NotPossible for what no XML can hold."""
    letters = spelling_of(text)

    def turn(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: turn(inner) for key, inner in value.items()}
        if isinstance(value, list):
            return [turn(inner) for inner in value]
        if not isinstance(value, str):
            return value
        forbidden = forbidden_in_xml(value)
        if forbidden:
            names = ", ".join(code_point(letter) for letter in forbidden[:3])
            raise NotPossible(f"{where}: the text holds characters that no office takes: {names}.")
        return letters(value) if letters else value

    return turn
