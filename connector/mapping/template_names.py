"""Checks templates before the first letter: names against what the data will hold, XML against a sample."""

from collections.abc import Iterator
from typing import Any

import jinja2
import jinja2.meta
import jinja2.nodes

from connector.mapping.names import Known, nearest

__all__ = ["sample_text", "unknown_template_name"]


def unknown_template_name(tree: jinja2.nodes.Template, known: Known) -> tuple[int, str] | None:
    """Return line and complaint of the first name in the template that is not known; None if all are."""
    own = {node.name for node in tree.find_all(jinja2.nodes.Name) if node.ctx == "store"}
    for line, way in _ways(tree):
        inside: Known | None = known
        if way[0] in own:
            continue
        for name in way:
            if inside is None:
                break
            if name not in inside:
                return line, f"there is no {name!r} here{nearest(name, inside)}"
            inside = inside[name]
    return None


def sample_text(tree: jinja2.nodes.Template, template: jinja2.Template) -> str | None:
    """Return what the template writes where every value is ``x``; None where that cannot be told.

    Conditions hold, and a loop is gone through once.
    """
    names = jinja2.meta.find_undeclared_variables(tree)
    try:
        return template.render({name: _Sample("x") for name in names})
    except Exception:  # noqa: BLE001 - a sample is only a sample: the letter itself will tell
        return None


def _ways(node: jinja2.nodes.Node) -> Iterator[tuple[int, list[str]]]:
    way = _way(node)
    if way:
        yield node.lineno, way
        return
    for child in node.iter_child_nodes():
        yield from _ways(child)


def _way(node: jinja2.nodes.Node) -> list[str]:
    """Return the names along ``letter.subject``; none where it is anything else."""
    if isinstance(node, jinja2.nodes.Name) and node.ctx == "load":
        return [node.name]
    if isinstance(node, jinja2.nodes.Getattr):
        before = _way(node.node)
        return [*before, node.attr] if before else []
    return []


class _Sample(str):
    """A value of which everything is a value like it."""

    __slots__ = ()

    def __getattr__(self, name: str) -> "_Sample":
        if name.startswith("_"):
            raise AttributeError(name)
        return _Sample("x")

    def __getitem__(self, key: Any) -> "_Sample":
        return _Sample("x")

    def __iter__(self) -> Iterator["_Sample"]:
        return iter([_Sample("x")])
