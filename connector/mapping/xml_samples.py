"""Trying out a template that writes XML before any letter is there: words in place of all values."""

from collections.abc import Callable, Iterator
from typing import Final

import jinja2
import jinja2.meta

from connector.errors import NotPossible
from connector.mapping.templates import CompiledTemplate

__all__ = ["complaint_about"]

_PLAIN: Final = jinja2.Environment(autoescape=True)


class _Sample:
    """Whatever a template asks for: a word, a list of one, fields of any name, and a yes or a no to every question."""

    def __init__(self, answer: bool) -> None:
        self._answer = answer

    def __getattr__(self, name: str) -> "_Sample":
        if name.startswith("_"):
            raise AttributeError(name)
        return self

    def __getitem__(self, name: object) -> "_Sample":
        return self

    def __iter__(self) -> Iterator["_Sample"]:
        yield from [self] * int(self._answer)

    def __len__(self) -> int:
        return int(self._answer)

    def __bool__(self) -> bool:
        return self._answer

    def __eq__(self, other: object) -> bool:
        return self._answer

    def __hash__(self) -> int:
        return 1

    def __str__(self) -> str:
        return "x"


def complaint_about(template: CompiledTemplate, judge: Callable[[str], str | None]) -> str | None:
    """Return what is wrong with the XML that the template writes; None where nothing is seen to be.

    ``judge`` says it of a text. The template is tried with a yes to every condition and with a no. One that needs real
    values to be written at all is judged when it is sent.
    """
    names = jinja2.meta.find_undeclared_variables(_PLAIN.parse(template.source))
    for answer in (True, False):
        try:
            text = template.render(dict.fromkeys(names, _Sample(answer)))
        except NotPossible:
            continue
        complaint = judge(text)
        if complaint:
            return complaint
    return None
