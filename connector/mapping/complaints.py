"""Everything that is wrong in a mapping's expressions and templates, told at once."""

import re
from typing import Final

from connector.errors import MappingInvalid
from connector.mapping.expressions import CompiledExpression, Known, compile_expression
from connector.mapping.functions import OfficeFunctions
from connector.mapping.templates import CompiledTemplate, Spelling, Style, compile_template

__all__ = ["Complaints"]

_PLACE: Final = re.compile(r"[^\n]*?:(\d+): ")
_NOTHING = compile_expression("'nothing'", where="")


class Complaints:
    """Compiles parts, and keeps what is wrong with them until all have been looked at."""

    def __init__(self) -> None:
        """Begin without any."""
        self._found: list[MappingInvalid] = []

    def expression(
        self, source: str, *, where: str, functions: OfficeFunctions, known: Known
    ) -> CompiledExpression:
        """Return the expression; one that finds nothing where it is wrong."""
        try:
            return compile_expression(source, where=where, functions=functions, known=known)
        except MappingInvalid as error:
            self._found.append(error)
            return _NOTHING

    def template(
        self,
        source: str,
        *,
        where: str,
        known: Known,
        limit: int = 65536,
        style: Style = "text",
        spelling: Spelling | None = None,
    ) -> CompiledTemplate:
        """Return the template; an empty one where it is wrong."""
        try:
            return compile_template(
                source, where=where, limit=limit, style=style, spelling=spelling, known=known
            )
        except MappingInvalid as error:
            self._found.append(error)
            return compile_template("", where=where)

    def add(self, sentence: str, next_step: str) -> None:
        """Keep a complaint; the sentence begins with its place."""
        self._found.append(MappingInvalid(sentence, next_step=next_step))

    def refuse(self) -> None:
        """Raise MappingInvalid with every complaint in a line of its own, by their lines, if there are any."""
        if len(self._found) == 1:
            raise self._found[0]
        if self._found:
            sentence = "\n".join(sorted((error.sentence for error in self._found), key=_line))
            raise MappingInvalid(sentence, next_step="Correct the mapping at these places.")


def _line(sentence: str) -> int:
    """Return the line of the file that a complaint begins with; the top where it names none."""
    found = _PLACE.match(sentence)
    return int(found[1]) if found else 0
