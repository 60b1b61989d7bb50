"""How much larger than its data an expression can make what it finds: bounded at load, so that none runs away.

JMESPath has no loops, but ``[@, @] | [@, @] | ...`` doubles with each step.
"""

from math import prod
from typing import Any, Final

__all__ = ["MOST_GROWTH", "growth"]

MOST_GROWTH: Final = 1000
"""Times that a value of the data may stand in what is found."""

_ONE_AFTER_THE_OTHER: Final = frozenset(
    {
        "pipe",
        "subexpression",
        "index_expression",
        "projection",
        "filter_projection",
        "value_projection",
        "flatten",
    }
)


def growth(node: Any) -> int:
    """Return how often a value of the data can stand in what this parsed expression finds, at most."""
    if not isinstance(node, dict):
        return 1
    inner = [growth(child) for child in node["children"]]
    if node["type"] in _ONE_AFTER_THE_OTHER:
        return prod(inner)
    if node["type"] == "function_expression" and any(
        isinstance(child, dict) and child["type"] == "expref" for child in node["children"]
    ):
        return prod(inner)
    return max(1, sum(inner))
