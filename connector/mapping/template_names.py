"""Checks templates before the first letter: names against what the data will hold."""

from collections.abc import Iterator

import jinja2.nodes

from connector.mapping.names import Known, nearest

__all__ = ["unknown_template_name"]


def unknown_template_name(tree: jinja2.nodes.Template, known: Known) -> tuple[int, str] | None:
    """Return line and complaint of the first name in the template that is not known; None if all are."""
    own = {node.name for node in tree.find_all(jinja2.nodes.Name) if node.ctx == "store"}
    if tree.find(jinja2.nodes.For) is not None:
        own.add("loop")
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
