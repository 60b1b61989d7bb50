"""The expressions and templates that a step writes its message by."""

from collections.abc import Iterator

from connector.mapping.schema_parts import Each, Leaf, Send
from connector.mapping.schema_steps import Step

__all__ = ["sources_of", "step_sources"]


def step_sources(step: Step, send: Send) -> Iterator[str]:
    """Yield every source of a step: of what it sends, and of its request line."""
    yield from sources_of(send)
    if step.request is not None:
        yield from step.request.query.values()
        yield from step.request.headers.values()
        yield step.request.path


def sources_of(send: Send) -> Iterator[str]:
    """Yield every source in this tree."""
    tree = send.root
    if isinstance(tree, str):
        yield tree
    elif isinstance(tree, Leaf):
        given = (tree.pick, tree.write, tree.xml, *tree.with_.values())
        yield from (source for source in given if source)
    elif isinstance(tree, Each):
        yield from sources_of(tree.give)
    elif isinstance(tree, dict):
        for inner in tree.values():
            yield from sources_of(inner)
    elif isinstance(tree, list):
        for inner in tree:
            yield from sources_of(inner)
