"""What the code defines, read from its syntax trees."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

from tests.law.tracked import ROOT, python_files

__all__ = ["Definition", "public_definitions", "tree_of", "words_of"]

_Defines = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


class Definition(NamedTuple):
    """A class or function, or a method of a public class."""

    path: str
    node: _Defines

    @property
    def place(self) -> str:
        """Return ``file:line name`` for people."""
        return f"{self.path}:{self.node.lineno} {self.node.name}"


@cache
def tree_of(path: str) -> ast.Module:
    """Return the syntax tree of a file."""
    return ast.parse((ROOT / path).read_text(encoding="utf-8"), filename=path)


def public_definitions(*folders: str) -> Iterator[Definition]:
    """Yield public classes, functions and methods of these top-level folders."""
    for path in python_files(*folders):
        yield from _inside(path, tree_of(path))


def _inside(path: str, parent: ast.Module | ast.ClassDef) -> Iterator[Definition]:
    for node in parent.body:
        if isinstance(node, _Defines) and not node.name.startswith("_"):
            yield Definition(path, node)
            if isinstance(node, ast.ClassDef):
                yield from _inside(path, node)


def words_of(name: str) -> set[str]:
    """Return the words of a snake_case or CamelCase name, in small letters."""
    return set(re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower().split("_"))
