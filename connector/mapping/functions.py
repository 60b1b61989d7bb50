"""The functions that expressions have beyond JMESPath's own: code lists and dates, as this office writes them."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, Final

from jmespath import functions

from connector.domain.calendar import jalali_text, parse_jalali
from connector.domain.text import to_ascii_digits, to_persian_digits
from connector.errors import NotPossible

__all__ = ["FUNCTION_NAMES", "DatePattern", "OfficeFunctions"]


class DatePattern:
    """How an office writes a day: a calendar and a pattern of ``yyyy``, ``MM`` and ``dd``."""

    def __init__(self, pattern: str = "yyyy/MM/dd", *, is_jalali: bool = True) -> None:
        """Keep the pattern; each part stands in it once."""
        self._pattern = pattern
        self._is_jalali = is_jalali

    def write(self, day: date) -> str:
        """Return the day as the office writes it, in ASCII digits."""
        year, month, dom = jalali_text(day).split("/") if self._is_jalali else f"{day:%Y/%m/%d}".split("/")
        return self._pattern.replace("yyyy", year.zfill(4)).replace("MM", month).replace("dd", dom)

    def read(self, text: str) -> date:
        """Return the day that the office wrote, in any digits; a time after it is passed over.

        Raise ValueError when it is no day in this calendar.
        """
        plain = to_ascii_digits(text.strip())[: len(self._pattern)]
        parts = [plain[start : start + len(part)] for part, start in self._places()]
        rebuilt = self._pattern
        for part, found in zip(("yyyy", "MM", "dd"), parts, strict=True):
            rebuilt = rebuilt.replace(part, found)
        if rebuilt != plain or not all(part.isascii() and part.isdigit() for part in parts):
            raise ValueError("the date is not written in the office's pattern")
        if self._is_jalali:
            return parse_jalali("/".join(parts))
        return date(*(int(part) for part in parts))

    def _places(self) -> list[tuple[str, int]]:
        return [(part, self._pattern.index(part)) for part in ("yyyy", "MM", "dd")]


class OfficeFunctions(functions.Functions):
    """JMESPath's functions and ours. Built once for each mapping."""

    def __init__(
        self,
        lists: Mapping[str, Mapping[str, str | int]] | None = None,
        dates: DatePattern | None = None,
    ) -> None:
        """Keep the code lists and the date pattern of the mapping."""
        self._lists = lists or {}
        self._dates = dates or DatePattern()

    @functions.signature({"types": ["string"]}, {"types": ["string", "null"]})
    def _func_code(self, name: str, word: str | None) -> str | int | None:
        """``code('urgency', letter.urgency)``: the office's code for our word; null stays null."""
        if word is None:
            return None
        codes = self._lists.get(name, {})
        if word not in codes:
            raise NotPossible("A code list of the mapping does not have this word.", list=name)
        return codes[word]

    @functions.signature({"types": ["string", "null"]})
    def _func_date(self, text: str | None) -> str | None:
        """``date(letter.received_on)``: a day as the office writes it; null stays null."""
        return None if text is None else self._dates.write(date.fromisoformat(text[:10]))

    @functions.signature({"types": ["string", "null"]}, {"types": ["number"]})
    def _func_cut(self, text: str | None, length: float) -> str | None:
        """``cut(letter.text, `200`)``: the first characters of a text, without an ellipsis."""
        return None if text is None else text[: int(length)]

    @functions.signature({"types": ["string", "null"]})
    def _func_digits(self, text: str | None) -> str | None:
        """``digits(reply.no)``: a text with ASCII digits."""
        return None if text is None else to_ascii_digits(text)

    @functions.signature({"types": ["string", "null"]})
    def _func_persian_digits(self, text: str | None) -> str | None:
        """``persian_digits(letter.received_on)``: a text with Persian digits."""
        return None if text is None else to_persian_digits(text)


def _names(owner: type[Any]) -> frozenset[str]:
    table: Mapping[str, Callable[..., Any]] = owner.FUNCTION_TABLE
    return frozenset(table)


FUNCTION_NAMES: Final = _names(OfficeFunctions)
"""Every function that an expression may call."""
