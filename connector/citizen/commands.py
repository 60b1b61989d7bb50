"""What a message of a citizen asks for: read forgivingly, decided by tables, pure."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from connector.citizen.command_words import (
    FILLERS,
    HELP,
    MARK,
    NUMBERS,
    OF_FIVE,
    OPT_IN,
    OPT_OUT,
    STARS,
    STATUS,
    WITH_COMMAND,
)
from connector.domain.letter import Language
from connector.domain.text import fold
from connector.domain.tracking_code import parse_tracking_code

__all__ = ["Command", "CommandKind", "language_of", "read_command"]

_CODE_LENGTH: Final = 15
_NEARLY_A_CODE: Final = range(13, 18)
"""A digit or two too few or too many: somebody meant a tracking code. Eleven are a mobile, ten a national id."""
_LONGEST: Final = 4000
_MOST_TOKENS: Final = 400

_WORDS: Final = re.compile(r"[^\W\d_]+|[0-9]+")
_LETTERS: Final = re.compile(r"[^\W\d_]+")
_DIGITS: Final = re.compile(r"[0-9]+")
_NOTHING: Final = re.compile(r"[\u200c\ufe0e\ufe0f\u20e3]")
"""Joiners, and the marks that make a digit into a picture of one."""
_PERSIAN: Final = re.compile(r"[\u0600-\u06ff\u0750-\u077f\ufb50-\ufdff\ufe70-\ufefc]")
_LATIN: Final = re.compile(r"[A-Za-z]")


class CommandKind(StrEnum):
    """What a message asks for."""

    STATUS = "status"
    MISTYPED = "mistyped"
    """A tracking code was meant, and what was sent is none."""
    OPT_OUT = "opt_out"
    OPT_IN = "opt_in"
    MARK = "mark"
    HELP = "help"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Command:
    """One command."""

    kind: CommandKind
    code: str = ""
    """The tracking code of a question for status."""
    mark: int = 0
    """1 to 5."""


def read_command(text: str) -> Command:
    """Return what a message asks for. Nothing that a citizen may write raises an error.

    A tracking code is found anywhere in a message, with whatever is written around it. Every other command must be the
    whole message, but for words that mean nothing: who only mentions such a word is not obeyed.
    """
    folded = fold(_NOTHING.sub("", text[:_LONGEST]))
    code = next(_codes(folded), None)
    if code is not None:
        return Command(CommandKind.STATUS, code=code)
    words = _WORDS.findall(folded)[:_MOST_TOKENS]
    if _is_nearly_a_code(folded, words):
        return Command(CommandKind.MISTYPED)
    said = [word for word in words if word not in FILLERS]
    if not said:
        return _starred(folded)
    for kind, known in ((CommandKind.OPT_OUT, OPT_OUT), (CommandKind.OPT_IN, OPT_IN)):
        if _consists_of(said, known, WITH_COMMAND):
            return Command(kind)
    if _consists_of(said, HELP | STATUS, frozenset()):
        return Command(CommandKind.HELP)
    mark = _mark(said)
    return Command(CommandKind.MARK, mark=mark) if mark else Command(CommandKind.NONE)


def language_of(text: str) -> Language:
    """Return the tongue to answer in, by the letters of the question; digits alone are taken for Persian."""
    is_english = _LATIN.search(text) is not None and _PERSIAN.search(text) is None
    return Language.EN if is_english else Language.FA


def _codes(folded: str) -> Iterator[str]:
    """Yield the valid tracking codes: fifteen digits in a row, whatever but letters stands between them."""
    for stretch in _LETTERS.split(folded):
        tokens = _DIGITS.findall(stretch)[:_MOST_TOKENS]
        for start in range(len(tokens)):
            joined = ""
            for token in tokens[start:]:
                joined += token
                if len(joined) >= _CODE_LENGTH:
                    break
            try:
                yield parse_tracking_code(joined)
            except ValueError:
                continue


def _is_nearly_a_code(folded: str, words: Sequence[str]) -> bool:
    counts = [len("".join(_DIGITS.findall(stretch))) for stretch in _LETTERS.split(folded)]
    if any(count in _NEARLY_A_CODE for count in counts):
        return True
    return any(counts) and not STATUS.isdisjoint(words) and not set(words) & MARK


def _consists_of(said: Sequence[str], known: frozenset[str], beside: frozenset[str]) -> bool:
    return not known.isdisjoint(said) and all(word in known or word in beside for word in said)


def _mark(said: Sequence[str]) -> int:
    """Return the mark that is given, 0 where none is: 4, چهار, نمره ۴, 4 of 5, 4/5."""
    given = [word for word in said if word not in MARK and word not in OF_FIVE]
    if len(given) == 2 and given[1] == "5":
        given = given[:1]
    return NUMBERS.get(given[0], 0) if len(given) == 1 else 0


def _starred(folded: str) -> Command:
    """Return the mark of a message of one to five stars and nothing else."""
    shown = [letter for letter in folded if not letter.isspace()]
    stars = len(shown) if shown and all(letter in STARS for letter in shown) else 0
    return (
        Command(CommandKind.MARK, mark=stars)
        if 1 <= stars <= len(set(NUMBERS.values()))
        else Command(CommandKind.NONE)
    )
