"""A person's word, asked for and told: what will be, why, whether to go on, and what became of it."""

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

import typer

from connector.cli.actor import acting_person
from connector.cli.deeds import Deed
from connector.cli.errors import ExitCode
from connector.cli.output import print_json, print_table, print_text
from connector.cli.quiet import quiet_log
from connector.domain.attention_words import Words
from connector.domain.text import to_persian_digits

if TYPE_CHECKING:
    from connector.cli.foretelling import OfOneOffice
    from connector.cli.word_doing import Word, WordDoing
    from connector.cli.word_many import Done
    from connector.cli.word_options import Manner, Which
    from connector.ledger.decisions import Said
    from connector.ledger.ledger import Ledger
    from connector.ledger.records import LetterFilter

__all__ = ["say_step", "say_word"]

_MOST: Final = 10_000


def say_word(
    deed: Deed,
    which: "Which",
    manner: "Manner",
    *,
    number: str | None = None,
    on: str | None = None,
    secretariat: str | None = None,
    reference: str | None = None,
    at: str | None = None,
    zeros_matter: bool = False,
    even_now: bool = False,
) -> None:
    """Say the word about one letter or many. Ends with 1 where something was not done."""
    from connector.cli.word_doing import Word
    from connector.cli.word_reading import read_day
    from connector.clock import now
    from connector.domain.calendar import local_date

    _check_manner(manner)
    word = Word(
        deed=deed,
        number=number,
        day=read_day(on, today=local_date(now())) if on is not None else None,
        secretariat=secretariat,
        reference=reference,
        at_office=at,
        zeros_matter=zeros_matter,
        even_now=even_now,
    )
    before = _filter_of(which) if which.letter is None else None
    with _doing(manner.config) as (doing, ledger):
        if which.letter is not None:
            _say_one(doing, ledger, word, which.letter, manner)
        elif before is not None:
            _say_many(doing, ledger, word, before, manner)


def say_step(letter: str, step: str, manner: "Manner", *, done: bool) -> None:
    """Settle one side step of a letter."""
    _check_manner(manner)
    with _doing(manner.config) as (_, ledger):
        letter_id = ledger.find_letter(letter)
        code = ledger.letter_row(letter_id).tracking_code
        from connector.errors import LetterUnknown

        waiting = {
            each.name: each for each in ledger.journal.side_steps_waiting() if each.letter_id == letter_id
        }
        if step not in waiting:
            names = ", ".join(waiting) or "none"
            raise LetterUnknown(
                "No such step of this letter waits for a person.",
                next_step="See which do: chapar attention",
                waiting=names,
            )
        will = (
            Words(f"The step {step} of {code} counts as done.", f"گام {step} انجام‌شده به شمار می‌آید.")
            if done
            else Words(
                f"Chapar does the step {step} of {code} again, at once. Were it done already, it is done twice.",
                f"چاپار گام {step} را بی‌درنگ دوباره انجام می‌دهد؛ اگر انجام شده باشد، دوبار می‌شود.",
            )
        )
        _tell([will], manner)
        if not manner.is_dry_run:
            said, seen = _said(manner, "Settle this step?"), waiting[step].version
            ledger.decisions.settle_step(letter_id, step, said, done=done, seen=seen)
        told = {"letter_id": letter_id, "tracking_code": code, "step": step, "is_dry_run": manner.is_dry_run}
        if manner.is_json:
            print_json(told)
        elif manner.is_dry_run:
            print_text("Nothing was changed. · چیزی تغییر نکرد.")
        else:
            print_text("Done. · انجام شد.")


def _say_one(doing: "WordDoing", ledger: "Ledger", word: "Word", letter: str, manner: "Manner") -> None:
    chosen = doing.choose(word, ledger.find_letter(letter))
    will = doing.foretold(chosen)
    _tell(will, manner)
    doing.check_time(chosen)
    row = chosen.case.row
    if not manner.is_dry_run:
        doing.do(chosen, _said(manner, "Go on? · انجام شود؟"))
    is_now = ledger.letter_row(row.letter_id)
    if manner.is_json:
        print_json(
            {
                "deed": str(chosen.word.deed),
                "letter_id": row.letter_id,
                "tracking_code": row.tracking_code,
                "was": str(row.status),
                "is": str(is_now.status),
                "number": is_now.number,
                "by": acting_person(),
                "is_dry_run": manner.is_dry_run,
                "foretold": [{"en": words.en, "fa": words.fa} for words in will],
            }
        )
    elif manner.is_dry_run:
        print_text("Nothing was changed. · چیزی تغییر نکرد.")
    else:
        from connector.cli.in_words import STATUSES

        words = STATUSES[is_now.status]
        print_text(f"Done: it is {words.en} now. · انجام شد: {words.fa}.")


def _say_many(
    doing: "WordDoing", ledger: "Ledger", word: "Word", which: "LetterFilter", manner: "Manner"
) -> None:
    from connector.cli.word_many import carry_out, foresee, of_each_office
    from connector.errors import LetterUnknown

    foreseen = foresee(doing, ledger, word, which)
    if not foreseen:
        raise LetterUnknown(
            "No letter fits this choice. Nothing was changed.",
            next_step="See which letters there are: chapar letters list, chapar attention",
        )
    offices = of_each_office(foreseen)
    _tell([each.words for each in offices], manner)
    if manner.is_dry_run:
        _print_each(word, [each.done for each in foreseen], offices, manner)
        return
    count, persian = len(foreseen), to_persian_digits(str(len(foreseen)))
    each_alone = Words(
        f"{count} letters, each on its own; --dry-run shows what would be done.",
        f"{persian} نامه؛ هر یک جداگانه. با --dry-run پیشاپیش ببینید.",
    )
    _tell([each_alone], manner)
    said = _said(manner, f"Say it of {count} letters? · {persian} نامه؟")
    _print_each(word, list(carry_out(doing, foreseen, said)), offices, manner)


def _print_each(
    word: "Word", each: "Sequence[Done]", offices: "Sequence[OfOneOffice]", manner: "Manner"
) -> None:
    counts = Counter(str(done.became) for done in each)
    if manner.is_json:
        print_json(
            {
                "deed": str(word.deed),
                "is_dry_run": manner.is_dry_run,
                "offices": [
                    {
                        "office": one.office,
                        "level": one.level,
                        "letters": one.letters,
                        "too_early": one.too_early,
                        **one.words._asdict(),
                    }
                    for one in offices
                ],
                "letters": [done.as_plain() for done in each],
                "counts": counts,
            }
        )
    else:
        rows = [
            {"code": done.tracking_code, "status": done.was, "outcome": done.became, "detail": done.sentence}
            for done in each
        ]
        print_table(("code", "status", "outcome", "detail"), rows)
        print_text(", ".join(f"{number} {outcome}" for outcome, number in sorted(counts.items())) + ".")
    if counts.keys() - {"done", "would_be_done"}:
        raise typer.Exit(ExitCode.FAILED)


def _check_manner(manner: "Manner") -> None:
    from connector.cli.word_reading import is_terminal, read_reason

    if manner.reason is not None:
        read_reason(manner.reason)
    if manner.is_dry_run or is_terminal():
        return
    if manner.reason is None:
        raise typer.BadParameter("Say why.", param_hint="--reason")
    if not manner.is_sure:
        raise typer.BadParameter("Nobody is there to be asked: add --yes, or look with --dry-run.")


def _said(manner: "Manner", question: str) -> "Said":
    from connector.cli.word_reading import ask_reason, confirm, read_reason
    from connector.ledger.decisions import Said

    reason = read_reason(manner.reason) if manner.reason is not None else ask_reason()
    if not manner.is_sure and not confirm(question):
        typer.echo("Nothing was changed. · چیزی تغییر نکرد.", err=True)
        raise typer.Exit(ExitCode.FAILED)
    return Said(by=acting_person(), reason=reason)


def _tell(will: "Sequence[Words]", manner: "Manner") -> None:
    """Say what will be: beside the one JSON document only where somebody is asked whether to go on."""
    if manner.is_json and (manner.is_sure or manner.is_dry_run):
        return
    for words in will:
        print_text(words.en, is_aside=manner.is_json)
        print_text(f"  {words.fa}", is_aside=manner.is_json)


def _filter_of(which: "Which") -> "LetterFilter":
    from connector.clock import now
    from connector.ledger.records import LetterFilter
    from connector.settings.quantities import read_duration

    try:
        before = now() - read_duration(which.older_than) if which.older_than else None
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--older-than") from None
    return LetterFilter(
        statuses=which.statuses,
        office=which.office,
        portal=which.portal,
        older_than=before,
        last_reason=which.reason_was,
        limit=which.limit or _MOST,
    )


@contextmanager
def _doing(config: Any) -> "Iterator[tuple[WordDoing, Ledger]]":
    """Open the ledger for writing beside a daemon, with the outbox as the configuration has it."""
    from connector.assembly.ledger import must_share_the_time, open_settings_ledger
    from connector.assembly.standing import standing
    from connector.cli.word_doing import WordDoing
    from connector.settings.load import find_file, load_settings

    quiet_log()
    settings = load_settings(find_file(config))
    known = standing(settings)
    for name in known.not_built:
        typer.echo(f"Note: {name} cannot be built from the configuration: chapar check says why.", err=True)
    ledger = open_settings_ledger(settings, policy=known.policy)
    try:
        must_share_the_time(ledger)
        yield WordDoing(settings, ledger, known), ledger
    finally:
        ledger.close()
