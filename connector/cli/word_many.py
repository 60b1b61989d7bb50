"""A person's word about many letters: foreseen for all of them, then carried out on each, one after the other."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from connector.cli.deeds import FITS, NAMED_ALONE
from connector.cli.foretelling import foretold_of_many
from connector.domain.attention_words import Words
from connector.domain.lifecycle import Status
from connector.errors import LedgerError, LedgerUnavailable, LetterMoved

if TYPE_CHECKING:
    from connector.cli.foretelling import OfOneOffice
    from connector.cli.word_doing import Chosen, Word, WordDoing
    from connector.ledger.decisions import Said
    from connector.ledger.ledger import Ledger
    from connector.ledger.records import LetterFilter, LetterRow

__all__ = ["Became", "Done", "Foreseen", "carry_out", "foresee", "of_each_office"]


class Became(StrEnum):
    """What became of the word on one letter."""

    WOULD_BE_DONE = "would_be_done"
    DONE = "done"
    MOVED = "moved"
    TOO_EARLY = "too_early"
    FAILED = "failed"


@dataclass(frozen=True, kw_only=True, slots=True)
class Done:
    """One letter of many, and what became of the word."""

    letter_id: str
    tracking_code: str
    was: Status
    became: Became
    sentence: str = ""
    foretold: tuple[Words, ...] = ()

    def as_plain(self) -> dict[str, Any]:
        """Return it as plain values, with everything that was said beforehand in both tongues."""
        return {
            "letter_id": self.letter_id,
            "tracking_code": self.tracking_code,
            "was": self.was,
            "became": self.became,
            "sentence": self.sentence,
            "foretold": [{"en": words.en, "fa": words.fa} for words in self.foretold],
        }


@dataclass(frozen=True, slots=True)
class Foreseen:
    """One letter as it was looked at, with what the word would become of it."""

    done: Done
    chosen: "Chosen | None" = None
    """None where the word does not fit the letter."""


def foresee(doing: "WordDoing", ledger: "Ledger", word: "Word", which: "LetterFilter") -> list[Foreseen]:
    """Return what the word would do to each letter that the filter shows and it may fit, oldest first. Only looks."""
    statuses = which.statuses or FITS[word.deed] - NAMED_ALONE
    rows = ledger.letters(replace(which, statuses=statuses))
    return [_foreseen(doing, word, row) for row in reversed(rows)]


def of_each_office(foreseen: Sequence[Foreseen]) -> "list[OfOneOffice]":
    """Return what is to be said before many letters are settled: once for each office and what happens there."""
    chosen = [each.chosen for each in foreseen if each.chosen is not None]
    return list(foretold_of_many([(each.word.deed, each.case) for each in chosen]))


def carry_out(doing: "WordDoing", foreseen: Sequence[Foreseen], said: "Said") -> Iterator[Done]:
    """Yield what becomes of each letter, as the person saw it: one that has moved since is left alone.

    Each letter is a transaction of its own. Raise LedgerUnavailable when the ledger goes away in between.
    """
    for each in foreseen:
        if each.chosen is None:
            yield each.done
            continue
        became, sentence = _became(doing, each.chosen, said)
        yield replace(each.done, became=became, sentence=sentence)


def _foreseen(doing: "WordDoing", word: "Word", row: "LetterRow") -> Foreseen:
    def done(became: Became, sentence: str, will: tuple[Words, ...] = ()) -> Done:
        return Done(
            letter_id=row.letter_id,
            tracking_code=row.tracking_code,
            was=row.status,
            became=became,
            sentence=sentence,
            foretold=will,
        )

    try:
        chosen = doing.choose(word, row.letter_id)
        will = tuple(doing.foretold(chosen))
        try:
            doing.check_time(chosen)
        except LedgerError as early:
            return Foreseen(done(Became.TOO_EARLY, early.sentence, will), chosen)
        return Foreseen(done(Became.WOULD_BE_DONE, will[1].en, will), chosen)
    except LedgerUnavailable:
        raise
    except LetterMoved as moved:
        return Foreseen(done(Became.MOVED, moved.sentence))
    except LedgerError as error:
        return Foreseen(done(Became.FAILED, error.sentence))


def _became(doing: "WordDoing", chosen: "Chosen", said: "Said") -> tuple[Became, str]:
    try:
        try:
            doing.check_time(chosen)
        except LedgerError as early:
            return Became.TOO_EARLY, early.sentence
        doing.do(chosen, said)
    except LedgerUnavailable:
        raise
    except LetterMoved as moved:
        return Became.MOVED, moved.sentence
    except LedgerError as error:
        return Became.FAILED, error.sentence
    return Became.DONE, ""
