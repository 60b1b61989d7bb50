"""What a request says: the fields that a mapping's step sends, read back to the names that its expressions use."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, Final

from lxml import etree

from connector.mapping.schema_parts import As, Each, Leaf, Send
from connector.mapping.schema_steps import Step
from connector.simulator.records import AttachmentMark
from connector.simulator.vendor.envelopes import document_send
from connector.simulator.vendor.plain_xml import parsed_xml, plain_values
from connector.simulator.vendor.values import decoded, texts_in, unescaped, unpacked
from connector.simulator.vendor.written_texts import read_text, text_pattern

__all__ = ["Asked", "Message", "document_text", "path_pattern", "read_asked"]

_POINTERS: Final = re.compile(r"\b(correlation_key|taken|references?|registration|office_reference)\b")
_CONTENT: Final = re.compile(r"\b(gzip_)?content\b")
_NAME: Final = re.compile(r"\bname\b")


@dataclass(frozen=True, kw_only=True, slots=True)
class Message:
    """One request, as far as its transport tells."""

    call: str | None = None
    """SOAP: local name of the element in the body."""
    namespace: str = ""
    envelope: str = ""
    """SOAP: namespace of the envelope."""
    method: str = "POST"
    path: str = "/"
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    fields: Any = None
    """Plain values; a file that came beside them is bytes."""
    soap_header: Any = None
    """Plain values of the blocks of the SOAP header."""


@dataclass(slots=True)
class Asked:
    """A request in the mapping's own words."""

    values: dict[str, str] = field(default_factory=dict)
    """What came for each expression, by the expression."""
    pointers: list[str] = field(default_factory=list)
    """What a letter can be known by: our key, a handle, a number."""
    key: str | None = None
    marks: list[AttachmentMark] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    """Every text that came."""

    def first(self, *names: str) -> str:
        """Return what came for the first of these expressions that is there."""
        return next((self.values[name] for name in names if name in self.values), "")

    def of(self, pattern: str) -> str | None:
        """Return what came for the first expression in which this name stands."""
        return next((value for name, value in self.values.items() if re.search(pattern, name)), None)


def read_asked(step: Step, message: Message) -> Asked:
    """Return what the request says by the step that it fits."""
    asked = Asked()
    _walk(step.send, message.fields, asked)
    if step.request is not None:
        for name, source in step.request.query.items():
            if name in message.query:
                _take(asked, source, message.query[name])
        for name, source in step.request.headers.items():
            if name.lower() in message.headers:
                _take(asked, source, message.headers[name.lower()])
        for source, value in _path_values(step.request.path, message.path):
            _take(asked, source, value)
            asked.texts.append(value)
    asked.texts.extend(texts_in(message.fields))
    asked.texts.extend(message.query.values())
    return asked


def path_pattern(path: str) -> tuple[re.Pattern[str], tuple[str, ...]] | None:
    """Return what fits the addresses that this template writes."""
    return text_pattern(path, "[^/?]+")


def _path_values(template: str, path: str) -> Iterator[tuple[str, str]]:
    found = path_pattern(template.partition("?")[0])
    match = re.search(found[0].pattern + r"/?\Z", path) if found else None
    if found and match:
        yield from zip(found[1], match.groups(), strict=True)


def _walk(send: Send, value: Any, asked: Asked) -> None:
    tree = send.root
    if value is None:
        return
    if isinstance(tree, str):
        _pick(asked, tree, value)
    elif isinstance(tree, Leaf):
        _leaf(tree, value, asked)
    elif isinstance(tree, Each):
        for item in value if isinstance(value, list) else [value]:
            _item(tree.give, item, asked)
    elif isinstance(tree, dict) and isinstance(value, list):
        for item in value:  # a loop of an envelope that is written out
            _item(send, item, asked)
    elif isinstance(tree, dict) and isinstance(value, dict):
        for name, inner in tree.items():
            _walk(inner, value.get(name), asked)
    elif isinstance(tree, list):
        items = value if isinstance(value, list) else [value]
        _walk_list(tree, items, asked)
        if not any(isinstance(inner.root, Each) for inner in tree):
            # What follows the last one is a loop's: each of its turns is read alike.
            for item in items[len(tree) :]:
                _item(tree[-1], item, asked)


def _walk_list(tree: list[Send], items: list[Any], asked: Asked) -> None:
    """Read a list item by item; one with ``$each`` in it takes what the others leave."""
    for position, inner in enumerate(tree):
        if isinstance(inner.root, Each):
            end = len(items) - (len(tree) - position - 1)
            _walk(inner, items[position:end], asked)
            items = [*items[:position], None, *items[max(end, position) :]]
        elif position < len(items):
            _walk(inner, items[position], asked)


def _leaf(leaf: Leaf, value: Any, asked: Asked) -> None:
    if leaf.pick is not None:
        _pick(asked, leaf.pick, value)
    template = leaf.write if leaf.write is not None else leaf.xml
    if leaf.as_ is As.DOCUMENT:
        value = document_text(value)
        asked.texts.extend(texts_in(value))
    if template is None or not isinstance(value, str):
        return
    _take(asked, template, value, is_template=True)
    inside = read_text(template.strip(), value.strip())
    for name, piece in inside.items():
        text = unescaped(piece) if leaf.write is None else piece
        _pick(asked, leaf.with_.get(name, name), text)
    if leaf.xml is not None and not inside:
        _walk(document_send(leaf.xml, leaf.with_), _elements(value), asked)


def document_text(value: Any) -> str | None:
    """Return the text of a document, which came beside the envelope or as base64; None where it is none."""
    content = value if isinstance(value, bytes) else decoded(value)
    return None if content is None else content.decode("utf-8", "replace")


def _elements(text: str) -> Any:
    try:
        return plain_values(parsed_xml(text.strip().encode()))
    except (etree.XMLSyntaxError, ValueError):
        return None


def _item(give: Send, item: Any, asked: Asked) -> None:
    """Read one turn of a list: a file where its content is in it, else whatever it is."""
    turn = Asked()
    for name, inner in give.root.items() if isinstance(give.root, dict) else ():
        _walk(inner, item.get(name) if isinstance(item, dict) else item if name == "#text" else None, turn)
    if not isinstance(give.root, dict):
        _walk(give, item, turn)
    contents = [value for name, value in turn.values.items() if _CONTENT.search(name)]
    asked.pointers.extend(turn.pointers)
    asked.marks.extend(turn.marks)
    if not contents and not turn.marks:
        asked.values.update(turn.values)
        return
    name = next((value for source, value in turn.values.items() if _NAME.search(source)), "")
    asked.marks[-1:] = [
        AttachmentMark(name=name, size=mark.size, digest=mark.digest) for mark in asked.marks[-1:]
    ]


def _pick(asked: Asked, source: str, value: Any) -> None:
    if isinstance(value, list):
        for each in value:
            _pick(asked, source, each)
    elif _CONTENT.search(source):
        content = value if isinstance(value, bytes) else decoded(value)
        if content is not None and "gzip_content" in source:
            content = unpacked(content)
        if content is not None:
            digest = sha256(content).hexdigest()
            asked.marks.append(AttachmentMark(name="", size=len(content), digest=digest))
    elif not isinstance(value, dict):
        _take(asked, source, value)


def _take(asked: Asked, source: str, value: Any, *, is_template: bool = False) -> None:
    text = str(value).lower() if isinstance(value, bool) else str(value)
    asked.values.setdefault(source, text)
    if is_template:
        return
    if _POINTERS.search(source):
        asked.pointers.append(text)
    if "correlation_key" in source and asked.key is None:
        asked.key = text
