"""Jinja2 templates in a sandbox: strict about what is undefined, bounded in what they write, compiled once."""

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, Final, Literal
from urllib.parse import quote

import jinja2
import jinja2.nodes
import jinja2.sandbox

from connector.errors import MappingInvalid, NotPossible
from connector.mapping.names import Known
from connector.mapping.template_names import unknown_template_name

__all__ = ["CompiledTemplate", "Spelling", "Style", "compile_template"]

_LONGEST_SOURCE: Final = 64 * 1024

_FILTERS: Final = (
    "abs", "capitalize", "default", "d", "e", "escape", "first", "float", "int", "join", "last", "length", "list",
    "lower", "map", "replace", "round", "select", "selectattr", "sort", "string", "title", "tojson", "trim", "truncate",
    "unique", "upper",
)  # fmt: skip
"""What makes small text into small text. Filters that can write much from little are left out."""

_TESTS: Final = ("defined", "undefined", "none", "string", "number", "mapping", "sequence", "true", "false", "eq", "ne",
                 "lt", "le", "gt", "ge", "in", "odd", "even", "divisibleby", "sameas")  # fmt: skip

_REFUSED: Final[tuple[tuple[type[jinja2.nodes.Node], str], ...]] = (
    (jinja2.nodes.Include, "include"),
    (jinja2.nodes.Import, "import"),
    (jinja2.nodes.FromImport, "import"),
    (jinja2.nodes.Extends, "extends"),
    (jinja2.nodes.Macro, "macro"),
    (jinja2.nodes.CallBlock, "call"),
    (jinja2.nodes.Block, "block"),
    (jinja2.nodes.Call, "a call"),
    (jinja2.nodes.Mul, "multiplication"),
    (jinja2.nodes.Pow, "power"),
    (jinja2.nodes.Mod, "the % operator"),
    (jinja2.nodes.AssignBlock, "set with a block"),
)
"""What could write without end or reach outside the template."""

_LARGEST_REPLACED: Final = 256 * 1024
_MOST_ASSIGNMENTS: Final = 8
_DEEPEST_LOOP: Final = 2


Style = Literal["text", "xml", "url"]
"""How values are put into the text: as they are, escaped as XML, or escaped as one part of an address."""

Spelling = Callable[[str], str]
"""Turns the letters of a text to those that an office stores."""


@cache
def _environment(style: Style, spelling: Spelling | None) -> jinja2.sandbox.ImmutableSandboxedEnvironment:
    environment = jinja2.sandbox.ImmutableSandboxedEnvironment(
        undefined=jinja2.StrictUndefined,
        autoescape=style == "xml",
        finalize=_url_part(spelling) if style == "url" else _nothing_for_null,
        keep_trailing_newline=True,
        cache_size=0,
        # The optimizer would work constants out while compiling, unbounded.
        optimized=False,
    )
    environment.globals.clear()
    environment.filters = {name: environment.filters[name] for name in _FILTERS}
    environment.filters["replace"] = _replace
    environment.tests = {name: environment.tests[name] for name in _TESTS}
    return environment


def _replace(value: object, old: str, new: str) -> str:
    """Replace a word by another one, as the filter of this name, in bounds."""
    text = str(value)
    if len(text) + text.count(old) * len(new) > _LARGEST_REPLACED:
        raise ValueError("the text would grow too large")
    return text.replace(old, new)


def _url_part(spelling: Spelling | None) -> Callable[[object], object]:
    def written(value: object) -> object:
        if value is None:  # without it the address would be another one
            raise jinja2.UndefinedError("a part of the address is null")
        if isinstance(value, jinja2.Undefined):  # it must stay what it is, so that it is told
            return value
        return quote(spelling(str(value)) if spelling else str(value), safe="")

    return written


def _nothing_for_null(value: object) -> object:
    # Python would write its own word for nothing, and an office would book it.
    return "" if value is None else value


class CompiledTemplate:
    """One template, ready to be rendered with any values."""

    def __init__(self, source: str, template: jinja2.Template, where: str, limit: int) -> None:
        """Keep the compiled template. Made by ``compile_template`` only."""
        self.source = source
        self._template = template
        self._where = where
        self._limit = limit

    def render(self, values: Mapping[str, object]) -> str:
        """Return the text. Raise NotPossible when a value is missing or the text grows over the limit."""
        pieces: list[str] = []
        size = 0
        try:
            for piece in self._template.generate(values):
                size += len(piece)
                if size > self._limit:
                    raise NotPossible(f"{self._where}: the text grows over {self._limit} characters.")
                pieces.append(piece)
        except jinja2.UndefinedError as error:
            # Its text names what is missing and repeats no value.
            raise NotPossible(f"{self._where}: the template misses a value: {error.message}.") from None
        except (
            jinja2.TemplateError,
            TypeError,
            ValueError,
            ArithmeticError,
            LookupError,
            AttributeError,
        ) as error:
            raise NotPossible(
                f"{self._where}: the template cannot be written: {type(error).__name__}."
            ) from None
        return "".join(pieces)


def compile_template(
    source: str,
    *,
    where: str,
    limit: int = 65536,
    style: Style = "text",
    spelling: Spelling | None = None,
    is_whole_file: bool = False,
    known: Known | None = None,
) -> CompiledTemplate:
    """Compile a template whose text may have ``limit`` characters; ``style`` says how values are escaped,
    and ``spelling`` turns the letters of those that are put into an address.

    Raise MappingInvalid, beginning with ``where``, when it cannot be compiled or may not be used, and, where ``known``
    says what the data will hold, when it uses another name. Where the template is a whole file, its line is the line
    in the file.
    """
    place = f"{where}:{{}}: " if is_whole_file else f"{where}: line {{}} of the template: "
    if len(source) > _LONGEST_SOURCE:
        raise MappingInvalid(f"{where}: the template is longer than {_LONGEST_SOURCE} characters.")
    environment = _environment(style, spelling)
    try:
        tree = environment.parse(source)
        complaint = _complaint(tree)
        if complaint is None and known is not None:
            complaint = unknown_template_name(tree, known)
        if complaint:
            line, what = complaint
            raise MappingInvalid(place.format(line) + what, next_step="Correct the template at this place.")
        template = environment.from_string(tree)
    except (jinja2.TemplateSyntaxError, jinja2.TemplateAssertionError) as error:
        raise MappingInvalid(
            place.format(error.lineno) + str(error.message),
            next_step="Correct the template at this place.",
        ) from None
    except RecursionError:
        raise MappingInvalid(f"{where}: the template is nested too deep.") from None
    return CompiledTemplate(source, template, where, limit)


def _complaint(tree: jinja2.nodes.Template) -> tuple[int, str] | None:
    for kind, name in _REFUSED:
        found = tree.find(kind)
        if found is not None:
            return found.lineno, f"{name} is not allowed in templates."
    assignments = list(tree.find_all(jinja2.nodes.Assign))
    if len(assignments) > _MOST_ASSIGNMENTS:
        return assignments[-1].lineno, f"more than {_MOST_ASSIGNMENTS} assignments in one template."
    for loop in tree.find_all(jinja2.nodes.For):
        if _depth(loop) > _DEEPEST_LOOP or loop.recursive:
            return loop.lineno, f"loops deeper than {_DEEPEST_LOOP}."
    return None


def _depth(node: Any) -> int:
    inner = max((_depth(child) for child in node.iter_child_nodes()), default=0)
    return inner + int(isinstance(node, jinja2.nodes.For))
