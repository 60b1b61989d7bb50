"""What a document from the office means: a receipt or an answer, and to which of our letters."""

import base64
import binascii
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Final

from adapters.offices.ece.dates import day_of
from adapters.offices.ece.document import Element
from adapters.offices.ece.names import SOFTWARE, keys_in
from adapters.offices.ece.receipt_words import ReceiptWords
from adapters.offices.ece.said import Answered, Noted, NumberGiven, RefusedThere, Said, Unmapped
from adapters.offices.ece.unreadable import Unreadable
from connector.domain.referral import Answer
from connector.domain.registration import Registration
from connector.domain.text import fold, one_line

__all__ = ["Statement", "is_ours", "statement_of"]

_LONGEST_NAME: Final = 200
"""Letters of a text in which one of our keys may stand; longer ones are words of a letter, which may quote anything."""
_LONGEST_ANSWER: Final = 20_000
_LONGEST_REASON: Final = 1000
_COPIES: Final = frozenset({"2", "3", fold("رونوشت"), fold("ارجاع"), fold("ارجاء")})


@dataclass(frozen=True, slots=True)
class Statement:
    """One thing said, of each of these letters of ours."""

    keys: tuple[str, ...]
    said: Said


def is_ours(document: Element) -> bool:
    """Return whether we wrote this letter ourselves: a receipt may bring what it is a receipt for."""
    software = document.all("Software")
    wrote_it = bool(software) and software[0].text == SOFTWARE
    return document.name == "letter" and wrote_it and bool(keys_in(document.first_text("LetterNo")))


def statement_of(document: Element, named_by_mail: Iterable[str], words: ReceiptWords) -> Statement:
    """Return what the document says. Raise Unreadable where a person must read it.

    The keys in the document count before those that the mail's header names (``named_by_mail``).
    """
    if document.name == "letter" and not _is_receipt(document, words):
        return _answer(document, tuple(named_by_mail))
    return _receipt(document, tuple(named_by_mail), words)


def _answer(document: Element, named_by_mail: tuple[str, ...]) -> Statement:
    keys = tuple(_related(document)) or named_by_mail
    if not keys:
        raise Unreadable("names_no_letter_of_ours")
    kinds = {fold(receiver.attribute("ReceiveType")) for receiver in document.all("Receiver")}
    if kinds and kinds <= _COPIES:
        raise Unreadable("a_copy")
    number = document.first_text("LetterNo")
    words = [document.first_text("Subject"), *_pages(document)]
    answer = Answer(
        text="\n\n".join(part for part in words if part)[:_LONGEST_ANSWER],
        number=number if _is_number(number) else None,
        answered_on=_day(document, "LetterDateTime"),
    )
    return Statement(keys, Answered(answer))


def _receipt(document: Element, named_by_mail: tuple[str, ...], words: ReceiptWords) -> Statement:
    keys = tuple(dict.fromkeys(key for text in _short_texts(document) for key in keys_in(text)))
    known = [*words.number, *words.status]
    if not keys and not any(True for name in known for _ in _values(document, name)):
        raise Unreadable("not_a_letter")
    keys = keys or named_by_mail
    if not keys:
        raise Unreadable("names_no_letter_of_ours")
    if len(keys) > 1:
        raise Unreadable("names_several_letters")
    number = next(
        (value for name in words.number for value in _values(document, name) if not keys_in(value)), ""
    )
    status = [value for name in words.status for value in _values(document, name)]
    is_refused = any(fold(value) in _folded(words.refused) for value in status)
    if number and (is_refused or not _is_number(number)):
        raise Unreadable("unclear_receipt")
    return Statement(keys, _receipt_says(document, number, status, words, is_refused=is_refused))


def _receipt_says(
    document: Element, number: str, status: list[str], words: ReceiptWords, *, is_refused: bool
) -> Said:
    if number:
        return NumberGiven(number, next((day for name in words.date if (day := _day(document, name))), None))
    if is_refused:
        reasons = [value for name in words.reason for value in _values(document, name)]
        return RefusedThere(one_line(" ".join(reasons), longest=_LONGEST_REASON), _code(status[0]))
    if any(fold(value) in _folded(words.received) for value in status):
        return Noted()
    return Unmapped(_code(status[0]) if status else "no_number")


def _is_receipt(letter: Element, words: ReceiptWords) -> bool:
    wanted = _folded(words.relations)
    return any(
        fold(relation.attribute(name)) in wanted or fold(relation.text) in wanted
        for related in letter.walk()
        if related.name == "relatedletter"
        for relation in related.all("RelationType")
        for name in ("Name", "code")
    )


def _related(letter: Element) -> Iterator[str]:
    found = [
        key
        for related in letter.walk()
        if related.name == "relatedletterno"
        for key in keys_in(related.text[:_LONGEST_NAME])
    ]
    yield from dict.fromkeys(found)


def _pages(letter: Element) -> Iterator[str]:
    """Yield the words of the letter's own pages, where they are plain text. Broken base64 is passed over."""
    for origins in letter.all("Origins"):
        for origin in origins.all("Origin"):
            if origin.attribute("ContentType").casefold().startswith("text/plain"):
                try:
                    content = base64.b64decode("".join(origin.text.split()), validate=True)
                    yield content.decode("utf-8-sig").strip()
                except (binascii.Error, UnicodeDecodeError):
                    continue


def _short_texts(document: Element) -> Iterator[str]:
    for element in document.walk():
        yield from (
            value for value in (element.text, *element.attributes.values()) if len(value) <= _LONGEST_NAME
        )


def _values(document: Element, name: str) -> Iterator[str]:
    """Yield what stands under a name: elements' texts and attributes, and attributes of that name elsewhere."""
    wanted = name.casefold()
    for element in document.walk():
        if element.name == wanted:
            yield from (
                value.strip() for value in (element.text, *element.attributes.values()) if value.strip()
            )
        elif value := element.attribute(wanted):
            yield value


def _day(document: Element, name: str) -> date | None:
    wanted = name.casefold()
    for element in document.walk():
        text = element.text if element.name == wanted else element.attribute(wanted)
        if day := day_of(text[:_LONGEST_NAME], element.attribute("ShowAs")):
            return day
    return None


def _is_number(text: str) -> bool:
    return Registration(number=text, secretariat="").has_number


def _folded(words: Iterable[str]) -> set[str]:
    return {fold(word) for word in words}


def _code(text: str) -> str:
    return one_line(text, longest=32)
