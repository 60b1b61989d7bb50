"""Templates read backwards: from a text that a template wrote to the values that went into it."""

import re
from collections.abc import Mapping
from functools import cache

import jinja2
import jinja2.nodes

__all__ = ["read_text", "text_pattern"]

_ENVIRONMENT = jinja2.Environment(autoescape=False)  # noqa: S701 - it only parses; nothing is rendered


def read_text(source: str, text: str) -> Mapping[str, str]:
    """Return the values in a text that this template wrote, by their names; empty where it is no plain template."""
    found = text_pattern(source)
    match = found[0].fullmatch(text) if found else None
    return {} if match is None or found is None else dict(zip(found[1], match.groups(), strict=True))


@cache
def text_pattern(source: str, inside: str = "[\\s\\S]*?") -> tuple[re.Pattern[str], tuple[str, ...]] | None:
    """Return what fits the texts of this template, and the names in their order; None where it has more than values."""
    names: list[str] = []
    pieces: list[str] = []
    for node in _ENVIRONMENT.parse(source).body:
        if not isinstance(node, jinja2.nodes.Output):
            return None
        for part in node.nodes:
            if isinstance(part, jinja2.nodes.TemplateData):
                pieces.append(re.escape(part.data))
                continue
            names.append(_name(part))
            pieces.append(f"({inside})")
    return re.compile("".join(pieces)), tuple(names)


def _name(node: jinja2.nodes.Node) -> str:
    """Return ``letter.text`` of such an expression; of any other something that is the name of nothing."""
    if isinstance(node, jinja2.nodes.Name):
        return node.name
    if isinstance(node, jinja2.nodes.Getattr):
        return f"{_name(node.node)}.{node.attr}"
    if isinstance(node, jinja2.nodes.Filter) and node.node is not None:
        return _name(node.node)
    return "?"
