"""JMESPath expressions, compiled once when the mapping is loaded."""

from typing import Any, Final

import jmespath
import jmespath.exceptions

from connector.errors import MappingInvalid, NotPossible
from connector.mapping.finding import Finder, finder_of
from connector.mapping.functions import FUNCTION_NAMES, OfficeFunctions
from connector.mapping.growth import MOST_GROWTH, growth
from connector.mapping.names import Known, unknown_argument, unknown_name

__all__ = ["CompiledExpression", "Known", "compile_expression"]

_LONGEST: Final = 4000


class CompiledExpression:
    """One expression, ready to be asked of any data."""

    __slots__ = ("_find", "source", "where")

    def __init__(self, source: str, find: Finder, where: str) -> None:
        """Keep what finds the value. Made by ``compile_expression`` only."""
        self.source = source
        self.where = where
        self._find = find

    def search(self, data: object) -> Any:
        """Return what the expression finds, None where it finds nothing.

        Raise NotPossible when it fails on this data, for example by a function that cannot take it.
        """
        try:
            return self._find(data)
        except (
            jmespath.exceptions.JMESPathError,
            ArithmeticError,
            TypeError,
            ValueError,
            RecursionError,
        ) as error:
            # From None: the library's text repeats the data.
            raise NotPossible(
                f"{self.where}: the expression cannot be worked out: {type(error).__name__}."
            ) from None


def compile_expression(
    source: str, *, where: str, functions: OfficeFunctions | None = None, known: Known | None = None
) -> CompiledExpression:
    """Compile an expression. Raise MappingInvalid, beginning with ``where``, if it cannot work.

    Besides the syntax the names of functions are checked, and, where ``known`` says what the data will hold,
    the names of fields too.
    """
    if len(source) > _LONGEST:
        raise MappingInvalid(f"{where}: the expression is longer than {_LONGEST} characters.")
    try:
        parsed: Any = jmespath.compile(source)
    except (jmespath.exceptions.JMESPathError, RecursionError) as error:
        raise MappingInvalid(
            f"{where}: this is not a JMESPath expression: {_first_line(error)}",
            next_step="Correct the expression at this place; a fixed text is written {$value: text}.",
        ) from None
    if growth(parsed.parsed) > MOST_GROWTH:
        raise MappingInvalid(
            f"{where}: the expression can make its data more than {MOST_GROWTH} times larger.",
            next_step="Write it without lists of lists of the same value.",
        )
    complaint = unknown_name(parsed.parsed, known, FUNCTION_NAMES)
    if complaint is None and functions is not None:
        complaint = unknown_argument(parsed.parsed, functions.named_arguments)
    if complaint:
        raise MappingInvalid(f"{where}: {complaint}", next_step="Correct the expression at this place.")
    return CompiledExpression(source, finder_of(parsed.parsed, functions or OfficeFunctions()), where)


def _first_line(error: BaseException) -> str:
    text = str(error).strip() or type(error).__name__
    return text.splitlines()[0].rstrip(":") + "."
