"""Texts: what a citizen wrote arrives as it was written, or the letter is not sent at all."""

from typing import Final

from connector.domain.text import to_persian_letters
from connector.errors import ChaparError, NotPossible
from connector.testing.office_contract.bench import OfficeBench
from connector.testing.office_contract.checks import Check, demand, told
from connector.testing.office_contract.letters import (
    NASTY_PIECES,
    a_key,
    a_request,
    carried,
    entries_of,
    mark_of,
)
from connector.testing.office_contract.numbers import demand_book

__all__ = ["TEXTS"]


def _plain(bench: OfficeBench) -> None:
    outcome = told(lambda: carried(bench.connect(), a_request(bench)))
    demand_book(bench, outcome)


def _nasty(bench: OfficeBench) -> None:
    office = bench.connect()
    for position, (what, piece) in enumerate(NASTY_PIECES.items()):
        key = a_key("NASTY", position)
        request = a_request(bench, key, subject=f"{mark_of(key)} {piece}", text=f"{piece}\nسطر دو")
        outcome = told(lambda request=request: carried(office, request))  # type: ignore[misc]
        demand(
            not isinstance(outcome, ChaparError), expected=f"a letter with {what} is registered", came=outcome
        )
        (entry,) = entries_of(bench, key)
        # Which ye and kaf an office stores is its own affair.
        texts = [to_persian_letters(text) for text in entry.texts]
        demand(
            any(to_persian_letters(piece) in text for text in texts),
            expected=f"{what} arrive as they were written: {piece!r}",
            came=repr(entry.texts),
        )


def _nul(bench: OfficeBench) -> None:
    office = bench.connect()
    outcome = told(lambda: carried(office, a_request(bench, subject="م\x00ن", text="متن\x00متن")))
    demand(
        isinstance(outcome, NotPossible),
        expected="NotPossible: no office takes a character that XML 1.0 forbids, and none is left out in silence",
        came=outcome,
    )
    demand(
        not bench.entries(), expected="nothing is sent", came=f"{len(bench.entries())} entries in the book"
    )


_AT: Final = "how the adapter writes its message: no text is pasted into XML, JSON or a URL without escaping"

TEXTS: Final = (
    Check(
        name="plain_letter",
        theme="texts",
        sentence="A letter is registered, and the number is the one in the office's book.",
        sentence_fa="نامه ثبت می‌شود و شماره همان است که در دفتر دبیرخانه آمده است.",
        look_at="register: the message that it sends, and where it reads the number",
        run=_plain,
    ),
    Check(
        name="nasty_texts",
        theme="texts",
        sentence="Signs of XML, quotes, emoji, direction marks, ye and kaf arrive as they were written.",
        sentence_fa="نشانه‌های XML، نقل‌قول، شکلک، نشانه‌های جهت و «ی» و «ک» همان‌گونه که نوشته شده‌اند می‌رسند.",
        look_at=_AT,
        run=_nasty,
    ),
    Check(
        name="forbidden_character",
        theme="texts",
        sentence="A character that no XML may hold (NUL) makes the letter impossible, and nothing is sent.",
        sentence_fa="نویسه‌ای که در هیچ XML نمی‌گنجد (NUL) نامه را ناممکن می‌کند و چیزی فرستاده نمی‌شود.",
        look_at="register: refuse with NotPossible before anything is sent (connector.domain.text.forbidden_in_xml)",
        run=_nul,
    ),
)
