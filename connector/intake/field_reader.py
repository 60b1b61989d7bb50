"""Reads one group of a form, field by field, and collects what is wrong instead of stopping at the first."""

from collections.abc import Callable, Collection, Mapping
from enum import StrEnum
from itertools import islice
from typing import Final, TypeVar
from unicodedata import category

from connector.domain.text import BIDI_OVERRIDES, INVISIBLE, code_point, forbidden_in_xml
from connector.errors import FieldProblem
from connector.intake.problems import ProblemCode, problem

__all__ = ["FieldReader"]

Choice = TypeVar("Choice", bound=StrEnum)

_NAMED_POINTS: Final = 5
_MOST_UNKNOWN: Final = 20
"""More are not told: a form of nothing but unknown names would be answered with many times its size."""
_UNSHOWABLE: Final = frozenset({"Cc", "Cs", "Cn", "Zl", "Zp"})


class FieldReader:
    """One group of a form. Every question returns a usable value; the problems tell whether it may be used.

    Direction marks, embeddings and isolates are ordinary in Persian text and kept. The two override
    characters (U+202D, U+202E) make a reader see another text than is there: they are refused in one-line
    fields, which stand beside other words on screens and in the office's lists, and kept in long text,
    which stands alone.
    """

    def __init__(self, values: Mapping[str, object], *, path: str = "", problems: list[FieldProblem]) -> None:
        """Take the group, its place in the form, and the list that problems are added to."""
        self._values = values
        self._path = path
        self._problems = problems

    def place(self, name: str) -> str:
        """Return the dotted path of a field of this group."""
        return f"{self._path}.{name}" if self._path else name

    def complain(self, name: str, code: ProblemCode, **words: object) -> None:
        """Add a problem with a field of this group."""
        self._problems.append(problem(self.place(name), code, **words))

    def has_problem(self, name: str) -> bool:
        """Return whether something is wrong with a field of this group."""
        return any(each.field == self.place(name) for each in self._problems)

    def is_good_key(self, name: object, *, limit: int) -> bool:
        """Return whether a free key is plain text of this length at most; complain if it is not."""
        if isinstance(name, str) and name.strip() and len(name) <= limit and _is_plain(name):
            return True
        self.complain(_safe_key(name), ProblemCode.UNKNOWN_KEY)
        return False

    def only(self, known: Collection[str]) -> None:
        """Complain about every key that is not known. The key is not repeated where it could hold anything."""
        unknown = (name for name in self._values if name not in known)
        for name in islice(unknown, _MOST_UNKNOWN):
            self.complain(_safe_key(name), ProblemCode.UNKNOWN_KEY)

    def group(self, name: str) -> "FieldReader":
        """Return the reader of a required group; an empty one that complains no further if it is not there."""
        value = self._values.get(name)
        if value is None:
            self.complain(name, ProblemCode.REQUIRED)
        elif isinstance(value, Mapping):
            return FieldReader(value, path=self.place(name), problems=self._problems)
        else:
            self.complain(name, ProblemCode.NOT_A_GROUP)
        return FieldReader({}, path=self.place(name), problems=[])

    def line(self, name: str, *, limit: int) -> str:
        """Return a required one-line text without the white space around it."""
        text = self.optional_line(name, limit=limit)
        if text is None and not self.has_problem(name):
            self.complain(name, ProblemCode.REQUIRED)
        return text or ""

    def optional_line(self, name: str, *, limit: int) -> str | None:
        """Return a one-line text without the white space around it; None if it is not there or empty."""
        text = self._text(name, limit=limit, strip=True)
        if text is None:
            return None
        if len(text.splitlines()) > 1:
            self.complain(name, ProblemCode.LINE_BREAK)
        if overrides := sorted(BIDI_OVERRIDES & set(text)):
            self.complain(name, ProblemCode.DIRECTION_OVERRIDE, points=_points(overrides))
        return text

    def paragraphs(self, name: str, *, limit: int) -> str:
        """Return a required text of any number of lines, exactly as it came."""
        text = self._text(name, limit=limit, strip=False)
        if text is None and not self.has_problem(name):
            self.complain(name, ProblemCode.REQUIRED)
        return text or ""

    def optional_paragraphs(self, name: str, *, limit: int) -> str | None:
        """Return a text of any number of lines, exactly as it came; None if it is not there or empty."""
        return self._text(name, limit=limit, strip=False)

    def choice(self, name: str, kind: type[Choice], *, default: Choice | None = None) -> Choice:
        """Return the member of a closed list that the field names; the first one if the field is wrong."""
        value = self._values.get(name)
        if value is None and default is not None:
            return default
        if value is None:
            self.complain(name, ProblemCode.REQUIRED)
        elif isinstance(value, str) and value in {str(member) for member in kind}:
            return kind(value)
        else:
            self.complain(name, ProblemCode.NOT_IN_LIST, choices=", ".join(kind))
        return next(iter(kind))

    def normalised(
        self, name: str, text: str | None, rule: Callable[[str], str], code: ProblemCode
    ) -> str | None:
        """Return the text as the rule writes it; complain with the code if the rule raises ValueError."""
        if not text or self.has_problem(name):
            return text
        try:
            return rule(text)
        except ValueError:
            self.complain(name, code)
            return None

    def _text(self, name: str, *, limit: int, strip: bool) -> str | None:
        value = self._values.get(name)
        if value is None:
            return None
        if not isinstance(value, str):
            self.complain(name, ProblemCode.NOT_TEXT)
            return None
        if not value.strip().strip("".join(INVISIBLE)).strip():
            return None
        text = value.strip() if strip else value
        if len(text) > limit:
            self.complain(name, ProblemCode.TOO_LONG, limit=limit)
        elif forbidden := forbidden_in_xml(text):
            self.complain(name, ProblemCode.FORBIDDEN_CHARACTER, points=_points(forbidden))
        return text


def _points(letters: Collection[str]) -> str:
    named = [code_point(letter) for letter in letters][:_NAMED_POINTS]
    return ", ".join(named) + (" ..." if len(letters) > _NAMED_POINTS else "")


def _safe_key(name: object) -> str:
    text = str(name)
    return text if text.strip() and len(text) <= 50 and _is_plain(text) else "?"


def _is_plain(text: str) -> bool:
    return not BIDI_OVERRIDES & set(text) and all(category(letter) not in _UNSHOWABLE for letter in text)
