"""Envelopes that a mapping writes out: which element asks, and what stands under each name."""

import re
from collections.abc import Mapping
from typing import Any, Final

from lxml import etree

from connector.mapping.schema_parts import BESIDE, Each, Send
from connector.mapping.schema_steps import Step

__all__ = ["document_send", "envelope_call", "envelope_send"]

_MARK: Final = re.compile(r"\{\{-?\s*(.*?)\s*-?\}\}")
_LOOP: Final = re.compile(r"\{%-?\s*for\s+(\w+)\s+in\s+([\w.]+)")
_TAG: Final = re.compile(r"\{%.*?%\}|\{#.*?#\}", re.DOTALL)
_OPEN, _SHUT = "\u27e6", "\u27e7"


def envelope_call(step: Step) -> str | None:
    """Return the local name of the element that asks; None where the step writes no envelope out."""
    content = _content(step)
    return None if content is None else etree.QName(content).localname


def envelope_send(step: Step) -> Send:
    """Return what an envelope sends as ``send`` would say it: under each element the expression that stands in it.

    What the envelope takes from ``send`` is what ``send`` says there, with the items of its lists.
    """
    content = _content(step)
    names: dict[str, Send] = {"send": step.send}
    for name, place in _LOOP.findall(step.envelope or ""):
        found = _said(place, names)
        if found is not None and isinstance(found.root, Each):
            names[name] = found.root.give
    fields = {} if content is None else _fields(content, names)
    beside = step.send.root.get(BESIDE) if isinstance(step.send.root, dict) else None
    return Send.model_validate(fields if beside is None else {**fields, BESIDE: beside})


def document_send(template: str, further: Mapping[str, str]) -> Send:
    """Return what a document says that is written as XML inside a text; ``further`` names the template's own values."""
    root = _parsed(template)
    names = {name: Send.model_validate(source) for name, source in further.items()}
    return Send.model_validate({} if root is None else _fields(root, names))


def _content(step: Step) -> etree._Element | None:
    """Return the element that asks, of an envelope that is written out whole or by its body."""
    if not step.envelope:
        return None
    root = _parsed(step.envelope)
    if root is None or etree.QName(root).localname != "Envelope":
        return root
    body = root.find("{*}Body")
    return next((each for each in body if isinstance(each.tag, str)), None) if body is not None else None


def _parsed(template: str) -> etree._Element | None:
    text = _TAG.sub("", _MARK.sub(lambda mark: _hidden(mark[1]), template))
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, recover=True)
    return etree.fromstring(text.strip().encode(), parser)


def _hidden(expression: str) -> str:
    return _OPEN + expression.partition("|")[0].strip().replace("<", " ").replace("&", " ") + _SHUT


def _fields(element: etree._Element, names: Mapping[str, Send]) -> Any:
    fields: dict[str, Any] = {}
    for name, value in element.attrib.items():
        fields[f"@{etree.QName(str(name)).localname}"] = _leaf(str(value), names)
    children = [child for child in element if isinstance(child.tag, str)]
    for child in children:
        name, said = etree.QName(child).localname, _fields(child, names)
        if name in fields:
            said = [*(fields[name] if isinstance(fields[name], list) else [fields[name]]), said]
        fields[name] = said
    text = (element.text or "").strip()
    if not fields:
        return _leaf(text, names)
    return {**fields, "#text": _leaf(text, names)} if text else fields


def _leaf(text: str, names: Mapping[str, Send]) -> Any:
    """Return what stands at one place: an expression, a text with some in it, or a fixed text."""
    if text.startswith(_OPEN) and text.endswith(_SHUT) and text.count(_OPEN) == 1:
        said = _said(text[1:-1], names)
        return {"$pick": text[1:-1]} if said is None else said.model_dump(by_alias=True, exclude_unset=True)
    if _OPEN in text:
        return {"$write": text.replace(_OPEN, "{{ ").replace(_SHUT, " }}")}
    return {"$value": text}


def _said(place: str, names: Mapping[str, Send]) -> Send | None:
    """Return the part of ``send`` that a dotted name means; None where it means none."""
    first, *rest = place.split(".")
    found = names.get(first)
    for part in rest:
        tree = found.root if found is not None else None
        found = tree.get(part) if isinstance(tree, dict) else None
    return found
