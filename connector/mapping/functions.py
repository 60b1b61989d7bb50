"""The functions that expressions have beyond JMESPath's own: code lists, dates, and what vendors' log-ins ask for."""

import base64
import gzip
import hashlib
import uuid
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from jmespath import functions

from connector.domain.text import to_ascii_digits, to_persian_digits
from connector.errors import NotPossible
from connector.mapping.dates import OfficeDates, moment_of

__all__ = ["FUNCTION_NAMES", "OfficeFunctions"]

_OUR_NAMES: Final = uuid.UUID("6f1d52a4-3c0e-5d0b-9a55-1c9a7c0f6b21")
"""The space of the UUIDs that are made of our keys: the same key is always the same UUID."""


class OfficeFunctions(functions.Functions):
    """JMESPath's functions and ours. Built once for each mapping."""

    def __init__(
        self,
        lists: Mapping[str, Mapping[str, str | int]] | None = None,
        dates: OfficeDates | None = None,
    ) -> None:
        """Keep the code lists and the date patterns of the mapping."""
        self._lists = lists or {}
        self._words = {
            name: {str(code): word for word, code in reversed(list(codes.items()))}
            for name, codes in self._lists.items()
        }
        self.dates = dates or OfficeDates()
        self.named_arguments: Mapping[str, tuple[int, Iterable[str]]] = {
            "code": (0, self._lists),
            "word": (0, self._lists),
            "date_as": (1, self.dates.also),
        }
        """Arguments that are names of the mapping's own: their position, and the names that there are."""

    @functions.signature({"types": ["string"]}, {"types": ["string", "null"]})
    def _func_code(self, name: str, word: str | None) -> str | int | None:
        """``code('urgency', letter.urgency)``: the office's code for our word; null stays null."""
        if word is None:
            return None
        codes = self._lists.get(name, {})
        if word not in codes:
            raise NotPossible("A code list of the mapping does not have this word.", list=name)
        return codes[word]

    @functions.signature({"types": ["string"]}, {"types": ["string", "number", "null"]})
    def _func_word(self, name: str, code: str | float | None) -> str | None:
        """``word('urgency', reply.urgency)``: our word for the office's code; null for one that is not listed.

        Of several words with one code it is the first.
        """
        return None if code is None else self._words.get(name, {}).get(str(code))

    @functions.signature({"types": ["string", "null"]})
    def _func_date(self, text: str | None) -> str | None:
        """``date(letter.received_on)``: a day or an instant as the office writes it; null stays null."""
        return None if text is None else self.dates.usual.write(moment_of(text))

    @functions.signature({"types": ["string", "null"]}, {"types": ["string"]})
    def _func_date_as(self, text: str | None, name: str) -> str | None:
        """``date_as(letter.received_at, 'instant')``: the same, by another of the office's patterns."""
        if name not in self.dates.also:
            raise NotPossible("The mapping has no pattern of dates under this name.", pattern=name)
        return None if text is None else self.dates.also[name].write(moment_of(text))

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

    @functions.signature({"types": ["string", "null"]}, {"types": ["string"]})
    def _func_split(self, text: str | None, separator: str) -> list[str]:
        """``split(registration.office_reference, '/')``: the parts of a text; none of null."""
        return text.split(separator) if text and separator else []

    @functions.signature({"types": ["string", "null"]})
    def _func_sha1_hex(self, text: str | None) -> str | None:
        """``sha1_hex(credentials.password)``: what some vendors' log-ins want for a password."""
        # The vendor's protocol asks for SHA-1; nothing of ours rests on it.
        return None if text is None else hashlib.sha1(text.encode()).hexdigest()  # noqa: S324

    @functions.signature({"types": ["string", "null"]})
    def _func_base64(self, text: str | None) -> str | None:
        """``base64(letter.text)``: a text as base64 of its UTF-8. For attachments write ``item.content``."""
        return None if text is None else base64.b64encode(text.encode()).decode("ascii")

    @functions.signature({"types": ["string", "null"]})
    def _func_gzip_base64(self, text: str | None) -> str | None:
        """``gzip_base64(letter.text)``: a text as a gzip file in base64. Attachments have ``item.gzip_content``."""
        packed = None if text is None else gzip.compress(text.encode(), mtime=0)
        return None if packed is None else base64.b64encode(packed).decode("ascii")

    @functions.signature({"types": ["string", "null"]})
    def _func_uuid(self, text: str | None) -> str | None:
        """``uuid(correlation_key)``: a UUID made of a text, for offices that take no other key; always the same."""
        return None if text is None else str(uuid.uuid5(_OUR_NAMES, text))


def _names(owner: type[Any]) -> frozenset[str]:
    table: Mapping[str, Callable[..., Any]] = owner.FUNCTION_TABLE
    return frozenset(table)


FUNCTION_NAMES: Final = _names(OfficeFunctions)
"""Every function that an expression may call."""
